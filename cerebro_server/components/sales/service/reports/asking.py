"""What all reports have in common: which deals they are about, as of when, and what they must not
tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import Node
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.kernel.context import Context, Rows
from cerebro_server.kernel.db import Sql, settings
from cerebro_server.kernel.errors import Forbidden, Invalid, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import past, reader
from cerebro_server.kernel.records.exporting.columns import related_value
from cerebro_server.kernel.records.reader import Selection

Period = Literal["month", "quarter"]
PERIODS: Final = {"month": "YYYY-MM", "quarter": 'YYYY-"Q"Q'}
DEALS: Final = '"deals" t'
STAYS: Final = '"deal_stages" t'
"""Tables in quotes: so they are found where they are to lead to the past."""
LADDER: Final = '"pipelines" p join "stages" s on s.pipeline_id = p.id'
IN_ORDER: Final = "p.is_default desc, p.position, p.id, s.position, s.id"
STAGE: Final = ("pipeline_id", "pipeline", "stage_id", "stage", "label")
CYCLE: Final = "greatest(extract(epoch from t.closed_at - t.opened_at), 0)"
"""How long a deal took, in seconds; one that was closed before it was opened took no time."""
DAY: Final = (
    "(case t.status when 'won' then (t.closed_at at time zone 'UTC')::date "
    "else t.expected_close end)"
)
"""The day on which a forecast counts a deal."""
_ROOM: Final = settings(work_mem="64MB")
"""What a report may sort in memory, for as long as it takes: a history of stages goes through all
of it, and to disk and back otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deals a report is about, and as of when."""

    where: str | Node | None = None
    """A filter in the query language, or its tree."""
    as_of: str | None = None
    """A moment of the past; None: now."""


def fitting(context: Context, asked: Asked) -> Sql:
    """Return the condition for deals `t` that count. Raises `InvalidQuery`."""
    return reader.filtered(context, deals, Selection(where=asked.where))


def readable_stays(context: Context) -> Sql:
    """Return the condition for rows `t` of the stages that deals were in."""
    return Sql.both(Sql("t.deleted_at is null"), *reader.readable(context, deal_stages))


async def rows(context: Context, asked: Asked, statement: Sql) -> Rows:
    """Run a statement over deals `t`, as they are or as they were. Raises `Invalid`."""
    then = await past.seen_at(context, deals, asked.as_of)
    return await context.read(_ROOM, past.told_at(context, deals, then, statement))


def must_see(context: Context, *names: str) -> None:
    """Refuse sums that would tell what a rule hides from the caller of deals."""
    must_see_of(context, deals, *names)


def must_see_of(context: Context, record_type: RecordType, *names: str) -> None:
    """Refuse sums that would tell what a rule hides from the caller of a noun."""
    noun = record_type.name
    context.actor.require(f"{noun}:read")
    shown = context.seen(record_type)
    if closed := [name for name in names if not shown.shows(name)]:
        said = f"The report tells of {', '.join(closed)}, which you may not see of {noun}."
        raise Forbidden(said, permission=f"{noun}:read")


def grouped(context: Context, by: str | None) -> Sql:
    """Return the SQL of the field to group deals `t` by, as text; of none, one group. A record that
    a deal names has fields, too: `company.industry`; of a list each value is a group.

    Raises `Invalid` for a field that there is not.
    """
    if by is None:
        return Sql("null::text")
    fields = context.seen(deals).fields
    single = {name: each for name, each in fields.items() if each.filterable}
    if by in single:
        own = Sql(single[by].sql)
        if single[by].kind is Kind.KEYS:  # a deal counts for each, and for none if it has none
            return Sql(f"unnest(coalesce(nullif({own.text}, '{{}}'), array[null]::text[]))")
        return Sql(f"({own.text})::text")
    first, dot, _ = by.partition(".")
    if dot and first in context.subject(deals).related:
        value = related_value(context, context.seen(deals), by, parameter="by")
        return Sql(f"({value.text})::text", value.params)
    known = ", ".join(sorted(single))
    raise Invalid(
        f"There is no field {by!r} to group deals by; there are: {known}.",
        errors=[{"parameter": "by", "code": "unknown_field", "detail": f"Known: {known}."}],
        suggestion=closest(by, single),
    )
