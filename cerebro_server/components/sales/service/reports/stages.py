"""How deals go through stages: how long they stay, and how far they come."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.report_rows import FunnelReport, FunnelStage
from cerebro_sdk.schemas.sales.reports import StageTime, TimeInStageReport
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    DEALS,
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
            "by_deal as (select t.to_stage_id, t.deal_id, f.status, count(*) as count, "
            "count(t.left_at) as left, sum(t.duration_seconds) as total, "
            "max(t.duration_seconds) as longest "
            f"from {STAYS} join fitting f on f.id = t.deal_id where {stays.text} "
            "group by 1, 2, 3), "
            "stays as (select y.to_stage_id, count(*) as deals, sum(y.count - y.left) as here, "
            "sum(y.left) as stays, sum(y.total) as total, max(y.longest) as longest, "
            "count(*) filter (where y.status = 'won') as won, "
            "count(*) filter (where y.status = 'lost') as lost from by_deal y group by 1) "
            "select p.id, p.name, s.id, s.key, s.label, coalesce(y.deals, 0), "
            "coalesce(y.here, 0), coalesce(y.stays, 0), coalesce(y.total, 0), "
            "round(y.total / nullif(y.stays, 0), 3), y.longest, coalesce(y.won, 0), "
            f"coalesce(y.lost, 0) from {LADDER} left join stays y on y.to_stage_id = s.id "
            "where p.deleted_at is null and s.deleted_at is null "
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
    "select y.deal_id, y.status, r.pipeline_id, r.id as stage_id, r.rank, min(y.number) as first, "
    "max(y.number) as last from stays y join ranked r on r.id = y.to_stage_id "
    "group by 1, 2, 3, 4, 5"
)
"""Each stage that a deal was in, with the first and the last of its stays there."""
_FURTHER = (
    "select x.deal_id, x.status, x.pipeline_id, x.stage_id, x.rank, "
    "max(x.last) over beyond > x.first as went_on, lag(x.rank) over beyond is null as is_top "
    "from steps x window beyond as (partition by x.deal_id, x.pipeline_id order by x.rank desc "
    "rows between unbounded preceding and 1 preceding)"
)
"""Whether a deal was in a stage beyond after it first came into this one, and whether it was ever
in one."""


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
            f"ranked as ({_RANKED}), steps as ({_STEPS}), further as ({_FURTHER}), "
            "entered as (select x.stage_id, count(*) as count, "
            "count(*) filter (where x.went_on) as went_on, "
            "count(*) filter (where x.is_top) as tops, "
            "count(*) filter (where x.status = 'won') as won from further x group by 1), "
            "reached as (select r.id, r.rank, coalesce(sum(e.tops) over (partition by "
            "r.pipeline_id order by r.rank desc), 0) as count from ranked r "
            "left join entered e on e.stage_id = r.id), "
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
