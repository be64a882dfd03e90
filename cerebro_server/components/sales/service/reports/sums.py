"""Sums of deals: by stage, and by when they close."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.reports import (
    ForecastReport,
    ForecastSum,
    PipelineReport,
    PipelineSum,
)
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    DAY,
    DEALS,
    IN_ORDER,
    LADDER,
    PERIODS,
    STAGE,
    Asked,
    Period,
)
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql

_SUMS = (
    "count(*) as count, count(*) filter (where t.amount is null) as without_amount, "
    "round(coalesce(sum(t.amount), 0), 2) as amount, round(coalesce(sum(case t.status when 'won' "
    "then t.amount when 'open' then t.weighted_amount end), 0), 4) as weighted, "
    "count(*) filter (where t.status = 'open' and t.amount is not null and t.probability is null) "
    "as without_probability, "
    "count(*) filter (where t.amount is not null and t.rate is null) as without_rate, "
    "round(coalesce(sum(t.base_amount), 0), 2) as base_amount, round(coalesce(sum(case t.status "
    "when 'won' then t.base_amount when 'open' then t.weighted_base_amount end), 0), 4) "
    "as base_weighted"
)
_OF_NONE = (
    "coalesce(u.count, 0), coalesce(u.without_amount, 0), coalesce(u.amount, 0.00), "
    "coalesce(u.weighted, 0.0000), coalesce(u.without_probability, 0), "
    "coalesce(u.without_rate, 0), coalesce(u.base_amount, 0.00), coalesce(u.base_weighted, 0.0000)"
)
"""The same of what was summed up before; zeros where nothing was."""
_SUM_NAMES = (
    *("currency", "count", "without_amount", "amount", "weighted"),
    *("without_probability", "without_rate", "base_amount", "base_weighted"),
)
_MRR = "round(coalesce(sum(t.mrr), 0), 2), round(coalesce(sum(t.base_mrr), 0), 2)"


async def pipeline(context: Context, asked: Asked) -> PipelineReport:
    """Sum up the deals in each stage; stages without any are there, too.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    asking.must_see(context, "amount", "probability", "currency", "status", "stage_id")
    asking.must_see(context, "base_amount", "weighted_base_amount")
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"with sums as (select t.stage_id, t.currency, {_SUMS} from {DEALS} "
            f"where {fits.text} group by t.stage_id, t.currency) "
            "select p.id, p.name, s.id, s.key, s.label, s.type, u.currency, "
            f"{_OF_NONE} from {LADDER} left join sums u on u.stage_id = s.id "
            "where p.deleted_at is null and s.deleted_at is null "
            f"order by {IN_ORDER}, u.currency",
            fits.params,
        ),
    )
    names = (*STAGE, "status", *_SUM_NAMES)
    return PipelineReport(items=[PipelineSum(**dict(zip(names, r, strict=True))) for r in rows])


async def forecast(context: Context, asked: Asked, *, by: Period) -> ForecastReport:
    """Sum up what is open and won by category and the month or quarter in which it closes.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    asking.must_see(context, "amount", "probability", "currency", "status")
    asking.must_see(context, "forecast_category", "expected_close", "closed_at")
    asking.must_see(context, "base_amount", "weighted_base_amount", "mrr", "base_mrr")
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            f"select to_char({DAY}, %s) as period, t.forecast_category, t.currency, "
            f"{_SUMS}, {_MRR} from {DEALS} where t.status <> 'lost' and {fits.text} "
            "group by 1, t.forecast_category, t.currency "
            "order by 1 nulls last, array_position(array['closed', 'commit', 'best_case', "
            "'pipeline', 'omitted'], t.forecast_category::text), t.currency",
            (PERIODS[by], *fits.params),
        ),
    )
    names = ("period", "category", *_SUM_NAMES, "mrr", "base_mrr")
    return ForecastReport(items=[ForecastSum(**dict(zip(names, r, strict=True))) for r in rows])
