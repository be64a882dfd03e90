"""How fast deals come in, and how often their close was put off."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.report_rows import (
    SlippedDeals,
    SlippedReport,
    Velocity,
    VelocityReport,
)
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import (
    CYCLE,
    DEALS,
    Asked,
)
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.records import past

_OPEN = "count(*) filter (where f.status = 'open')"
_WON = "count(*) filter (where f.status = 'won')"
_CLOSED = "count(*) filter (where f.status <> 'open')"
_PRICED = "count(f.amount) filter (where f.status = 'won')"
_WORTH = "sum(f.amount) filter (where f.status = 'won')"
_TOOK = "sum(f.seconds) filter (where f.status = 'won')"
_VELOCITY = (
    f"{_OPEN} * {_WORTH} * {_WON} * {_WON} * 86400 / nullif({_PRICED} * {_CLOSED} * {_TOOK}, 0)"
)
"""Open deals times the average amount of won ones times the win rate, by the average days that it
took to win one: the sales velocity equation, as one fraction, so that it is rounded once. See D.
Daly, Account Planning in Salesforce, 2013; the same formula stands in the manuals of most CRMs."""


_EARLIER = (
    "select e.deal_id as record_id, as_date(e.new_value) - as_date(e.old_value) as days "
    'from "earlier_changes" e join fitting f on f.id = e.deal_id and e.changed_at < f.known '
    "where e.field = 'expected_close' and e.deleted_at is null"
)
"""What imports tell of the days by which the close of deals was moved elsewhere. From when a deal
was first known here, the journal tells of it."""
_WAY = (
    "select s.deal_id as record_id, s.expected_close - lag(s.expected_close) over "
    '(partition by s.deal_id order by s.entered_at, s.id) as days from "deal_stages" s '
    "join fitting f on f.id = s.deal_id and s.entered_at < f.known where s.origin <> 'moved' "
    "and s.deleted_at is null and s.deal_id not in (select e.record_id from earlier e)"
)
"""The same of deals of which no change is told: what the close was in one stage and in the next."""


async def velocity(context: Context, asked: Asked) -> VelocityReport:
    """Say what each pipeline brings in a day, and what that is made of.

    Needs `deals:read`. Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    asking.must_see(context, "amount", "currency", "status", "pipeline_id")
    asking.must_see(context, "opened_at", "closed_at")
    fits = asking.fitting(context, asked)
    rows = await asking.rows(
        context,
        asked,
        Sql(
            "with fitting as (select t.pipeline_id, t.currency, t.status, t.amount, "
            f"{CYCLE} as seconds from {DEALS} where {fits.text}) "
            f"select p.id, p.name, f.currency, {_OPEN}, {_WON}, {_CLOSED} - {_WON}, "
            f"round({_WON}::numeric / nullif({_CLOSED}, 0), 4), round({_WORTH} / {_PRICED}, 2), "
            f"round({_TOOK} / ({_WON} * 86400), 2), round({_VELOCITY}, 2) "
            'from "pipelines" p join fitting f on f.pipeline_id = p.id '
            "group by p.id, p.name, p.is_default, p.position, f.currency "
            "order by p.is_default desc, p.position, p.id, f.currency",
            fits.params,
        ),
    )
    averages = ("win_rate", "average_amount", "average_days", "velocity")
    names = ("pipeline_id", "pipeline", "currency", "open", "won", "lost", *averages)
    return VelocityReport(items=[Velocity(**dict(zip(names, r, strict=True))) for r in rows])


async def slipped(context: Context, asked: Asked, *, by: str | None) -> SlippedReport:
    """Say how often, and by how many days, the expected close of deals was put off, here or, as far
    as imports tell, elsewhere.

    Needs `deals:read`. Raises `InvalidQuery`, and `Invalid` for a field that there is not.
    """
    asking.must_see(context, "expected_close", "amount", "currency")
    value = asking.grouped(context, by)
    fits = asking.fitting(context, asked)
    then = await past.seen_at(context, deals, asked.as_of)
    until = Sql("true") if then is None else Sql("c.seq <= %s", (then.seq,))
    told = (
        Sql("true")
        if then is None or then.told is None
        else Sql("e.changed_at <= %s", (then.told,))
    )
    statement = Sql(
        f"with fitting as (select t.id, {value.text} as value, t.currency, t.amount, "
        f"t.created_at as known from {DEALS} where {fits.text}), "
        f"earlier as ({_EARLIER} and {told.text}), way as ({_WAY}), "
        "moved as (select c.record_id, (c.diff -> 'expected_close' ->> 1)::date "
        "- (c.diff -> 'expected_close' ->> 0)::date as days "
        "from changes c where c.record_id in (select f.id from fitting f) "
        "and c.record_type = 'deals' and c.action <> 'created' "
        f"and c.diff ? 'expected_close' and {until.text} "
        "union all select e.record_id, e.days from earlier e "
        "union all select w.record_id, w.days from way w), "
        "slips as (select m.record_id, count(*) as count, sum(m.days) as days, "
        "max(m.days) as longest from moved m where m.days > 0 group by 1) "
        "select f.value, f.currency, count(*), count(s.record_id), "
        "round(count(s.record_id)::numeric / count(*), 4), coalesce(sum(s.count), 0), "
        "coalesce(sum(s.days), 0), round(sum(s.days)::numeric / sum(s.count), 2), max(s.longest), "
        "count(*) filter (where s.record_id is not null and f.amount is null), "
        "round(coalesce(sum(f.amount) filter (where s.record_id is not null), 0), 2) "
        "from fitting f left join slips s on s.record_id = f.id group by f.value, f.currency "
        "order by sum(count(s.record_id)) over (partition by f.value) desc, f.value, f.currency",
        (*value.params, *fits.params, *told.params, *until.params),
    )
    rows = await context.read(past.told_at(context, deals, then, statement))
    days = ("times", "days", "average_days", "longest_days")
    names = ("value", "currency", "deals", "slipped", "rate", *days, "without_amount", "amount")
    return SlippedReport(items=[SlippedDeals(**dict(zip(names, r, strict=True))) for r in rows])
