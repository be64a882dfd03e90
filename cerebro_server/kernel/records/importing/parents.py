"""Other records that a file names: found for a whole set, by the surest of what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import ImportParent, RecordType
from cerebro_server.kernel.ids import EXTERNAL, read_id
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.importing.coming import Coming
from cerebro_server.kernel.records.statements import held_by

Named = Mapping[str, str]
"""What a row says of another record: `{domain: acme.com, name: Acme}`; under ``""`` whatever names
it: an id, a natural key, `source:external-id`, a name."""
_SHOWN = 10
_IDS, _KEYS, _FIELDS = "id", "key", "field"
_EXTERNAL = "external:"


class Found(NamedTuple):
    """What a row's words fit."""

    ids: tuple[str, ...]
    """None, one, or several: then it is not clear which is meant."""

    @property
    def id(self) -> str | None:
        """The record that is meant, if it is clear."""
        return self.ids[0] if len(self.ids) == 1 else None


class _Look(NamedTuple):
    place: int
    rank: int
    how: str
    kind: str
    value: str


async def find(
    context: Context, parent: ImportParent, named: Sequence[Named], coming: Coming
) -> list[Found]:
    """Return what each of these names means, among the living records that the caller may read, and
    those that are coming.

    Of several ways the surest that fits counts: an id, an external id, then as the noun says it. A
    name is compared as a whole and without case; several records with one are all found.
    One statement, whatever the number.
    """
    target = context.seen(context.catalog[parent.noun])
    if not context.actor.may(f"{target.name}:read"):
        return [Found(()) for _ in named]
    places: dict[tuple[tuple[str, str], ...], int] = {}  # what many rows say is looked for once
    of_row = [places.setdefault(tuple(one.items()), len(places)) for one in named]
    looks = [
        look for one, place in places.items() for look in _looks(target, parent, place, dict(one))
    ]
    rows = await context.read(_statement(context, target, parent, looks)) if looks else []
    rows += await _merged(context, target, parent, looks, rows)
    rows += [
        (look.place, look.rank, record_id)
        for look in looks
        for record_id in coming.find(target.name, look.kind or _IDS, look.value)
    ]
    best: dict[int, tuple[int, dict[str, None]]] = {}
    for place, rank, record_id in sorted(rows):
        if place not in best or best[place][0] == rank:
            best.setdefault(place, (rank, {}))[1][record_id] = None
    return [Found(tuple(best[place][1]) if place in best else ()) for place in of_row]


def values_of(record_type: RecordType, parent: ImportParent, named: Named) -> dict[str, Any] | None:
    """Return the values of a new record of that name; None where that cannot be one."""
    any_way = named.get("", "")
    is_reference = read_id(any_way) is not None or EXTERNAL.fullmatch(any_way) is not None
    values: dict[str, Any] = {
        key: clean
        for key in parent.by
        if key in named and (clean := _clean(record_type, key, named[key])) is not None
    }
    called = values.get(parent.created_by) or ("" if is_reference else any_way)
    called = called or next((str(values[key]) for key in parent.by if key in values), "")
    if not called:
        return None
    externals = {way.partition(".")[2]: value for way, value in named.items() if _is_external(way)}
    assert record_type.create is not None  # noqa: S101 - as below
    if called in (values.get(key) for key in record_type.from_files):
        return None  # a number that the server gives
    values = {k: v for k, v in values.items() if k not in record_type.from_files}
    more = parent.fresh(called) if parent.fresh else {}
    try:
        payload = record_type.create.model_validate(
            {**more, **values, parent.created_by: called, "external_ids": externals}
        )
    except ValidationError:
        return None
    return payload.model_dump()


def said(named: Named) -> str:
    """Return what a row calls another record, for people."""
    return next(iter(sorted(named.items(), key=lambda item: item[0] != "name")), ("", ""))[1]


def listed(found: Found) -> str:
    """Return the candidates, for people."""
    more = f" and {len(found.ids) - _SHOWN} more" if len(found.ids) > _SHOWN else ""
    return f"{', '.join(found.ids[:_SHOWN])}{more}"


def same(record_type: RecordType, parent: ImportParent, named: Named) -> tuple[str, str]:
    """Return what tells two new records of these names apart: the surest that is said."""
    looks = [*_looks(record_type, parent, 0, named)]
    if not looks:
        return "", ""
    surest = min(looks, key=lambda look: look.rank)
    return surest.kind, surest.value


def ways(record_type: RecordType, parent: ImportParent, named: Named) -> list[tuple[str, str]]:
    """Return everything by which a record of these names would be found."""
    return [(look.kind, look.value) for look in _looks(record_type, parent, 0, named)]


