"""From the rows of a file to a batch: mapped, validated, each key claimed once."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.workspace.imports import SavedMapping
from cerebro_server.kernel.fields import Batch, RecordType, Refusal
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.customizing import Wrong, checked
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.dates import Dates
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.shape import Shape
from cerebro_server.kernel.records.importing.sums import Sums
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN, Row, Table, text_of
from cerebro_server.kernel.records.importing.targets import parsed
from cerebro_server.kernel.records.importing.unknown import Unknown
from cerebro_server.kernel.records.validation import message

Problem = dict[str, Any]
_Validated = tuple[dict[str, Any], list[Wrong], list[Wrong]]
Lists = Literal["replace", "append"]
_STAND_IN = str(UUID(int=0))
_MOST_COLUMNS = 500  # that a report tells of
_NUL, _SHOWN_NUL = "\0", "\ufffd"  # JSON in PostgreSQL cannot hold the first


@dataclass(slots=True)
class Prepared:
    """Some rows of a file, ready to be decided about."""

    rows: list[Row] = field(default_factory=list)
    """Those that are right so far; the batch has their values, in the same order."""
    batch: Batch = field(default_factory=lambda: Batch([]))
    incomplete: dict[int, list[Wrong]] = field(default_factory=dict)
    """What rows lack that a new record must have, by their number in the batch; a record that is
    there has it."""
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    """What is wrong with the others, by line."""
    repeated: list[int] = field(default_factory=list)
    """Lines of rows for records that an earlier row was for."""
    others: list[int] = field(default_factory=list)
    """Lines of rows about records of another noun."""
    removed: list[Row] = field(default_factory=list)
    """Rows that were deleted where the file is from."""
    called: dict[int, str] = field(default_factory=dict)
    """The ids that rows have, by their number in the batch, where they are about other records."""
    dates: list[Mapped[str, str]] = field(default_factory=list)
    """Since when the records of the rows are there, where that is kept; in the same order."""


class Preparing:
    """Prepares the rows of one file, chunk by chunk."""

    def __init__(
        self,
        record_type: RecordType,
        shown: RecordType,
        table: Table,
        mapping: Mapping,
        *,
        lists: Lists = "replace",
        dates: Dates | None = None,
    ) -> None:
        assert record_type.create is not None  # noqa: S101 - or there would be no import
        appends = lists == "append"
        self.shape = Shape(record_type, mapping.names, mapping.key, mapping.keys, appends)
        self.claims = Claims(record_type, mapping.keys)
        self._shown = shown
        self.table = table
        self._mapping = mapping
        known = {*mapping.fields, *mapping.read}
        self._ignored = dict.fromkeys(
            (
                index
                for index, name in enumerate(table.header)
                if index not in known and name not in ("", ERROR_COLUMN)
            ),
            0,
        )
        self._count = 0
        self._removed = self._others = 0
        self._adapter = TypeAdapter(record_type.create)
        self._partial = TypeAdapter(record_type.update) if record_type.update else None
        self._said_by_files: dict[str, TypeAdapter[Any]] = {
            name: TypeAdapter(record_type.from_files[name]) for name in record_type.from_files
        }
        self._unknown = Unknown(shown, table.header, mapping)
        self._dates = dates
        self._links = {
            name: parent
            for name, parent in record_type.import_parents.items()
            if parent.via is None and record_type.fields[parent.here].required
        }
        self.sums = Sums(shown, mapping)

    def prepare(self, rows: Sequence[Row], found: Prepared) -> None:
        """Validate rows, and put them behind others; what a thread can do meanwhile."""
        self._count += len(rows)
        for row in rows:
            self._unknown.see(row.cells)
            wanted = self._mapping.wanted(row.cells)
            if wanted == "pass":
                self._others += 1
                found.others.append(row.line)
                continue
            if wanted == "delete":
                self._removed += 1
                found.removed.append(row)
                continue
            for index in self._ignored:
                if index < len(row.cells) and row.cells[index]:
                    self._ignored[index] += 1
            validated = self._validate(row, found)
            dates, wrong = self._dates.of(row.cells) if self._dates else ({}, [])
            if wrong:
                self._refuse_all(found, row, wrong)
            elif validated is not None and self._claim(row, validated, found):
                values, doubts, lacking = validated
                if lacking:
                    found.incomplete[len(found.rows)] = lacking
                for doubt in doubts:
                    found.batch.refuse(len(found.rows), *doubt)
                found.rows.append(row)
                found.batch.rows.append(values)
                found.dates.append(dates)

    def values(self, row: Row) -> dict[str, Any]:
        """Return what a row says, unchecked but for what may be its key: enough to find its
        record."""
        found = self._mapping.values(row.cells)
        if found.get(COLUMN):
            found[COLUMN], _ = checked(self._shown, found[COLUMN])
        return found

    def parents(self, row: Row) -> Mapped[str, Mapped[str, str]]:
        """Return the other records that a row names."""
        return self._mapping.parents(row.cells)

    def refuse(self, found: Prepared, refusals: Sequence[Refusal]) -> None:
        """Put refusals of rows in the batch beside those of others."""
        for refusal in refusals:
            name = refusal.field and refusal.field.replace("/", ".")
            self._refuse(found, found.rows[refusal.row], name, refusal.code, refusal.message)

    @property
    def names(self) -> frozenset[str]:
        """What the columns of the file are: fields, and names of other records."""
        return frozenset(parsed(target).field for target in self._mapping.fields.values())

    @property
    def mapping(self) -> SavedMapping:
        """The mapping by the names of its columns, to be used for another file."""
        return self._mapping.to_wire(self.table.header)

    @property
    def ignored(self) -> dict[str, int]:
        """The columns that go nowhere, each with how many of its cells hold something."""
        return {self.table.header[index]: n for index, n in self._ignored.items() if n}

    def report(self) -> dict[str, Any]:
        """Return how the file was read, and where its columns go."""
        header, mapping, table = self.table.header, self._mapping, self.table
        return {
            "rows": self._count,
            "deleted_at_source": self._removed,
            "of_another_noun": self._others,
            "format": table.format,
            "sheet": table.sheet,
            "encoding": table.encoding.name,
            "encoding_source": table.encoding.source,
            "delimiter": table.delimiter,
            "preset": mapping.preset,
            "columns": [each.model_dump() for each in mapping.columns(header, most=_MOST_COLUMNS)],
            "mapping": {header[index]: text for index, text in sorted(mapping.fields.items())},
            "ignored": list(self.ignored),
            "unknown": [each.model_dump() for each in self._unknown.proposals()],
            "key": mapping.key,
        }

    def _validate(self, row: Row, found: Prepared) -> _Validated | None:
        """Return the row's values, what is wrong with some of them unless it is stored so, and what
        it lacks unless its record has it."""
        sent = self._mapping.values(row.cells)
        self.sums.see(sent)
        sent |= self._stand_ins(sent, row)
        given = sent.pop("id", None)
        of_file, wrong_of_file = self._of_file(sent)
        if wrong_of_file:
            self._refuse_all(found, row, wrong_of_file)
            return None
        record_id = read_id(str(given)) if given else None
        lacking: list[Wrong] = []
        try:
            payload = self._adapter.validate_python(sent)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False)
            wrong = [Wrong("/".join(map(str, d["loc"])), d["type"], message(d)) for d in details]
            if self._partial is None or any(each.code != "missing" for each in wrong):
                self._refuse_all(found, row, wrong)
                return None
            payload, lacking = self._partial.validate_python(sent), wrong
        if given and record_id is None:
            said = _no_id(str(given), self._mapping, self.table.header)
            lacking = [Wrong("id", "not_an_id", said), *lacking]
        values = {**payload.model_dump(), **of_file, "id": str(record_id) if record_id else None}
        if not values.get(COLUMN):
            return values, [], lacking
        given = values[COLUMN]
        values[COLUMN], wrong = checked(self._shown, given)
        if any(each.code != "option" for each in wrong):
            self._refuse_all(found, row, wrong)
            return None
        # a choice that is there no longer
        values[COLUMN] |= {each.key: given[each.key] for each in wrong}
        return values, wrong, lacking

    def _of_file(self, sent: dict[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
        """Take out what only files say, and return it, with what is wrong with it."""
        values: dict[str, Any] = {}
        wrong: list[Wrong] = []
        for name, adapter in self._said_by_files.items():
            if name not in sent:
                continue
            try:
                values[name] = adapter.validate_python(sent.pop(name))
            except ValidationError as error:
                detail = error.errors(include_url=False, include_context=False)[0]
                wrong.append(Wrong(name, detail["type"], message(detail)))
        return values, wrong

    def _stand_ins(self, sent: Mapped[str, Any], row: Row) -> dict[str, str]:
        """Return something for fields that must be there, and that are filled in once it is known
        which record the row names."""
        named = self.parents(row) if self._links else {}
        here = [parent.here for name, parent in self._links.items() if name in named]
        return {name: _STAND_IN for name in here if name not in sent}

    def _claim(self, row: Row, validated: _Validated, found: Prepared) -> bool:
        """Tell whether the row's keys are free in this file. A row for a record that an earlier
        row was for is skipped; one that shares another key with an earlier row is refused."""
        values, _, lacking = validated
        taken = self.claims.claim(values, row.line, is_sure=not lacking)
        if ("id" if values["id"] else self._mapping.key) in taken:
            found.repeated.append(row.line)
        else:
            for name, line in taken.items():
                self._refuse(found, row, name, "duplicate_key", f"Line {line} has the same.")
        return not taken

    def _refuse_all(self, found: Prepared, row: Row, wrong: Sequence[Wrong]) -> None:
        for path, code, said in wrong:
            self._refuse(found, row, path.replace("/", "."), code, said)

    def _refuse(self, found: Prepared, row: Row, name: str | None, code: str, said: str) -> None:
        dated = self._dates.columns if self._dates else {}
        index = self._mapping.column(name, row.cells) if name else None
        index = dated.get(name or "", index)
        cell = row.cells[index] if index is not None and index < len(row.cells) else None
        problem = {
            "code": code,
            "message": said.replace(_NUL, _SHOWN_NUL),
            "field": name,
            "column": None if index is None else self.table.header[index],
            "value": None if cell is None else text_of(cell)[:200].replace(_NUL, _SHOWN_NUL),
        }
        found.problems.setdefault(row.line, []).append(problem)


def _no_id(text: str, mapping: Mapping, header: Sequence[str]) -> str:
    """Say what to do about an id that is none of ours: cut off, it would make the record anew."""
    column = next((header[i] for i, target in mapping.fields.items() if target == "id"), "id")
    return (
        f"{text[:40]!r} is no id of a record here, such as 01a2283c-4f5e-7d60-8a9b-0c1d2e3f4a5b. "
        f"If it is another program's, say so: --map '{column}=external_ids.NAME'; "
        f"--map '{column}=' leaves the column out."
    )
