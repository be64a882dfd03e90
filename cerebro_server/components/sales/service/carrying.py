"""What is attached to a lead goes with it: beside the lead, it is then attached to what that
became, the deal, else the company, else the contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import locking
from cerebro_server.kernel.records.planned import Row

_LEADS: Final = "leads"
_FIRST: Final = ("deals", "companies", "contacts")
_ANY: Final = Sql("true")


class _Way(NamedTuple):
    """A kind of record that can be attached to leads."""

    record_type: RecordType
    lead: str
    """Its column with the lead."""
    others: Mapping[str, str]
    """Its columns by noun."""


async def carry(context: Context, lead_id: UUID, became: Mapping[str, UUID | None]) -> int:
    """Attach what a lead has to what it became, as far as the caller may change it; return how much
    that was. Set-wise, in the transaction of the conversion."""
    count = 0
    for way in _ways(context):
        noun = next((n for n in _FIRST if became.get(n) and n in way.others), None)
        if noun is None:
            continue
        where = _open(context, way, way.others[noun], [lead_id])
        table, column = way.record_type.table_name, way.others[noun]
        moved = Sql(
            f"update {ident(table)} t set {ident(column)} = %s, version = t.version + 1, "
            f"updated_at = now() where {where.text} returning 1",
            (became[noun], *where.params),
        )
        count += len(await (await context.write()).rows(moved))
    return count


async def rows(context: Context, became: Mapping[UUID, Mapping[str, UUID]]) -> list[Row]:
    """Return the rows of a plan that attach what leads have to what they become."""
    found: list[Row] = []
    for way in _ways(context):
        to: dict[str, dict[UUID, UUID]] = {}
        for lead_id, ids in became.items():
            noun = next((n for n in _FIRST if n in ids and n in way.others), None)
            if noun is not None:
                to.setdefault(noun, {})[lead_id] = ids[noun]
        for noun, targets in to.items():
            column = way.others[noun]
            where = _open(context, way, column, list(targets))
            table = way.record_type.table_name
            held = await context.read(
                Sql(
                    f"select t.id, t.version, t.{ident(way.lead)} "
                    f"from {ident(table)} t where {where.text} "
                    "order by t.id",
                    where.params,
                )
            )
            name = way.record_type.name
            found += [
                Row(name, "update", i, version, {column: targets[lead_id]}, is_late=True)
                for i, version, lead_id in held
            ]
    return found


def attached(context: Context, lead_id: UUID) -> Sql:
    """Return the query for the ids of all that is attached to a lead."""
    parts = [
        f"select t.id from {ident(way.record_type.table_name)} t where t.{ident(way.lead)} = %s"
        for way in _ways(context)
    ]
    empty = "select null::uuid as id where false"
    return Sql(" union all ".join([empty, *parts]), (lead_id,) * len(parts))


def _ways(context: Context) -> Iterator[_Way]:
    for record_type in context.catalog.values():
        columns = {record_type.refers[name]: name for name in record_type.attached}
        if _LEADS in columns:
            yield _Way(record_type, columns[_LEADS], columns)


def _open(context: Context, way: _Way, column: str, leads: list[UUID]) -> Sql:
    """Return the condition for what is attached to leads, to nothing of the other kind yet, and may
    be changed by the caller."""
    allowed = context.condition(way.record_type, "read", "update") or _ANY
    return Sql(
        f"t.{ident(way.lead)} = any(%s) and t.{ident(column)} is null and t.deleted_at is null "
        f"and {locking.is_open(way.record_type)} and {allowed.text}",
        (leads, *allowed.params),
    )
