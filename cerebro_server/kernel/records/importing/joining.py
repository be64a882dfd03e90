"""Rows planned together with what they name: missing records to be made, links to be added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, ImportParent, RecordType, Refusal
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.importing import parents
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.deciding import decide
from cerebro_server.kernel.records.importing.parents import Named
from cerebro_server.kernel.records.importing.shape import Shape
from cerebro_server.kernel.records.planned import Row

MissingParent = Literal["refuse", "create", "skip"]
Way = tuple[str, str]


@dataclass(slots=True)
class _Named:
    """What the rows of a batch name, under one of the names that their noun has for it."""

    ids: dict[int, str] = field(default_factory=dict)
    """By row, what is there, or will be."""
    fresh: dict[int, int] = field(default_factory=dict)
    """By row, which of `new` it is."""
    new: list[dict[str, Any]] = field(default_factory=list)
    """Values of records to be made."""
    ways: dict[Way, int] = field(default_factory=dict)
    """By what they would be found, which of `new` they are."""
    refusals: list[Refusal] = field(default_factory=list)


class Joining:
    """What the rows of one file name beside their own records, chunk after chunk."""

    def __init__(self, record_type: RecordType, missing: MissingParent | None) -> None:
        self._record_type = record_type
        self._missing = missing
        self.planned: set[str] = set()
        """Ids of records that will be there."""
        self._made: dict[str, dict[Way, str]] = {}
        """By noun, the records that earlier rows have had planned."""

    async def fields(
        self, context: Context, batch: Batch, named: Sequence[Mapping[str, Named]]
    ) -> tuple[list[Row], list[Refusal]]:
        """Fill in the fields of rows that name another record, before the rows are decided about.

        Returns rows that make what is missing, and refusals of rows whose name fits nothing, or too
        much. `named` is by row.
        """
        made: list[Row] = []
        refusals: list[Refusal] = []
        for name, parent in self._record_type.import_parents.items():
            rows = {number: one[name] for number, one in enumerate(named) if name in one}
            if parent.via is None and rows:
                found = await self._found(context, name, parent, rows)
                made += await self._created(context, parent, found)
                refusals += found.refusals
                for number, record_id in found.ids.items():
                    batch.rows[number][parent.here] = record_id
        return made, refusals

    async def links(
        self,
        context: Context,
        batch: Batch,
        named: Sequence[Mapping[str, Named]],
        decided: Mapping[int, Row],
    ) -> tuple[list[Row], list[tuple[int, Row]], list[Refusal]]:
        """Plan the links to what rows name that have been decided about.

        Returns rows that make what is missing, the links by row, and refusals as `fields` does.
        """
        made: list[Row] = []
        links: list[tuple[int, Row]] = []
        refusals: list[Refusal] = []
        for name, parent in self._record_type.import_parents.items():
            rows = {
                number: one[name]
                for number, one in enumerate(named)
                if name in one and number in decided
            }
            if parent.via is not None and rows:
                found = await self._found(context, name, parent, rows)
                made += await self._created(context, parent, found)
                refusals += found.refusals
                pairs = [
                    (number, str(decided[number].record_id), other)
                    for number, other in sorted(found.ids.items())
                ]
                links += await _missing_links(context, parent, batch, pairs)
        out = {refusal.row for refusal in refusals}
        return made, [link for link in links if link[0] not in out], refusals

    def needed(self, made: Sequence[Row], kept: Iterable[Row]) -> list[Row]:
        """Return those of the records to be made that rows name which are kept; the others are
        forgotten, so that a later row that names one makes it."""
        named = {value for row in kept for value in _ids_in(row)}
        rest = {str(row.record_id) for row in made} - named
        self.planned -= rest
        for ways in self._made.values():
            for way in [way for way, record_id in ways.items() if record_id in rest]:
                del ways[way]
        return [row for row in made if str(row.record_id) not in rest]

    async def _found(
        self, context: Context, name: str, parent: ImportParent, rows: Mapping[int, Named]
    ) -> _Named:
        """Find what rows name; make values for what is missing, or refuse the rows, as was asked.

        Left out it is `create` where the caller may, else `refuse`. A name that fits several
        records is refused with the candidates.
        """
        fits_of = await parents.find(context, parent, list(rows.values()))
        target = context.seen(context.catalog[parent.noun])
        may_create = context.actor.may(f"{parent.noun}:create")
        policy = self._missing or ("create" if may_create else "refuse")
        if policy == "create":
            context.actor.require(f"{parent.noun}:create")
        found = _Named()
        absent: dict[int, Named] = {}
        made = self._made.setdefault(parent.noun, {})
        for (row, one), fits in zip(rows.items(), fits_of, strict=True):
            known = (made[way] for way in parents.ways(target, parent, one) if way in made)
            if (record_id := fits.id or (None if fits.ids else next(known, None))) is not None:
                found.ids[row] = record_id
            elif fits.ids:
                text = (
                    f"{len(fits.ids)} {parent.noun} fit {parents.said(one)!r}: "
                    f"{parents.listed(fits)}; name one by its id or a key."
                )
                found.refusals.append(Refusal(row, name, "ambiguous_reference", text))
            else:
                absent[row] = one
        if policy != "skip":
            _settle_missing(found, target, parent, (name, absent), creates=policy == "create")
        return found

    async def _created(self, context: Context, parent: ImportParent, found: _Named) -> list[Row]:
        """Plan the records that are missing; rows whose record is refused are refused, too."""
        if not found.new:
            return []
        target = context.catalog[parent.noun]
        given = (name for values in found.new for name, value in values.items() if value)
        names = tuple(dict.fromkeys(given))
        keys = tuple(key for key in target.keys if key in names)
        externals = {source for v in found.new for source in v.get("external_ids") or ()}
        of_sources = tuple(f"external_ids.{source}" for source in sorted(externals))
        shape = Shape(target, names, None, (*of_sources, *keys))
        batch = Batch([{"id": None, **values} for values in found.new])
        decided = await decide(context, shape, batch, Claims(target, shape.keys))
        refused = {refusal.row: refusal for refusal in batch.refusals}
        for row, number in found.fresh.items():
            if number in refused:
                why = refused[number]
                text = f"The {target.noun.singular} that it names cannot be made: {why.message}"
                found.refusals.append(Refusal(row, why.field, why.code, text))
            else:
                found.ids[row] = str(decided[number].record_id)
        made = self._made[parent.noun]
        made |= {w: str(decided[n].record_id) for w, n in found.ways.items() if n in decided}
        self.planned |= {str(row.record_id) for row in decided.values()}
        return list(decided.values())


def _ids_in(row: Row) -> Iterator[str]:
    """Yield what a row says that may be another record's id."""
    yield from (value for value in (row.values or {}).values() if isinstance(value, str))


