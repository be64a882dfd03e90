"""How deals end: how many are won, how long that takes, and why others are lost."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.report_rows import (
    CohortCell,
    CohortReport,
    CycleReport,
    CycleTime,
    EndReason,
    ReasonsReport,
)
from cerebro_sdk.schemas.sales.reports import WinRate, WinRateReport
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    CYCLE,
    DEALS,
    PERIODS,
    Asked,
    Period,
)
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql

_MONTHS = (
    "case when t.closed_at is not null then "
    "greatest(((extract(year from t.closed_at at time zone 'UTC') "
    "- extract(year from t.opened_at at time zone 'UTC')) * 12 "
    "+ extract(month from t.closed_at at time zone 'UTC') "
    "- extract(month from t.opened_at at time zone 'UTC'))::integer, 0) end"
)
"""From the month in which a deal was opened to the one in which it was closed."""
_RANKED = "array_agg(c.seconds order by c.seconds)"
_MEDIAN = (
    f"(({_RANKED})[(count(*)::integer + 1) / 2] + ({_RANKED})[count(*)::integer / 2 + 1]) / 172800"
)
"""In days, of those ordered the middle one, or the mean of both in the middle."""


async def win_rate(context: Context, asked: Asked, *, by: str) -> WinRateReport:
    """Count how deals end by the values of a field, one of the workspace's own among them.

    Needs `deals:read`. Raises `InvalidQuery`, and `Invalid` for a field that there is not.
    """
    asking.must_see(context, "status")
    value = asking.grouped(context, by)
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"select {value.text}, count(*) filter (where t.status = 'open'), "
            "count(*) filter (where t.status = 'won'), count(*) filter (where t.status = 'lost'), "
            "round(count(*) filter (where t.status = 'won')::numeric "
            "/ nullif(count(*) filter (where t.status <> 'open'), 0), 4) "
            f"from {DEALS} where {fits.text} group by 1 order by count(*) desc, 1",
            (*value.params, *fits.params),
        ),
    )
    names = ("value", "open", "won", "lost", "rate")
    return WinRateReport(items=[WinRate(**dict(zip(names, r, strict=True))) for r in rows])


async def cycle(context: Context, asked: Asked, *, by: str | None) -> CycleReport:
    """Say how many days deals took from their opening until they were won or lost.

    Needs `deals:read`. Raises `InvalidQuery`, and `Invalid` for a field that there is not.
    """
    asking.must_see(context, "status", "opened_at", "closed_at")
    value = asking.grouped(context, by)
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"with closed as (select {value.text} as value, t.status, {CYCLE} as seconds "
            f"from {DEALS} where t.closed_at is not null and {fits.text}) "
            "select c.value, c.status, count(*), round(sum(c.seconds) / (count(*) * 86400), 2), "
            f"round({_MEDIAN}, 2), round(min(c.seconds) / 86400, 2), "
            "round(max(c.seconds) / 86400, 2) from closed c group by c.value, c.status "
            "order by sum(count(*)) over (partition by c.value) desc, c.value, c.status desc",
            (*value.params, *fits.params),
        ),
    )
    days = ("average_days", "median_days", "shortest_days", "longest_days")
    names = ("value", "status", "count", *days)
    return CycleReport(items=[CycleTime(**dict(zip(names, r, strict=True))) for r in rows])


async def reasons(context: Context, asked: Asked, *, by: str | None) -> ReasonsReport:
    """Say how closed deals ended: won, or lost for which reason.

    Needs `deals:read`. Raises `InvalidQuery`, and `Invalid` for a field that there is not.
    """
    asking.must_see(context, "status", "lost_reason_id", "amount", "currency")
    value = asking.grouped(context, by)
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"with closed as (select {value.text} as value, t.status, t.lost_reason_id, "
            f"t.currency, t.amount from {DEALS} where t.status <> 'open' and {fits.text}) "
            "select c.value, c.status, r.id, r.name, c.currency, count(*), "
            "count(*) filter (where c.amount is null), round(coalesce(sum(c.amount), 0), 2), "
            "round(count(*)::numeric / sum(count(*)) over (partition by c.value), 4) "
            'from closed c left join "lost_reasons" r on r.id = c.lost_reason_id '
            "group by c.value, c.status, r.id, r.name, c.currency "
            "order by sum(count(*)) over (partition by c.value) desc, c.value, c.status desc, "
            "sum(count(*)) over (partition by c.value, r.id) desc, r.name, c.currency",
            (*value.params, *fits.params),
        ),
    )
    why = ("value", "status", "lost_reason_id", "reason")
    names = (*why, "currency", "count", "without_amount", "amount", "share")
    return ReasonsReport(items=[EndReason(**dict(zip(names, r, strict=True))) for r in rows])


async def cohort(context: Context, asked: Asked, *, by: Period) -> CohortReport:
    """Say of the deals opened in one month or quarter how many were won after how many months.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    asking.must_see(context, "status", "opened_at", "closed_at", "amount", "currency")
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            "with fitting as (select to_char(t.opened_at at time zone 'UTC', %s) as cohort, "
            f"t.currency, t.status, t.amount, {_MONTHS} as months "
            f"from {DEALS} where {fits.text}), "
            "cells as (select f.cohort, f.currency, f.months, count(*) as count, "
            "count(*) filter (where f.status = 'won') as won, "
            "count(*) filter (where f.status = 'lost') as lost, "
            "round(coalesce(sum(f.amount) filter (where f.status = 'won'), 0), 2) as amount "
            "from fitting f group by 1, 2, 3) "
            "select c.cohort, c.currency, c.months, sum(c.count) over whole, c.won, c.lost, "
            "c.amount, round(c.won / sum(c.count) over whole, 4), "
            "round(sum(c.won) over (whole order by c.months nulls last) "
            "/ sum(c.count) over whole, 4) from cells c "
            "window whole as (partition by c.cohort, c.currency) "
            "order by c.cohort, c.currency, c.months nulls last",
            (PERIODS[by], *fits.params),
        ),
    )
    told = ("deals", "won", "lost", "amount", "rate", "rate_so_far")
    names = ("cohort", "currency", "months", *told)
    return CohortReport(items=[CohortCell(**dict(zip(names, r, strict=True))) for r in rows])
