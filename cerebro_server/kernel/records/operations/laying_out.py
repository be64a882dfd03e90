"""What a mapping file says of a file of a dump, in the terms of every import: its columns, what
every row gets, which columns name other records, and which say since when a record is there."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Final

from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.dates import NAMES, Dates
from cerebro_server.kernel.records.importing.mapping import Mapping as Mapped
from cerebro_server.kernel.records.importing.naming import folded
from cerebro_server.kernel.records.importing.table import Row, Table
from cerebro_server.kernel.records.operations.inputs import DumpFile, Reference

_MARK: Final = "= "
"""Before the name of a column that no file has: what every row gets."""
_SOURCE: Final = "source_created_at"
_CHANGED: Final = frozenset(
    map(folded, ("updated_at", "Last Modified Date", "Modified Time", "Update Time", "modifiedAt"))
)
_PLAIN_IDS: Final = frozenset({"id", "recordid"})
_MADE: Final = frozenset(map(folded, ("created_at",)))


class Layout:
    """How one file of a dump is laid out."""

    def __init__(
        self, shown: RecordType, table: Table, file: DumpFile, known: Mapping[str, RecordType]
    ) -> None:
        self._shown = shown
        self._header = table.header
        self._known = known
        said = {
            column: self._target(column, to) if isinstance(to, Reference) else to
            for column, to in (file.map or {}).items()
        }
        self._dated = {str(to): column for column, to in said.items() if to in NAMES}
        constants = {f"{_MARK}{name}": name for name in file.values}
        self.table = _with(table, list(constants), list(file.values.values()))
        self.map: dict[str, str | None] = {
            **{column: None if to in NAMES else to for column, to in said.items()},
            **constants,
        }

    def keep_ids_of(self, source: str | None) -> None:
        """Let the column that is plainly a record's id at its source be that, if nobody said what
        it is: a second import then finds the record."""
        if source is None or "external_ids" not in self._shown.writable:
            return
        said = {column.strip().casefold() for column in self.map}
        target = f"external_ids.{source}"
        column = next((name for name in self._header if folded(name) in _PLAIN_IDS), None)
        if column and column.casefold() not in said and target not in self.map.values():
            self.map[column] = target

    def settled(self, mapping: Mapped) -> Mapped:
        """Return the mapping with fields that hold another record's id as names of it: what they
        name may be no record yet."""
        names = {p.here: n for n, p in self._shown.import_parents.items() if not p.via}
        there = {*mapping.fields.values()}
        fields = {
            index: names.get(target, target)
            for index, target in mapping.fields.items()
            if names.get(target) not in there
        }
        return replace(mapping, fields=fields)

    def dates(self, mapping: Mapped, now: datetime, *, keeps: bool) -> Dates | None:
        """Return what reads since when records are there; None where that is not kept."""
        found = {name: self._place(column) for name, column in self._dated.items()}
        if keeps:
            at_source = {t: i for i, t in mapping.fields.items()}.get(_SOURCE)
            words = {folded(column): index for index, column in enumerate(self._header) if column}
            made = next((words[word] for word in _MADE if word in words), at_source)
            changed = next((words[word] for word in _CHANGED if word in words), None)
            shown = self._shown
            own = (n for n in shown.dated if n in shown.fields and n not in shown.closed)
            times = ((name, words.get(folded(name))) for name in own)
            for name, index in (("created_at", made), ("updated_at", changed), *times):
                if index is not None:
                    found.setdefault(name, index)
        return Dates(found, mapping.readers, now) if found else None

    def _place(self, column: str) -> int:
        """Return the index of a column that the mapping has been found to name rightly."""
        said = column.strip()
        exact = said in self._header
        names = self._header if exact else [name.casefold() for name in self._header]
        return names.index(said if exact else said.casefold())

    def _target(self, column: str, said: Reference) -> str:
        """Return what a reference is as a target: `company.external_ids.salesforce`."""
        noun, _, way = said.of.partition(".")
        if noun not in self._known:
            raise _refused(
                f"Column {column!r} refers to {noun!r}, which there are not; there are: "
                f"{', '.join(self._known)}.",
                closest(noun, self._known),
            )
        relations = {n: p for n, p in self._shown.import_parents.items() if p.noun == noun}
        named = {p.here: n for n, p in relations.items() if not p.via}
        to = said.to if said.to is not None else next(iter(relations), None)
        name = named.get(to or "", to)
        if name not in relations:
            raise _refused(
                f"Column {column!r}: {self._shown.name} do not name {noun}"
                f"{'' if said.to is None else f' by {said.to!r}'}; they name: "
                f"{', '.join(self._shown.import_parents) or 'nothing'}."
            )
        return name if way in ("", "id") else f"{name}.{way}"


def _with(table: Table, names: list[str], cells: list[str]) -> Table:
    """Return a table with columns that say the same in every row."""
    if not names:
        return table
    wide = len(table.header)

    def records() -> Generator[Row, None, None]:
        with closing(table.rows()) as rows:
            for row in rows:
                yield Row(row.line, [*row.cells, *[""] * (wide - len(row.cells)), *cells])

    return replace(table, header=[*table.header, *names], records=records)


def _refused(said: str, suggestion: str | None = None) -> Invalid:
    wrong = {"parameter": "map", "code": "unknown_reference", "detail": said}
    return Invalid(said, errors=[wrong], suggestion=suggestion)