def _settle_missing(
    found: _Named,
    target: RecordType,
    parent: ImportParent,
    absent: tuple[str, Mapping[int, Named]],
    *,
    creates: bool,
) -> None:
    """Make one record for all rows that mean the same; those that say most of it come first."""
    name, rows = absent
    for row, one in sorted(rows.items(), key=lambda item: -len(item[1])):
        values = parents.values_of(target, parent, one) if creates else None
        if values is None:
            text = f"There is no {target.noun.singular} {parents.said(one)}."
            if creates:
                text += " It cannot be made of that alone; import it first."
            found.refusals.append(Refusal(row, name, "unknown_reference", text))
            continue
        number = found.ways.get(parents.same(target, parent, one))
        if number is None:
            number = len(found.new)
            found.new.append(values)
        for way in parents.ways(target, parent, one):
            found.ways.setdefault(way, number)
        found.fresh[row] = number


async def _missing_links(
    context: Context, parent: ImportParent, batch: Batch, pairs: Sequence[tuple[int, str, str]]
) -> list[tuple[int, Row]]:
    """Return the links that are not there yet, by row. One that holds today is not repeated,
    whoever may see it; others of the record stay."""
    if not pairs:
        return []
    assert parent.via is not None  # noqa: S101 - a field of the record itself needs no link
    context.actor.require(f"{parent.via}:create")
    link = context.catalog[parent.via]
    here, there = ident(parent.here), ident(parent.there)
    only = f"l.{ident(parent.current)} and " if parent.current else ""
    held = await context.read(
        Sql(
            f"select l.{here}::text, l.{there}::text from {ident(link.table_name)} l "
            f'where {only}l."deleted_at" is null and l.{here} = any(%s::uuid[])',
            ([mine for _, mine, _ in pairs],),
        )
    )
    seen = set(held)
    found: list[tuple[int, Row]] = []
    for number, mine, other in pairs:
        if (mine, other) in seen:
            continue
        seen.add((mine, other))
        row = batch.rows[number]
        copied = {name: row[source] for name, source in parent.copied.items() if row.get(source)}
        current = {parent.current: True} if parent.current else {}
        values = {parent.here: mine, parent.there: other, **copied, **current}
        found.append((number, Row(link.name, "create", uuid7(), None, values)))
    return found
