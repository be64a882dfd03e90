"""Records that were merged into others: their ids lead to the record that stayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import RecordDeleted
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import EXTERNAL, read_id

VERB: Final = "merge"
"""Of a kind of operation: `contacts.merge`."""
_LONGEST = 100
"""Merges in a row that are followed."""


_NOT_THERE: Final = "not exists (select from {table} t where t.id = i and t.deleted_at is null)"
_NOT_THERE_BY: Final = (
    "(select c.action from changes c where c.record_id = i and c.record_type = %s and c.seq <= %s "
    "and c.action in ('created', 'restored', 'deleted', 'destroyed') "
    "order by c.seq desc limit 1) in ('deleted', 'destroyed')"
)


class Step(NamedTuple):
    """What became of a record that is not there."""

    into: UUID
    """The one that it was merged into."""
    operation_id: UUID
    """The merge."""


async def survivors(
    context: Context, record_type: RecordType, ids: Iterable[UUID], *, seq: int | None = None
) -> dict[UUID, UUID]:
    """Return, of records that are not there, those that they were merged into, at the end of every
    chain of merges; as it was at a place of the journal, if one is given. Whether the caller may
    see them is for whoever asks.
    """
    at = {one: one for one in ids}
    asked = set(at)
    for _ in range(_LONGEST):
        found = await steps(context, record_type, asked, seq=seq)
        if not found:
            break
        at = {one: found[last].into if last in found else last for one, last in at.items()}
        asked = {step.into for step in found.values()}
    return {one: last for one, last in at.items() if last != one}


async def steps(
    context: Context, record_type: RecordType, ids: Iterable[UUID], *, seq: int | None = None
) -> dict[UUID, Step]:
    """Return, of records that are not there, what each was merged into, and by which merge.

    A record is merged where its last deletion is that of a merge, or of the undo of an undo of one:
    when the merge is taken back, the record lives, and leads nowhere. A merge of many is opened
    once, whatever the number of its records that are asked for.
    """
    asked = list(dict.fromkeys(ids))
    if not asked or not record_type.is_bulk:
        return {}
    noun = record_type.name
    gone = Sql(_NOT_THERE.format(table=ident(record_type.table_name)))
    until = Sql("true")
    if seq is not None:
        gone, until = Sql(_NOT_THERE_BY, (noun, seq)), Sql("c.seq <= %s", (seq,))
    last: dict[UUID, UUID] = dict(
        await context.read(
            Sql(
                "select d.id, d.op from (select i as id, (select c.operation_id from changes c "
                "where c.record_id = i and c.record_type = %s and c.action = 'deleted' "
                f"and {until.text} order by c.seq desc limit 1) as op "
                f"from unnest(%s::uuid[]) i where {gone.text}) d where d.op is not null",
                (noun, *until.params, asked, *gone.params),
            )
        )
    )
    if not last:
        return {}
    # put together here: joined in PostgreSQL, a merge of 2 500 was opened 2 500 times (a minute)
    rows = await context.read(
        Sql(
            "with recursive up(op, id, undoes) as (select o.id, o.id, o.undoes from operations o "
            "where o.id = any(%s) union all select up.op, o.id, o.undoes from up "
            "join operations o on o.id = up.undoes) "
            "select up.op, x.record, x.into_id::uuid, o.id from up "
            "join operations o on o.id = up.id, lateral ("
            "select o.input ->> 'into' as into_id, jsonb_array_elements_text(o.input -> 'records') "
            "as record union all select p ->> 'into', r from jsonb_array_elements(o.input -> "
            "'pairs') p, jsonb_array_elements_text(p -> 'records') r) x "
            "where up.undoes is null and o.kind = %s and x.record = any(%s)",
            (list({*last.values()}), f"{noun}.{VERB}", [str(one) for one in last]),
        )
    )
    became = {(op, record): Step(into, merge) for op, record, into, merge in rows}
    return {one: became[op, str(one)] for one, op in last.items() if (op, str(one)) in became}


async def survivor(
    context: Context, record_type: RecordType, record_id: UUID, *, seq: int | None = None
) -> UUID | None:
    """Return what one record that is not there was merged into."""
    return (await survivors(context, record_type, [record_id], seq=seq)).get(record_id)


async def refusal(
    context: Context, record_type: RecordType, reference: str, survivor: UUID
) -> RecordDeleted | None:
    """Return the error for a deletion by an old id, for those who may read what the record became:
    it is never done to the other record."""
    visible = context.condition(record_type, "read") or Sql("true")
    rows = await context.read(
        Sql(
            f"select 1 from {ident(record_type.table_name)} t where t.id = %s "
            f"and t.deleted_at is null and {visible.text}",
            (survivor, *visible.params),
        )
    )
    if not rows:
        return None
    noun = record_type.noun.singular
    return RecordDeleted(
        f"The {noun} {reference} was merged into {survivor}; delete that {noun} by its own id, or "
        "split them first."
    )


Key = tuple[str, str]
"""An external id: its source, and its value."""


async def holders(
    context: Context, record_type: RecordType, keys: Iterable[Key]
) -> dict[Key, dict[UUID, UUID]]:
    """Return the merged records that had external ids which nobody has now, each with what it
    became: of two external ids of one source, the one that stays keeps its own."""
    asked = list(dict.fromkeys(keys))
    if not asked or not record_type.is_bulk or "external_ids" not in record_type.fields:
        return {}
    sources, values = (list(column) for column in zip(*asked, strict=True))
    rows = await context.read(
        Sql(
            "select s.source, s.value, t.id from unnest(%s::text[], %s::text[]) as "
            "s(source, value) cross join lateral (select t.id, t.deleted_at "
            f"from {ident(record_type.table_name)} t where t.deleted_at is not null "
            "and t.external_ids <> '{}' "
            "and t.external_ids @> jsonb_build_object(s.source, s.value) offset 0) t "
            "where not exists (select from record_keys k where k.record_type = %s "
            "and k.kind = 'external:' || s.source and k.value = s.value) "
            "order by t.deleted_at desc, t.id",
            (sources, values, record_type.name),
        )
    )
    stays = await survivors(context, record_type, [record_id for *_, record_id in rows])
    found: dict[Key, dict[UUID, UUID]] = {}
    for source, value, record_id in rows:
        if record_id in stays:
            found.setdefault((source, value), {})[record_id] = stays[record_id]
    return found


async def by_external(
    context: Context, record_type: RecordType, keys: Iterable[Key]
) -> dict[Key, UUID]:
    """Return what merged records became, by external ids that they had; what is not clear is left
    out."""
    found = await holders(context, record_type, keys)
    clear = {key: {*stays.values()} for key, stays in found.items()}
    return {key: stays.pop() for key, stays in clear.items() if len(stays) == 1}


async def named(context: Context, record_type: RecordType, words: Iterable[str]) -> dict[str, UUID]:
    """Return what merged records became, by what they are called: their ids, or `source:id`."""
    said = list(words)
    ids = {one: record_id for one in said if (record_id := read_id(one)) is not None}
    keys = {one: (m[1], m[2]) for one in said if one not in ids and (m := EXTERNAL.fullmatch(one))}
    stays = await survivors(context, record_type, ids.values())
    known = await by_external(context, record_type, keys.values())
    return {one: stays[i] for one, i in ids.items() if i in stays} | {
        one: known[key] for one, key in keys.items() if key in known
    }
