"""Fields that name other records: references in payloads, found out for a whole set at once."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import EXTERNAL, read_id
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.statements import held_by

_MOST: Final = 10
"""Names that a refusal lists."""


async def resolve_relations(
    context: Context, record_type: RecordType, batch: Batch, *, planned: Container[str] = ()
) -> None:
    """Replace references to other records by their ids; refuse those that fit nothing.

    A reference is an id, a natural key or `source:external-id`. What is deleted, of another
    workspace, or not to be read by the caller is as unknown as what is not there. One statement
    for each noun that is named; `planned` are ids of records that will be there.
    """
    for noun in dict.fromkeys(record_type.refers.values()):
        fields = [name for name, target in record_type.refers.items() if target == noun]
        named = {str(row[name]) for row in batch.rows for name in fields if row.get(name)}
        named = {one for one in named if one not in planned}
        if not named:
            continue
        target = context.seen(context.catalog[noun])
        known = await _found(context, target, named)
        if gone := named - known.keys():  # what was merged is what it became
            stays = await merged.named(context, target, gone)
            there = await _found(context, target, {str(each) for each in stays.values()})
            known |= {one: there[str(i)] for one, i in stays.items() if str(i) in there}
        there_are = await _listed(context, target) if named - known.keys() else ""
        for number, row in enumerate(batch.rows):
            for name in fields:
                if not row.get(name) or str(row[name]) in planned:
                    continue
                found = known.get(str(row[name]))
                if found is None:
                    said = f"There is no {target.noun.singular} {row[name]}{there_are}."
                    batch.refuse(number, name, "unknown_reference", said)
                else:
                    row[name] = found


async def _listed(context: Context, target: RecordType) -> str:
    """Name the records that there are of a setting, such as the lost reasons: of more than ten, the
    first ones."""
    key = next(iter(target.keys), None)
    if not target.is_setting or key is None or not context.actor.may(f"{target.name}:read"):
        return ""
    limit = context.condition(target, "read")
    also = f" and {limit.text}" if limit else ""
    rows = await context.read(
        Sql(
            f"select t.{ident(key)}::text from {ident(target.table_name)} t "
            f"where t.deleted_at is null{also} order by 1 limit {_MOST + 1}",
            tuple(limit.params if limit else ()),
        )
    )
    names = [str(row[0]) for row in rows]
    more = ", …" if len(names) > _MOST else ""
    return f"; there are: {', '.join(names[:_MOST])}{more}" if names else "; there is none"


async def _found(context: Context, target: RecordType, named: Iterable[str]) -> dict[str, str]:
    """Return the ids of living records that the caller may read, by what they were called."""
    if not context.actor.may(f"{target.name}:read"):
        return {}
    ids = [one for one in named if read_id(one)]
    others = [one for one in named if not read_id(one)]
    kinds: list[tuple[str, str, str]] = [
        (one, kind, fold(one)) for one in others for kind in target.keys
    ]
    if "external_ids" in target.fields:
        externals = ((one, EXTERNAL.fullmatch(one)) for one in others)
        kinds += [(one, f"external:{m[1]}", m[2]) for one, m in externals if m]
    limit = context.condition(target, "read")
    also = f" and {limit.text}" if limit else ""
    rows: list[tuple[Any, ...]] = await context.read(
        Sql(
            "select f.said, t.id::text from (select i::text, i from unnest(%s::uuid[]) as i "
            "union all select n.said, k.record_id "
            "from unnest(%s::text[], %s::text[], %s::text[]) as n(said, kind, value) "
            f"cross join {held_by('%s', 'n.kind', 'n.value')} k) "
            f"as f(said, id) join {ident(target.table_name)} t on t.id = f.id "
            f"where t.deleted_at is null{also}",
            (
                ids,
                *([list(column) for column in zip(*kinds, strict=True)] or ([], [], [])),
                target.name,
                *(limit.params if limit else ()),
            ),
        )
    )
    return dict(reversed(rows))  # a natural key before an external id
