"""A forecast beside the one of an earlier day, and why they differ: each deal for one reason, so
that the reasons add up to the difference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from cerebro_sdk.schemas.sales.report_rows import (
    ForecastCause,
    ForecastChange,
    ForecastChangesReport,
)
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    DAY,
    DEALS,
    PERIODS,
    Asked,
    Period,
)
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.records import past

_SAME: Final = "same"
_CAUSE: Final = f"""case
    when b.id is null then 'new'
    when not b.fits then 'entered'
    when a.id is null or not a.fits then 'left'
    when a.status = 'lost' then 'lost'
    when a.status = 'won' and b.status <> 'won' then 'won'
    when a.status = 'open' and b.status <> 'open' then 'reopened'
    when a.period is distinct from b.period then case
        when coalesce(a.day, 'infinity') < coalesce(b.day, 'infinity') then 'pulled_in'
        else 'pushed_out' end
    when a.currency <> b.currency then 'currency'
    when a.category <> b.category then 'category'
    when a.amount <> b.amount then case
        when a.amount > b.amount then 'amount_up' else 'amount_down' end
    when a.weighted <> b.weighted then 'probability'
    else '{_SAME}' end"""
"""Why a deal counts otherwise than before: the first of these that is true."""
_ORDER: Final = (
    *("new", "entered", "reopened", "won", "lost", "left", "pulled_in", "pushed_out"),
    *("currency", "category", "amount_up", "amount_down", "probability"),
)
_CATEGORIES: Final = "array['closed', 'commit', 'best_case', 'pipeline', 'omitted']"


async def forecast_changes(
    context: Context, asked: Asked, *, since: str, by: Period
) -> ForecastChangesReport:
    """Compare a forecast with that of a moment before, and say why it changed.

    Needs `deals:read`. Raises `InvalidQuery`, `Invalid` for a moment that there is not, and
    `Forbidden` where amounts are hidden.
    """
    asking.must_see(context, "amount", "probability", "currency", "status")
    asking.must_see(context, "forecast_category", "expected_close", "closed_at")
    before = await past.seen_at(context, deals, since, parameter="since")
    after = await past.seen_at(context, deals, asked.as_of)
    if before is not None and after is not None and before.is_after(after):
        said = f"since ({before.text}) lies after as_of ({after.text}): the earlier one is `since`."
        error = {"parameter": "since", "code": "after_as_of", "detail": said}
        raise Invalid(said, errors=[error])
    side = _side(context, asked, by)
    sides = [past.told_at(context, deals, then, side) for then in (before, after)]
    rows = await context.read(
        Sql(
            f"with before as ({sides[0].text}), after as ({sides[1].text}), "
            f"pairs as (select coalesce(a.id, b.id) as id, {_CAUSE} as cause, "
            "b.counts as then_counts, b.period as then_period, b.category as then_category, "
            "b.currency as then_currency, b.amount as then_amount, b.weighted as then_weighted, "
            "a.counts, a.period, a.category, a.currency, a.amount, a.weighted "
            "from before b full join after a on a.id = b.id where b.counts or a.counts), "
            "cells as (select p.id, p.cause, p.then_period as period, p.then_category as category, "
            "p.then_currency as currency, 1 as then_count, p.then_amount, p.then_weighted, "
            "0 as count, 0 as amount, 0 as weighted from pairs p where p.then_counts "
            "union all select p.id, p.cause, p.period, p.category, p.currency, 0, 0, 0, 1, "
            "p.amount, p.weighted from pairs p where p.counts) "
            "select c.period, c.category, c.currency, c.cause, count(distinct c.id), "
            "sum(c.then_count), sum(c.count), round(sum(c.then_amount), 2), "
            "round(sum(c.amount), 2), round(sum(c.then_weighted), 4), round(sum(c.weighted), 4) "
            "from cells c group by c.period, c.category, c.currency, c.cause "
            f"order by c.period nulls last, array_position({_CATEGORIES}, c.category::text), "
            "c.currency, array_position(%s, c.cause)",
            (*sides[0].params, *sides[1].params, [*_ORDER, _SAME]),
        )
    )
    return ForecastChangesReport(items=[*_changes(rows)])


def _side(context: Context, asked: Asked, by: Period) -> Sql:
    """Return the query for what each deal adds to the forecast of a moment, and whether it does."""
    fits = asking.fitting(context, asked)
    fit = Sql(f"({fits.text}) is true", fits.params)
    return Sql(
        f"select t.id, {fit.text} as fits, {fit.text} and t.status <> 'lost' as counts, "
        f"t.status::text, {DAY} as day, to_char({DAY}, %s) as period, "
        "t.forecast_category as category, t.currency, "
        "coalesce(t.amount, 0) as amount, coalesce(case t.status when 'won' then t.amount "
        f"when 'open' then t.weighted_amount end, 0) as weighted from {DEALS}",
        (*fit.params, *fit.params, PERIODS[by]),
    )


def _changes(rows: list[tuple[Any, ...]]) -> Iterator[ForecastChange]:
    """Put the causes of each cell together."""
    for (period, category, currency), found in groupby(rows, itemgetter(0, 1, 2)):
        parts = [row[3:] for row in found]
        total = [sum(part[place] for part in parts) for place in range(2, 8)]
        causes = [
            ForecastCause(cause=cause, deals=deals_, amount=now - then, weighted=likely - before)
            for cause, deals_, _, _, then, now, before, likely in parts
            if cause != _SAME
        ]
        yield ForecastChange(
            period=period,
            category=category,
            currency=currency,
            count_then=total[0],
            count_now=total[1],
            amount_then=total[2],
            amount_now=total[3],
            amount_change=total[3] - total[2],
            weighted_then=total[4],
            weighted_now=total[5],
            weighted_change=total[5] - total[4],
            causes=causes,
        )
