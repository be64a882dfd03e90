"""Which column of a file is which field, and what a row then says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.workspace.imports import ColumnCandidate, MappedColumn, SavedMapping
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.suggesting import Candidate
from cerebro_server.kernel.records.importing.targets import Target, parsed, same_place


class Perhaps(dict[str, str]):
    """What a row says of another record, which may be of another kind."""


class _Step(NamedTuple):
    """What is done with one cell of a row."""

    column: int
    target: Target
    how: Literal["plain", "text", "words", "key", "part", "whole", "parent"]
    between: str
    """What stands between texts that are put together."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column of the file is which field."""

    record_type: RecordType
    """As the caller sees it."""
    fields: dict[int, str]
    """`{index of the column: target}`; what a target can be is in `targets`."""
    key: str | None
    """The field that says which record a row is, unless its `id` does: `external_ids.<source>` or a
    natural key."""
    keys: tuple[str, ...]
    """Every field of the file that no two records may share: `key`, and others beside it."""
    preset: str | None = None
    deleted: int | None = None
    """The column that marks rows that were deleted at their source."""
    deleted_words: frozenset[str] = frozenset()
    readers: Mapped[int, Callable[[str], Any]] = field(default_factory=dict)
    """How the cells of some columns become ours."""
    only: tuple[int, frozenset[str] | None, frozenset[str]] | None = None
    """The column that tells rows of this noun from others, what it then says, None for anything,
    and what it says of others."""
    constants: Mapped[str, str] = field(default_factory=dict)
    """What every row gets that does not say it itself."""
    told: Mapped[int, Candidate] = field(default_factory=dict)
    """How the columns were found that are fields."""
    others: Mapped[int, Sequence[Candidate]] = field(default_factory=dict)
    """What the others may be, but not so surely that they are taken for it."""
    joined: frozenset[int] = frozenset()
    """Columns that a blank parts from what they are put behind."""
    read: frozenset[int] = frozenset()
    """Columns that are no fields and count all the same: they say what others mean, or what a row
    is about."""
    perhaps: frozenset[int] = frozenset()
    """Columns each of which names a record that may be of another kind."""
    _steps: tuple[_Step, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        # looked up once, not for each of a million rows
        steps = (self._step(index, parsed(text)) for index, text in self.fields.items())
        object.__setattr__(self, "_steps", tuple(steps))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the record that the file has columns for."""
        found: dict[str, None] = {}
        for text in self.fields.values():
            name = parsed(text).field
            if name in self.record_type.splits:
                found |= dict.fromkeys(self.record_type.pieces[name])
            elif name in self.record_type.import_parents:
                parent = self.record_type.import_parents[name]
                found |= {} if parent.via else {parent.here: None}
            elif name != "id" and name not in self.record_type.from_files:
                found[name] = None
        return tuple(found)

    def values(self, cells: list[Any]) -> dict[str, Any]:
        """Return the row's values by field; blank cells are left out."""
        found: dict[str, Any] = {}
        lists: dict[str, dict[int, dict[str, Any]]] = {}
        wholes: dict[str, str] = {}
        for index, target, how, between in self._steps:
            cell = self._cell(cells, index)
            if cell in ("", None) or how == "parent":
                continue
            if how == "plain":
                found[target.field] = cell
            elif how == "part":
                part = lists.setdefault(target.field, {}).setdefault(target.n, {})
                _put(part, target.of, cell, between, added=target.added)
                if target.type:
                    part["type"] = target.type
            elif how == "key":
                found.setdefault(target.field, {})[target.key] = cell
            elif how == "whole":
                wholes[target.field] = str(cell)
            elif how == "words" and isinstance(cell, str):
                found[target.field] = _split(cell)
            else:
                _put(found, target.field, cell, between, added=target.added)
        for name, numbered in lists.items():
            if parts := [part for _, part in sorted(numbered.items()) if {*part} - {"type"}]:
                found[name] = parts
        pieces = self._taken_apart(wholes, found)
        return {**self.constants, **found, **pieces}

    def _taken_apart(self, wholes: Mapped[str, str], found: dict[str, Any]) -> dict[str, Any]:
        """Return the pieces of wholes where a row lacks one that it must have, or has none where
        none must be: it then has none of its own."""
        pieces: dict[str, Any] = {}
        for name, text in wholes.items():
            of = self.record_type.pieces[name]
            needed = [n for n in of if self.record_type.plain.fields[n].required]
            if any(n not in found for n in needed) or not (needed or found.keys() & {*of}):
                for piece in of:
                    found.pop(piece, None)
                pieces |= self.record_type.splits[name](text)
        return pieces

    def parents(self, cells: list[Any]) -> dict[str, dict[str, str]]:
        """Return the other records that the row names: `{company: {domain: acme.com}}`, with ``""``
        for what is any way of naming it; each is `Perhaps` where it may be of another kind."""
        found: dict[str, dict[str, str]] = {}
        for index, target, how, _ in self._steps:
            if how == "parent":
                cell = self._cell(cells, index)
                if isinstance(cell, str) and cell:
                    named = Perhaps() if index in self.perhaps else {}
                    found.setdefault(target.field, named)[target.key] = cell
        return found

    def wanted(self, cells: list[Any]) -> Literal["keep", "delete", "pass"]:
        """Tell what the file wants of a row's record: `delete` where its source deleted it, `pass`
        where the row is about a record of another noun."""
        if self.only is not None:
            word, (_, own, others) = _word(cells, self.only[0]), self.only
            if word in others or (own is not None and word not in own):
                return "pass"
        is_deleted = self.deleted is not None and _word(cells, self.deleted) in self.deleted_words
        return "delete" if is_deleted else "keep"

    def column(self, name: str, cells: list[Any]) -> int | None:
        """Return the column that a field of this row came from: `emails.1` is that of the second
        address that the row has."""
        columns = {same_place(text).removesuffix("+"): i for i, text in self.fields.items()}
        if name in columns:
            return columns[name]
        field, _, rest = name.partition(".")
        if field in self.record_type.import_parents:
            return next((i for i, t in self.fields.items() if parsed(t).field == field), None)
        position, _, of = rest.partition(".")
        numbered: dict[int, dict[str, int]] = {}
        for index, text in self.fields.items():
            target = parsed(text)
            if target.field == field and target.n and self._cell(cells, index):
                numbered.setdefault(target.n, {})[target.of] = index
        parts = [columns for _, columns in sorted(numbered.items()) if {*columns} - {"type"}]
        if position.isdecimal() and int(position) < len(parts):
            there = parts[int(position)]
            return there.get(of, next(iter(there.values())))
        wholes = (whole for whole in self.record_type.splits if whole in columns)
        whole = next((w for w in wholes if field in self.record_type.pieces[w]), None)
        return columns.get(field, columns.get(whole or ""))

    def to_wire(self, header: list[str]) -> SavedMapping:
        """Return the mapping by the names of its columns, to be used for another file."""
        return SavedMapping(
            preset=self.preset,
            columns={name: self.fields.get(i) for i, name in enumerate(header) if name},
            key=self.key,
        )

    def columns(self, header: Sequence[str], *, most: int) -> list[MappedColumn]:
        """Return what the file's columns are taken for, how surely, and what they may be else."""
        found = []
        for index, name in enumerate(header):
            told, others = self.told.get(index), self.others.get(index, ())
            if told is None and not others:
                continue
            column = MappedColumn(
                column=name,
                field=told and told.target,
                score=told and told.score,
                reason=told and told.reason,
                candidates=[ColumnCandidate(**_wire(each)) for each in others],
                option=next((_option(name, c.target) for c in others if c.score), None),
            )
            found.append(column)
        return found[:most]

    def _cell(self, cells: list[Any], index: int) -> Any:
        cell = cells[index] if index < len(cells) else ""
        if not isinstance(cell, str):
            return cell
        cell = cell.strip()
        read = self.readers.get(index)
        return read(cell) if read and cell else cell

    def _step(self, index: int, target: Target) -> _Step:
        record_type = self.record_type
        known = record_type.fields.get(target.field)
        kind = known.kind if known else None
        between = "\n" if kind is Kind.LONG_TEXT and index not in self.joined else " "
        if target.field in record_type.import_parents:
            return _Step(index, target, "parent", between)
        if target.n:
            of = record_type.parts[target.field].get(target.of)
            # a number's country and the rest of it may stand in two columns
            is_joined = of is Kind.PHONE or index in self.joined
            return _Step(index, target, "part", " " if is_joined else ", ")
        if target.key:
            return _Step(index, target, "key", between)
        if target.field in record_type.splits:
            return _Step(index, target, "whole", between)
        if kind is Kind.KEYS:
            return _Step(index, target, "words", between)
        return _Step(index, target, "text" if target.added else "plain", between)


def _wire(candidate: Candidate) -> dict[str, Any]:
    field, score, reason = candidate
    return {"field": field, "score": score, "reason": reason}


def _option(column: str, field: str) -> str:
    return shlex.join(["--map", f"{column}={field}"])


def _word(cells: Sequence[Any], index: int) -> str:
    return str(cells[index]).strip().lower() if index < len(cells) else ""


def _put(found: dict[str, Any], name: str, cell: Any, between: str, *, added: bool) -> None:
    before = found.get(name) if added else None
    both = isinstance(before, str) and isinstance(cell, str)
    found[name] = f"{before}{between}{cell}" if both else cell


def _split(cell: str) -> Any:
    """Return the words of a cell; an export writes JSON where a word holds what parts words."""
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            pass  # a word that begins so
    return [word for part in re.split("[,;]", cell) if (word := part.strip())]
