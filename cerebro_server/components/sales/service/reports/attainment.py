"""How far quotas are reached: what was won in a period, and what is expected to be, of deals that
the caller may read."""

from __future__ import annotations

from datetime import date
from typing import Final

from cerebro_sdk.schemas.sales.attainment import QuotaAttainment, QuotaReport
from cerebro_server.components.sales.records.quotas import quotas
from cerebro_server.components.sales.service.reports import asking
from cerebro_server.components.sales.service.reports.asking import DEALS, Asked
from cerebro_server.kernel.access import seen
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.reader import Selection

_COUNTS: Final = "(d.currency = q.currency or q.in_base and d.rate is not null)"
"""Whether a deal `d` can be added up for a quota `q`."""
_WORTH: Final = "(case when d.currency = q.currency then d.amount else d.base_amount end)"
"""What a deal adds that is won."""
_WEIGHTED: Final = (
    "(case when d.currency = q.currency then d.weighted_amount else d.weighted_base_amount end)"
)
"""What a deal adds that is open."""
_NEEDED: Final = (
    *("amount", "probability", "currency", "status", "expected_close", "closed_at"),
    *("owner_id", "team", "territory_id", "base_amount", "weighted_base_amount", "rate"),
)
_LENGTH: Final = (
    "case t.period when 'month' then interval '1 month' when 'quarter' then interval '3 months' "
    "else interval '1 year' end"
)
_NAMED: Final = (
    """to_char(q.starts, case q.period when 'month' then 'YYYY-MM' """
    """when 'quarter' then 'YYYY-"Q"Q' else 'YYYY' end)"""
)
_BELOW: Final = (
    'teams_below as (with recursive b(top, key) as (select m.key, m.key from "teams" m '
    "where m.deleted_at is null and m.key in (select q.team from q) union "
    'select b.top, c.key from b join "teams" m on m.key = b.key and m.deleted_at is null '
    'join "teams" c on c.parent_id = m.id and c.deleted_at is null) select top, key from b), '
    "lands_below as (with recursive b(top, id) as (select q.territory_id, q.territory_id from q "
    "where q.territory_id is not null union select b.top, c.id from b "
    'join "territories" c on c.parent_id = b.id and c.deleted_at is null) select top, id from b)'
)
_DUE: Final = "d.day >= q.starts and d.day < q.ends"
_COUNTED: Final = (
    f"select q.id as quota_id, d.id from q join d on d.owner_id = q.user_id and {_DUE} union all "
    "select q.id, d.id from q join teams_below b on b.top = q.team join d on d.team = b.key "
    f"and {_DUE} union all select q.id, d.id from q join lands_below b on b.top = q.territory_id "
    f"join d on d.territory_id = b.id and {_DUE}"
)
_NAMES: Final = (
    *("quota_id", "period", "period_start", "kind", "user_id", "team", "territory_id", "name"),
    *("currency", "quota", "won", "closed", "attainment", "gap", "open", "weighted", "expected"),
    *("without_amount", "without_probability", "other_currency"),
)


async def attainment(
    context: Context, asked: Asked, *, of: str | None, on: date | None
) -> QuotaReport:
    """Say how far quotas are reached: those that fit `of`, and whose period holds the day `on`.

    Needs `quotas:read` and `deals:read`. Teams and territories count all that is below them.
    Raises `InvalidQuery`, `Forbidden` where amounts are hidden.
    """
    context.actor.require("quotas:read")
    asking.must_see(context, *_NEEDED)
    asking.must_see_of(context, quotas, "amount", "currency", "user_id", "team", "territory_id")
    wanted = reader.filtered(context, quotas, Selection(where=of))
    fits = asking.fitting(context, asked)
    user, team, land = (_name(context, noun) for noun in ("users", "teams", "territories"))
    base = Sql(literal(context.settings.base_currency))
    rows = await asking.rows(
        context,
        asked,
        Sql(
            "with q as materialized (select t.id, t.user_id, t.team, t.territory_id, "
            f"t.amount, t.currency, t.currency = {base.text} as in_base, t.period, "
            "t.period_start as starts, "
            f'(t.period_start + {_LENGTH})::date as ends from "quotas" t where {wanted.text} and '
            f"(%s::date is null or (t.period_start <= %s and t.period_start + {_LENGTH} > %s))), "
            "d as materialized (select t.id, t.owner_id, t.team, t.territory_id, t.status, "
            "t.amount, t.weighted_amount, t.base_amount, t.weighted_base_amount, t.rate, "
            "t.currency, case t.status when 'won' "
            "then (t.closed_at at time zone 'UTC')::date else t.expected_close end as day "
            f"from {DEALS} where t.status <> 'lost' and {fits.text}), {_BELOW}, "
            f"counted as ({_COUNTED}), sums as (select q.id, "
            f"count(d.id) filter (where {_COUNTS} and d.status = 'won') as won, "
            f"round(coalesce(sum({_WORTH}) filter (where {_COUNTS} and d.status = 'won'), 0), 2) "
            f"as closed, count(d.id) filter (where {_COUNTS} and d.status = 'open') as open, "
            f"round(coalesce(sum({_WEIGHTED}) filter (where {_COUNTS} and d.status = 'open'), 0), "
            f"4) as weighted, count(d.id) filter (where {_COUNTS} and {_WORTH} is null) as empty, "
            f"count(d.id) filter (where {_COUNTS} and d.status = 'open' and {_WORTH} is not null "
            f"and {_WEIGHTED} is null) as unlikely, "
            f"count(d.id) filter (where not ({_COUNTS})) as other "
            "from q left join counted c on c.quota_id = q.id left join d on d.id = c.id "
            "group by q.id) "
            f"select q.id, {_NAMED}, q.starts, case when q.user_id is not null then 'user' "
            "when q.team is not null then 'team' else 'territory' end as kind, q.user_id, q.team, "
            f"q.territory_id, coalesce(({user.text} t.id = q.user_id), ({team.text} "
            f"t.key = q.team), ({land.text} t.id = q.territory_id)) as name, q.currency, "
            "q.amount, s.won, s.closed, round(s.closed / nullif(q.amount, 0), 4), "
            "q.amount - s.closed, s.open, s.weighted, s.closed + s.weighted, s.empty, s.unlikely, "
            "s.other "
            "from q join sums s on s.id = q.id "
            "order by q.starts desc, q.period, q.territory_id is not null, q.team is not null, "
            "8, q.id",
            (*wanted.params, on, on, on, *fits.params, *user.params, *team.params, *land.params),
        ),
    )
    items = [QuotaAttainment(**dict(zip(_NAMES, row, strict=True))) for row in rows]
    return QuotaReport(items=items)


def _name(context: Context, noun: str) -> Sql:
    """Return the start of a subquery for the name of a record, if the caller may read it."""
    record_type = context.catalog[noun]
    limit = context.condition(record_type, "read") or Sql("true")
    name = Sql("t.name" if seen(context.actor, record_type).shows("name") else "null::text")
    return Sql(
        f"select {name.text} from {ident(record_type.table_name)} t where {limit.text} and",
        limit.params,
    )
