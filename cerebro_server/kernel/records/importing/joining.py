"""Rows planned together with what they name: missing records to be made, links to be added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, ImportParent, RecordType, Refusal
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.importing import parents
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.deciding import decide
from cerebro_server.kernel.records.importing.mapping import Perhaps
from cerebro_server.kernel.records.importing.parents import Named
from cerebro_server.kernel.records.importing.run import Pending, Run
from cerebro_server.kernel.records.importing.shape import Shape
from cerebro_server.kernel.records.planned import Row

MissingParent = Literal["refuse", "create", "skip"]
_STAYS = ("create", "update", "unchanged")
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

    def __init__(self, record_type: RecordType, missing: MissingParent | None, run: Run) -> None:
        self.record_type = record_type
        self._missing = missing
        self._run = run

    async def fields(
        self, context: Context, batch: Batch, named: Sequence[Mapping[str, Named]]
    ) -> tuple[list[Row], list[Refusal]]:
        """Fill in the fields of rows that name another record, before the rows are decided about.

        Returns rows that make what is missing, and refusals of rows whose name fits nothing, or too
        much. `named` is by row.
        """
        made: list[Row] = []
        refusals: list[Refusal] = []
        hits: set[int] = set()
        for name, parent in self.record_type.import_parents.items():
            rows = {number: one[name] for number, one in enumerate(named) if name in one}
            if parent.via is None and rows and not self._waits(parent):
                found = await self._found(context, name, parent, rows)
                made += await self._created(context, parent, found)
                refusals += found.refusals
                for number in rows:
                    batch.rows[number][parent.here] = found.ids.get(number)
                self._count(name, rows, found)
                hits |= {number for number in found.ids if isinstance(rows[number], Perhaps)}
        return made, [*refusals, *self._of_no_kind(context, named, hits)]

    def _of_no_kind(
        self, context: Context, named: Sequence[Mapping[str, Named]], hits: Set[int]
    ) -> Iterator[Refusal]:
        """Count what rows name that is of none of the kinds that it may be of, each once; yield
        refusals of these rows, where that was asked for."""
        for number, one in enumerate(named):
            name = next((name for name in one if isinstance(one[name], Perhaps)), None)
            if name is None or number in hits:
                continue
            self._run.tally(name).miss(parents.said(one[name]))
            if self._policy(context, self.record_type.import_parents[name]) != "skip":
                text = f"There is no record {parents.said(one[name])}."
                yield Refusal(number, name, "unknown_reference", text)

    def pending(
        self, lines: Sequence[int], named: Sequence[Mapping[str, Named]], decided: Mapping[int, Row]
    ) -> list[Pending]:
        """Return what rows name that may stand further down, for when all of it has been read."""
        return [
            Pending(self._run.file, lines[number], row.record_id, name, named[number][name])
            for name, parent in self.record_type.import_parents.items()
            if self._waits(parent)
            for number, row in decided.items()
            if name in named[number] and row.record_id is not None and row.action in _STAYS
        ]

    async def settle(
        self, context: Context, name: str, rows: Mapping[int, Named]
    ) -> tuple[list[Row], Mapping[int, str], list[Refusal]]:
        """Find what rows name that were put off.

        Returns rows that make what is missing, ids by row, and refusals.
        """
        parent = self.record_type.import_parents[name]
        found = await self._found(context, name, parent, rows)
        made = await self._created(context, parent, found)
        self._count(name, rows, found)
        return made, found.ids, found.refusals

    @property
    def own(self) -> frozenset[str]:
        """The names by which rows name others of their own noun, which may stand further down."""
        parents = self.record_type.import_parents.items()
        return frozenset(name for name, parent in parents if self._waits(parent))

    def _waits(self, parent: ImportParent) -> bool:
        return parent.via is None and parent.noun == self.record_type.name

    def _count(self, name: str, rows: Mapping[int, Named], found: _Named) -> None:
        tally = self._run.tally(name)
        refused = {refusal.row for refusal in found.refusals}
        # of what may be of several kinds the miss is counted once, when all have been looked at
        refused |= {number for number in rows if isinstance(rows[number], Perhaps)}
        tally.made += len(found.ids)
        for number in rows.keys() - found.ids.keys() - refused:
            tally.miss(parents.said(rows[number]))

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
        for name, parent in self.record_type.import_parents.items():
            rows = {
                number: one[name]
                for number, one in enumerate(named)
                if name in one and number in decided
            }
            if parent.via is not None and rows and parent.via not in self._run.nouns:
                found = await self._found(context, name, parent, rows)
                made += await self._created(context, parent, found)
                refusals += found.refusals
                self._count(name, rows, found)
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
        for record_id in rest:
            self._run.coming.forget(record_id)
        return [row for row in made if str(row.record_id) not in rest]

    async def _found(
        self, context: Context, name: str, parent: ImportParent, rows: Mapping[int, Named]
    ) -> _Named:
        """Find what rows name; make values for what is missing, or refuse the rows, as was asked.

        A name that fits several records is refused with the candidates.
        """
        fits_of = await parents.find(context, parent, list(rows.values()), self._run.coming)
        target = context.seen(context.catalog[parent.noun])
        policy = self._policy(context, parent)
        found = _Named()
        absent: dict[int, Named] = {}
        for (row, one), fits in zip(rows.items(), fits_of, strict=True):
            if fits.id is not None:
                found.ids[row] = fits.id
            elif fits.ids:
                text = (
                    f"{len(fits.ids)} {parent.noun} fit {parents.said(one)!r}: "
                    f"{parents.listed(fits)}; name one by its id or a key."
                )
                found.refusals.append(Refusal(row, name, "ambiguous_reference", text))
            elif not isinstance(one, Perhaps):
                absent[row] = one
        if policy != "skip":
            _settle_missing(found, target, parent, (name, absent), creates=policy == "create")
        return found

    def _policy(self, context: Context, parent: ImportParent) -> MissingParent:
        """Return what becomes of rows that name what is not there: as was asked.

        Left out it is `create` where the caller may, else `refuse`; of a dump with a file of that
        noun `skip`, since what is not in there is not meant to come. A link needs its ends; what it
        names besides is let go of in a dump, and makes nothing.
        """
        target = context.catalog[parent.noun]
        if self.record_type.ends:
            asked = self._missing or ("skip" if self._run.is_whole else "refuse")
            return "skip" if parent.is_optional and asked == "skip" else "refuse"
        if self._missing is None and parent.is_optional:
            return "skip"
        if self._missing is None and not self._run.is_whole and target.goes_along:
            return "refuse"  # a setting is not made of a word that is misspelled
        may_create = context.actor.may(f"{parent.noun}:create")
        otherwise: MissingParent = "create" if may_create else "refuse"
        otherwise = "skip" if parent.noun in self._run.nouns else otherwise
        policy = self._missing or otherwise
        if policy == "create":
            context.actor.require(f"{parent.noun}:create")
        return policy

    def makes(self, context: Context, noun: str) -> bool:
        """Whether settings that rows name are made where there are none: in a dump, for who may,
        unless it is said otherwise; for a single file if it is said."""
        asked = self._missing or ("create" if self._run.is_whole else "refuse")
        return asked == "create" and context.actor.may(f"{noun}:create")

    def columns(self, noun: str) -> Mapping[str, str]:
        """Return what columns of files of a noun in the same run are taken for."""
        return self._run.columns.get(noun, {})

    async def make(
        self, context: Context, noun: str, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[list[Row], list[str | None]]:
        """Plan records that rows name; return them, and the ids of all, None for one that rules
        refuse."""
        target = context.catalog[noun]
        assert target.create is not None  # noqa: S101 - it could not be made
        values = [target.create.model_validate(row).model_dump() for row in rows]
        given = (name for each in values for name, value in each.items() if value is not None)
        names = tuple(dict.fromkeys(name for name in given if name != "external_ids"))
        shape = Shape(target, names, None, ())
        batch = Batch([{"id": None, **each} for each in values])
        planned = self._run.coming
        decided = await decide(context, shape, batch, Claims(target, ()), planned=planned)
        for each in decided.values():
            planned.add(target, each)
        ids = [str(decided[n].record_id) if n in decided else None for n in range(len(values))]
        return list(decided.values()), ids

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
        coming = self._run.coming
        for each in decided.values():
            coming.add(target, each)
        for way, number in found.ways.items():
            if number in decided and (record_id := decided[number].record_id) is not None:
                coming.name(target.name, [way], record_id)
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