def _is_external(way: str) -> bool:
    return way.startswith("external_ids.")


def _looks(target: RecordType, parent: ImportParent, place: int, named: Named) -> Iterator[_Look]:
    """Yield where to look for one, the surest first."""
    ranks = {way: rank for rank, way in enumerate(("id", "external", *parent.by))}
    any_way = named.get("", "")
    if record_id := read_id(any_way):
        yield _Look(place, ranks["id"], _IDS, "", str(record_id))
        return
    has_externals = "external_ids" in target.fields
    for way, value in named.items():
        if _is_external(way) and has_externals:
            kind = f"external:{way.partition('.')[2]}"
            yield _Look(place, ranks["external"], _KEYS, kind, value)
    if has_externals and (external := EXTERNAL.fullmatch(any_way)):
        kind = f"external:{external[1]}"
        yield _Look(place, ranks["external"], _KEYS, kind, external[2])
    for key in parent.by:
        value = named.get(key) or any_way
        if target.shows(key) and value and (clean := _clean(target, key, value)) is not None:
            how = _KEYS if key in target.keys else _FIELDS
            yield _Look(place, ranks[key], how, key, fold(str(clean)))


def _clean(record_type: RecordType, key: str, value: str) -> Any:
    """Return a value as the field has it; None where it cannot be one."""
    assert record_type.create is not None  # noqa: S101 - what nobody creates has no names either
    known = record_type.create if key in record_type.create.model_fields else record_type.wire
    try:
        return _adapter(known, key).validate_python(value)
    except ValidationError:
        return None


@cache
def _adapter(schema: type[BaseModel], key: str) -> TypeAdapter[Any]:
    annotation: Any = schema.model_fields[key].annotation
    return TypeAdapter(annotation)


def _statement(
    context: Context, target: RecordType, parent: ImportParent, looks: Sequence[_Look]
) -> Sql:
    """Select (place, rank, id) of all that fits."""
    limit = context.condition(target, "read")
    where = 't."deleted_at" is null' + (f" and {limit.text}" if limit else "")
    limits = limit.params if limit else ()
    table = ident(target.table_name)
    parts, params = [], []
    by_id = [look for look in looks if look.how == _IDS]
    parts.append(
        f"select n.place, n.rank, t.id::text from unnest(%s::int[], %s::int[], %s::uuid[]) "
        f"as n(place, rank, id) join {table} t on t.id = n.id where {where}"
    )
    params += [*_arrays(by_id, "place", "rank", "value"), *limits]
    by_key = [look for look in looks if look.how == _KEYS]
    parts.append(
        "select n.place, n.rank, t.id::text from unnest(%s::int[], %s::int[], %s::text[], "
        "%s::text[]) as n(place, rank, kind, value) "
        f"cross join {held_by('%s', 'n.kind', 'n.value')} k join {table} t on t.id = k.record_id "
        f"where {where}"
    )
    params += [*_arrays(by_key, "place", "rank", "kind", "value"), target.name, *limits]
    for name in parent.by:
        found = [look for look in looks if look.how == _FIELDS and look.kind == name]
        if found:
            parts.append(
                "select n.place, n.rank, t.id::text from unnest(%s::int[], %s::int[], %s::text[]) "
                f"as n(place, rank, value) join {table} t on fold(t.{ident(name)}) = n.value "
                f"where {where}"
            )
            params += [*_arrays(found, "place", "rank", "value"), *limits]
    return Sql(" union all ".join(parts), tuple(params))


async def _merged(
    context: Context,
    target: RecordType,
    parent: ImportParent,
    looks: Sequence[_Look],
    rows: Sequence[tuple[Any, ...]],
) -> list[tuple[Any, ...]]:
    """Return (place, rank, id) of what merged records became, where rows say their old ids."""
    found = {(place, rank) for place, rank, _ in rows}
    old = {
        look: f"{look.kind.removeprefix(_EXTERNAL)}:{look.value}".removeprefix(":")
        for look in looks
        if (look.how == _IDS or look.kind.startswith(_EXTERNAL))
        and (look.place, look.rank) not in found
    }
    stays = await merged.named(context, target, old.values()) if old else {}
    now = [
        look._replace(how=_IDS, kind="", value=str(stays[word]))
        for look, word in old.items()
        if word in stays
    ]
    return await context.read(_statement(context, target, parent, now)) if now else []


def _arrays(looks: Sequence[_Look], *names: str) -> list[list[Any]]:
    return [[getattr(look, name) for look in looks] for name in names]
