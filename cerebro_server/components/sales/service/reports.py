"""What is counted of deals, in one statement each and in exact numbers: what the caller may not see
is not counted, and what is of different currencies is added up in the base currency alone."""

from __future__ import annotations

from typing import Literal

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.sales.reports import (
    ForecastReport,
    ForecastSum,
    PipelineReport,
    PipelineSum,
    StageTime,
    TimeInStageReport,
    WinRate,
    WinRateReport,
)
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, Invalid, closest
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.reader import Selection

Period = Literal["month", "quarter"]
_SUMS = (
    "count(t.id), count(t.id) filter (where t.amount is null), "
    "round(coalesce(sum(t.amount), 0), 2), round(coalesce(sum(case t.status when 'won' "
    "then t.amount when 'open' then t.weighted_amount end), 0), 4), "
    "count(t.id) filter (where t.amount is not null and t.rate is null), "
    "round(coalesce(sum(t.base_amount), 0), 2), round(coalesce(sum(case t.status when 'won' "
    "then t.base_amount when 'open' then t.weighted_base_amount end), 0), 4)"
)
_SUM_NAMES = (
    *("currency", "count", "without_amount", "amount", "weighted"),
    *("without_rate", "base_amount", "base_weighted"),
)
_MRR = "round(coalesce(sum(t.mrr), 0), 2), round(coalesce(sum(t.base_mrr), 0), 2)"
_PERIODS = {"month": "YYYY-MM", "quarter": 'YYYY-"Q"Q'}
_LADDER = "pipelines p join stages s on s.pipeline_id = p.id"
_IN_ORDER = "p.is_default desc, p.position, p.id, s.position, s.id"
_STAGE = ("pipeline_id", "pipeline", "stage_id", "stage", "label")


async def pipeline(context: Context, where: str | None) -> PipelineReport:
    """Sum up the deals in each stage; stages without any are there, too.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    _must_see(context, "amount", "probability", "currency", "status", "stage_id")
    _must_see(context, "base_amount", "weighted_base_amount")
    fits = reader.filtered(context, deals, Selection(where=where))
    rows = await context.read(
        Sql(
            "select p.id, p.name, s.id, s.key, s.label, s.type, t.currency, "
            f"{_SUMS} from {_LADDER} left join deals t on t.stage_id = s.id and {fits.text} "
            "where p.deleted_at is null and s.deleted_at is null "
            "group by p.id, s.id, t.currency "
            f"order by {_IN_ORDER}, t.currency",
            fits.params,
        )
    )
    names = (*_STAGE, "status", *_SUM_NAMES)
    return PipelineReport(items=[PipelineSum(**dict(zip(names, r, strict=True))) for r in rows])


async def forecast(context: Context, where: str | None, *, by: Period) -> ForecastReport:
    """Sum up what is open and won by category and the month or quarter in which it closes.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    _must_see(context, "amount", "probability", "currency", "status")
    _must_see(context, "forecast_category", "expected_close", "closed_at")
    _must_see(context, "base_amount", "weighted_base_amount", "mrr", "base_mrr")
    fits = reader.filtered(context, deals, Selection(where=where))
    rows = await context.read(
        Sql(
            "select to_char(case t.status when 'won' then (t.closed_at at time zone 'UTC')::date "
            "else t.expected_close end, %s) as period, t.forecast_category, t.currency, "
            f"{_SUMS}, {_MRR} "
            f"from deals t where t.status <> 'lost' and {fits.text} "
            "group by 1, t.forecast_category, t.currency "
            "order by 1 nulls last, array_position(array['closed', 'commit', 'best_case', "
            "'pipeline', 'omitted'], t.forecast_category::text), t.currency",
            (_PERIODS[by], *fits.params),
        )
    )
    names = ("period", "category", *_SUM_NAMES, "mrr", "base_mrr")
    return ForecastReport(items=[ForecastSum(**dict(zip(names, r, strict=True))) for r in rows])


async def time_in_stage(context: Context, where: str | None) -> TimeInStageReport:
    """Say how long deals that fit stay in each stage, and how those end that were in it.

    Needs `deal_stages:read`, and counts the deals that may be read. Raises `InvalidQuery`.
    """
    context.actor.require("deals:read")
    _must_see(context, "status")
    fits = reader.filtered(context, deals, Selection(where=where))
    stays = Sql.both(Sql("true"), *reader.readable(context, deal_stages))
    rows = await context.read(
        Sql(
            f"with fitting as (select t.id, t.status from deals t where {fits.text}), "
            "stays as (select t.to_stage_id, t.deal_id, t.left_at, t.duration_seconds, f.status "
            f"from deal_stages t join fitting f on f.id = t.deal_id where {stays.text}) "
            "select p.id, p.name, s.id, s.key, s.label, count(distinct y.deal_id), "
            "count(y.deal_id) filter (where y.left_at is null), count(y.left_at), "
            "coalesce(sum(y.duration_seconds), 0), round(avg(y.duration_seconds), 3), "
            "max(y.duration_seconds), count(distinct y.deal_id) filter (where y.status = 'won'), "
            "count(distinct y.deal_id) filter (where y.status = 'lost') "
            f"from {_LADDER} left join stays y on y.to_stage_id = s.id "
            "where p.deleted_at is null and s.deleted_at is null group by p.id, s.id "
            f"order by {_IN_ORDER}",
            (*fits.params, *stays.params),
        )
    )
    times = ("total_seconds", "average_seconds", "longest_seconds")
    names = (*_STAGE, "deals", "here", "stays", *times, "won", "lost")
    return TimeInStageReport(items=[StageTime(**dict(zip(names, r, strict=True))) for r in rows])


async def win_rate(context: Context, where: str | None, *, by: str) -> WinRateReport:
    """Count how deals end by the values of a field, one of the workspace's own among them.

    Needs `deals:read`. Raises `InvalidQuery`, and `Invalid` for a field that there is not.
    """
    _must_see(context, "status")
    value = _grouped(context, by)
    fits = reader.filtered(context, deals, Selection(where=where))
    rows = await context.read(
        Sql(
            f"select ({value.text})::text, count(*) filter (where t.status = 'open'), "
            "count(*) filter (where t.status = 'won'), count(*) filter (where t.status = 'lost'), "
            "round(count(*) filter (where t.status = 'won')::numeric "
            "/ nullif(count(*) filter (where t.status <> 'open'), 0), 4) "
            f"from deals t where {fits.text} group by 1 order by count(*) desc, 1",
            fits.params,
        )
    )
    names = ("value", "open", "won", "lost", "rate")
    return WinRateReport(items=[WinRate(**dict(zip(names, r, strict=True))) for r in rows])


def _must_see(context: Context, *names: str) -> None:
    """Refuse sums that would tell what a rule hides from the caller."""
    context.actor.require("deals:read")
    shown = context.seen(deals)
    if closed := [name for name in names if not shown.shows(name)]:
        said = f"The report tells of {', '.join(closed)}, which you may not see of deals."
        raise Forbidden(said, permission="deals:read")


def _grouped(context: Context, by: str) -> Sql:
    """Return the field to group by."""
    fields = context.seen(deals).fields
    single = {n: f for n, f in fields.items() if f.filterable and f.kind is not Kind.KEYS}
    if by not in single:
        known = ", ".join(sorted(single))
        raise Invalid(
            f"There is no field {by!r} to group deals by; there are: {known}.",
            errors=[{"parameter": "by", "code": "unknown_field", "detail": f"Known: {known}."}],
            suggestion=closest(by, single),
        )
    return Sql(single[by].sql)
