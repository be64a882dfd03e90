"""References: the ways to say which record is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cerebro_server.kernel import phones
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import AmbiguousReference, Invalid, NotFound, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import EXTERNAL
from cerebro_server.kernel.records import merged

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
_ID_END = re.compile(r"[0-9a-f-]{6,35}", re.I)
_SHOWN = 10


async def resolve(
    context: Context, record_type: RecordType, reference: str, *, deleted_too: bool = False
) -> UUID:
    """Return the id that a reference means: a full id, a natural key, `source:external id`, or the
    last 6 or more characters of an id, tried in this order.

    The external id of a record that was merged means that one, as its id does. With `deleted_too`,
    the natural key that a deleted record had comes last. A full id is returned unchecked. Raises
    `NotFound`, or `AmbiguousReference` with candidates.
    """
    if found := full_id(record_type, reference):
        return found
    rows = await context.read(_living(context, record_type, reference))
    if not rows and deleted_too and record_type.keys:
        rows = await context.read(_deleted(context, record_type, reference))
    if not rows and (old := await had(context, record_type, reference)) is not None:
        return old
    return the_one(record_type, reference, rows)


async def had(context: Context, record_type: RecordType, reference: str) -> UUID | None:
    """Return the merged record that had an external id which nobody has now, unchecked as a full id
    is: what it became has one of its own."""
    external = EXTERNAL.fullmatch(reference)
    if external is None or "external_ids" not in record_type.fields:
        return None
    key = (external[1], external[2])
    found = (await merged.holders(context, record_type, [key])).get(key, {})
    return next(iter(found)) if len({*found.values()}) == 1 else None


def full_id(record_type: RecordType, reference: str) -> UUID | None:
    """Return the id that a reference is, if it is one. Raises `NotFound` for what can be none."""
    if _UUID.fullmatch(reference):
        return UUID(reference)
    if "\0" in reference or len(reference) > 300 or not reference.isprintable():
        raise missing(record_type, reference)
    return None


def the_one(record_type: RecordType, reference: str, rows: Sequence[tuple[Any, ...]]) -> UUID:
    """Return the id in the rows `(rank, id)` of what fits, the best ones first.

    Raises `NotFound`, or `AmbiguousReference` with candidates.
    """
    best = [row[1] for row in rows if row[0] == rows[0][0]] if rows else []
    if not best:
        raise missing(record_type, reference)
    if len(best) > 1:
        raise AmbiguousReference(
            f"{len(best)} {record_type.name} fit {reference!r}; use a longer or full id.",
            candidates=[str(candidate) for candidate in best[:_SHOWN]],
        )
    return UUID(str(best[0]))


async def named(context: Context, record: str) -> tuple[RecordType, UUID]:
    """Return the record that `noun/reference` means, deleted or not: `companies/acme.com`.

    Raises `Invalid`, `NotFound`.
    """
    noun, slash, reference = record.partition("/")
    if not slash or not reference:
        raise Invalid(
            f"A record is named as noun/reference, such as companies/acme.com, not {record!r}.",
            errors=[{"parameter": "record", "code": "reference", "detail": "noun/reference"}],
        )
    record_type = context.catalog[known_noun(context, noun, "record")]
    context.actor.require(f"{noun}:read")  # or the answer would tell who exists
    found = await resolve(context, context.seen(record_type), reference, deleted_too=True)
    return record_type, found


def known_noun(context: Context, noun: str, parameter: str) -> str:
    """Return the name of a noun that there is. Raises `Invalid` with a suggestion."""
    if noun in context.catalog:
        return noun
    known = ", ".join(sorted(context.catalog))
    raise Invalid(
        f"There are no {noun!r}; there are: {known}.",
        errors=[{"parameter": parameter, "code": "unknown_noun", "detail": f"Known: {known}."}],
        suggestion=closest(noun, context.catalog),
    )


def _kinds(record_type: RecordType) -> list[str]:
    """Return the kinds of natural keys, those of every part of a list among them."""
    listed = (key.kind for name, key in record_type.part_keys.items() if record_type.shows(name))
    return list(dict.fromkeys((*record_type.keys, *listed)))


def missing(record_type: RecordType, reference: object) -> NotFound:
    """Return the error for a reference that fits nothing the caller may see."""
    keys = "".join(f", {key}" for key in _kinds(record_type))
    return NotFound(
        f"No {record_type.noun.singular} fits {str(reference)!r} "
        f"(looked at: id{keys}, source:external-id, end of an id of 6 characters or more).",
    )


def by_keys(context: Context, record_type: RecordType, reference: str) -> list[tuple[int, Sql]]:
    """Return, by rank, the conditions for keys (`kind`, `value`) that a reference may mean."""
    kinds = _kinds(record_type)
    found = [(1, Sql("kind = any(%s) and value = fold(%s)", (kinds, reference)))]
    # reading numbers is dear, and most nouns have none
    has_phones = "phone" in kinds
    number = phones.normal(reference, context.settings.default_region) if has_phones else None
    if number is not None and number != reference:
        found.append((1, Sql("kind = 'phone' and value = %s", (number,))))
    external = EXTERNAL.fullmatch(reference)
    if external and "external_ids" in record_type.fields:
        value = (f"external:{external[1]}", external[2])
        found.append((2, Sql("kind = %s and value = %s", value)))
    return found


def by_id_end(record_type: RecordType, reference: str) -> Sql | None:
    """Select (rank, id) of the records whose id ends so, if ids can."""
    if not _ID_END.fullmatch(reference):
        return None
    end = reference.lower()
    return Sql(
        f"(select 3, id from {ident(record_type.table_name)} "
        "where right(id::text, 6) = %s and right(id::text, %s) = %s order by id limit 11)",
        (end[-6:], len(end), end),
    )


def _living(context: Context, record_type: RecordType, reference: str) -> Sql:
    """Select (rank, id) of all that fits and may be seen: what may not is as if it were not."""
    ways: list[str] = []
    params: list[object] = []
    for rank, fits in by_keys(context, record_type, reference):
        ways.append(
            f"select {rank}, record_id from record_keys where record_type = %s and {fits.text}"
        )
        params += [record_type.name, *fits.params]
    if (ending := by_id_end(record_type, reference)) is not None:
        ways.append(ending.text)
        params += ending.params
    found = " union all ".join(ways)
    return visible(Sql(found, tuple(params)), record_type, context.condition(record_type, "read"))


def _deleted(context: Context, record_type: RecordType, reference: str) -> Sql:
    """Select the same of deleted records, by the natural keys that they had: all of them are looked
    through."""
    keys = [f"fold({ident(key)}::text) = fold(%s)" for key in record_type.keys]
    found = Sql(
        f"select 4, d.id from (select id from {ident(record_type.table_name)} "
        f"where deleted_at is not null and ({' or '.join(keys)}) order by id limit 11) d",
        (reference,) * len(keys),
    )
    return visible(found, record_type, context.condition(record_type, "read"))


def visible(found: Sql, record_type: RecordType, limit: Sql | None) -> Sql:
    """Return the rows (rank, id) of a query whose records fulfil a limit, the best ones first."""
    if limit is None:
        return Sql(f"{found.text} order by 1", found.params)
    return Sql(
        f"select f.rank, f.id from ({found.text}) as f(rank, id) "
        f"join {ident(record_type.table_name)} t on t.id = f.id where {limit.text} order by 1",
        (*found.params, *limit.params),
    )
