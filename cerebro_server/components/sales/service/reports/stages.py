"""How deals go through stages: how long they stay, and how far they come."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.report_rows import FunnelReport, FunnelStage
from cerebro_sdk.schemas.sales.reports import StageTime, TimeInStageReport
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    DEALS,
    EACH_STAGE,
    IN_ORDER,
    LADDER,
    STAGE,
    STAYS,
    Asked,
)
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql


async def time_in_stage(context: Context, asked: Asked) -> TimeInStageReport:
    """Say how long deals that fit stay in each stage, and how those end that were in it.

    Needs `deal_stages:read`, and counts the deals that may be read. Raises `InvalidQuery`.
    """
    asking.must_see(context, "status")
    fits = asking.fitting(context, asked)
    stays = asking.readable_stays(context)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"with fitting as (select t.id, t.status from {DEALS} where {fits.text}), "
            "stays as (select t.to_stage_id, t.deal_id, t.left_at, t.duration_seconds, f.status "
            f"from {STAYS} join fitting f on f.id = t.deal_id where {stays.text}) "
            "select p.id, p.name, s.id, s.key, s.label, count(distinct y.deal_id), "
            "count(y.deal_id) filter (where y.left_at is null), count(y.left_at), "
            "coalesce(sum(y.duration_seconds), 0), round(avg(y.duration_seconds), 3), "
            "max(y.duration_seconds), count(distinct y.deal_id) filter (where y.status = 'won'), "
            "count(distinct y.deal_id) filter (where y.status = 'lost') "
            f"from {LADDER} left join stays y on y.to_stage_id = s.id "
            "where p.deleted_at is null and s.deleted_at is null "
            f"group by {EACH_STAGE} "
            f"order by {IN_ORDER}",
            (*fits.params, *stays.params),
        ),
    )
    times = ("total_seconds", "average_seconds", "longest_seconds")
    names = (*STAGE, "deals", "here", "stays", *times, "won", "lost")
    return TimeInStageReport(items=[StageTime(**dict(zip(names, r, strict=True))) for r in rows])


_RANKED = (
    "select s.id, s.pipeline_id, row_number() over (partition by s.pipeline_id "
    "order by s.type = 'won', s.position, s.id) as rank from \"stages\" s where s.type <> 'lost'"
)
"""Stages in the order in which a deal goes through them; to be lost is no step."""
_STEPS = (
    "select y.deal_id, y.status, r.pipeline_id, r.id as stage_id, r.rank, "
    "max(r.rank) over (partition by y.deal_id, r.pipeline_id order by y.number "
    "rows between current row and unbounded following) as furthest "
    "from stays y join ranked r on r.id = y.to_stage_id"
)
"""Each stay, with the furthest stage that the deal came into from then on."""


async def funnel(context: Context, asked: Asked) -> FunnelReport:
    """Say of each stage how many deals came into it, went on, and were lost from there.

    Needs `deal_stages:read`, and counts the deals that may be read. Raises `InvalidQuery`.
    """
    asking.must_see(context, "status", "pipeline_id", "stage_id", "last_open_stage_id")
    fits, seen = asking.fitting(context, asked), asking.readable_stays(context)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            "with fitting as (select t.id, t.status, t.last_open_stage_id as last_stage_id "
            f"from {DEALS} where {fits.text}), "
            "stays as (select t.deal_id, t.to_stage_id, f.status, row_number() over (partition by "
            "t.deal_id order by t.entered_at, t.left_at nulls last, t.id) as number "
            f"from {STAYS} join fitting f on f.id = t.deal_id where {seen.text}), "
            f"ranked as ({_RANKED}), steps as materialized ({_STEPS}), "
            "tops as (select o.pipeline_id, o.top, count(*) as count from ("
            "select x.deal_id, x.pipeline_id, max(x.rank) as top from steps x group by 1, 2) o "
            "group by 1, 2), "
            "reached as (select r.id, r.rank, coalesce(sum(o.count), 0) as count from ranked r "
            "left join tops o on o.pipeline_id = r.pipeline_id and o.top >= r.rank group by 1, 2), "
            "entered as (select x.stage_id, count(distinct x.deal_id) as count, "
            "count(distinct x.deal_id) filter (where x.furthest > x.rank) as went_on, "
            "count(distinct x.deal_id) filter (where x.status = 'won') as won "
            "from steps x group by 1), "
            "losses as (select f.last_stage_id, count(*) as count from fitting f "
            "where f.status = 'lost' group by 1) "
            "select p.id, p.name, s.id, s.key, s.label, s.type, h.count, "
            "round(h.count / nullif(lag(h.count) over (partition by p.id order by h.rank), 0), 4), "
            "coalesce(e.count, 0), coalesce(e.went_on, 0), "
            "case when s.type = 'open' then round(e.went_on::numeric / e.count, 4) end, "
            "coalesce(l.count, 0), coalesce(e.won, 0) "
            f"from {LADDER} join reached h on h.id = s.id "
            "left join entered e on e.stage_id = s.id left join losses l on l.last_stage_id = s.id "
            "where p.deleted_at is null and s.deleted_at is null "
            "order by p.is_default desc, p.position, p.id, h.rank",
            (*fits.params, *seen.params),
        ),
    )
    told = ("reached", "conversion", "entered", "went_on", "rate", "lost", "won")
    names = (*STAGE, "status", *told)
    return FunnelReport(items=[FunnelStage(**dict(zip(names, r, strict=True))) for r in rows])
