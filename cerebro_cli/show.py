"""Records in every output format."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from cerebro_cli import edit, exits, facts, output
from cerebro_cli.output import Format
from cerebro_sdk.display import cell as short_cell
from cerebro_sdk.display import short_id, visible

Record = Mapping[str, Any]
Cell = Callable[[Record, bool], str]
"""Writes one column of a record as text; the flag asks for the short form that tables show."""

_PAGE = 500  # rows of a table drawn at a time: column widths need all of them in memory


class Shape(NamedTuple):
    """What the user asked to see of a noun."""

    noun: facts.Noun
    format: Format
    columns: tuple[str, ...] | None = None
    cells: Mapping[str, Cell] = {}

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns of tables and CSV."""
        if self.columns is not None:
            return self.columns
        own = self.noun.columns
        return own if "id" in own or "id" not in self.noun.fields else ("id", *own)


def columns(text: str | None, noun: facts.Noun) -> tuple[str, ...] | None:
    """Read `--columns a,b`; an unknown one is refused with the list of those there are."""
    if text is None:
        return None
    asked = tuple(part.strip() for part in text.split(",") if part.strip())
    known = list(dict.fromkeys([*noun.fields, *noun.columns]))
    if not asked:
        raise exits.usage("--columns names no column.", hint=f"Columns: {', '.join(known)}")
    for name in asked:
        root, _, key = name.partition(".")
        if root in known and (not key or noun.fields[root].kind == "map"):
            continue
        if not edit.is_custom(name, noun):  # else records tell which of those there are
            raise _no_column(name, known, noun)
    return asked


def _no_column(name: str, known: list[str], noun: facts.Noun) -> exits.Stop:
    near = facts.nearest(name, known)
    meant = f" Did you mean {near}?" if near else ""
    return exits.usage(
        f"{noun.name} have no column {name!r}.{meant}", hint=f"Columns: {', '.join(known)}"
    )


def _check_columns(record: Record, shape: Shape) -> None:
    """Refuse columns that are no field of the workspace's own: a record has all of those."""
    custom = record.get("custom") or {}
    for name in shape.columns or ():
        if edit.is_custom(name, shape.noun) and name not in custom:
            raise _no_column(name, [*shape.noun.fields, *custom], shape.noun)


def many(records: Iterable[Record], shape: Shape) -> int:
    """Write records as they arrive, and return how many there were."""
    writers: dict[Format, Callable[[Iterator[Record], Shape], None]] = {
        Format.TABLE: _table,
        Format.TABS: _tabs,
        Format.CSV: _csv,
        Format.JSON: _json,
        Format.JSONL: _jsonl,
        Format.IDS: _ids,
    }
    rest = iter(records)
    first = list(islice(rest, 1))  # an error comes before any header is written
    for record in first:
        _check_columns(record, shape)
    counted = _Counted(chain(first, rest))
    writers[shape.format](counted, shape)
    return counted.count


def one(record: Record, shape: Shape) -> None:
    """Write a single record: its fields one below the other, or the format that was asked for."""
    _check_columns(record, shape)
    if shape.format is Format.JSON:
        output.write_json(_picked(record, shape))
    elif shape.format in (Format.TABLE, Format.TABS):
        names = shape.columns or tuple(record)
        pairs = [(name, cell(record, name, shape)) for name in names]
        brief = shape.format is Format.TABLE and shape.columns is None
        output.write_pairs([pair for pair in pairs if pair[1] or not brief])
    else:
        many([record], shape)


def label(record: Record, noun: facts.Noun) -> str:
    """Name a record for people: its title and the end of its id."""
    return f"{record.get(noun.title) or noun.singular} ({short_id(record.get('id', ''))})"


def cell(record: Record, column: str, shape: Shape, *, brief: bool = False) -> str:
    """Return one value as text; `brief` as tables have it: the end of ids, times to the minute."""
    if column in shape.cells:
        return shape.cells[column](record, brief)
    value = pick(record, column)
    if brief:
        return short_cell(value, _kind(column, shape.noun))
    return _text(value)


def pick(record: Record, column: str) -> Any:
    """Return a column's value; `external_ids.salesforce` is one key of a map."""
    if column in record:
        return record[column]
    root, _, key = column.partition(".")
    if not key and column in (custom := record.get("custom") or {}):
        return custom[column]
    inner = record.get(root)
    return inner.get(key) if key and isinstance(inner, Mapping) else None


def _kind(column: str, noun: facts.Noun) -> str | None:
    return noun.fields[column].kind if column in noun.fields else None


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, (bool, dict, list)):
        return output.dump_json(value)
    return str(value)


class _Counted(Iterator[Record]):
    def __init__(self, records: Iterable[Record]) -> None:
        self._records = iter(records)
        self.count = 0

    def __next__(self) -> Record:
        record = next(self._records)
        self.count += 1
        return record


def _picked(record: Record, shape: Shape) -> Record:
    if shape.columns is None:
        return record
    return {
        name: cell(record, name, shape)
        if name in shape.cells and name not in record
        else pick(record, name)
        for name in shape.columns
    }


def _row(record: Record, shape: Shape, *, brief: bool = False) -> list[str]:
    return [cell(record, name, shape, brief=brief) for name in shape.shown]


def _table(records: Iterator[Record], shape: Shape) -> None:
    numbers = [name for name in shape.shown if _kind(name, shape.noun) in ("integer", "decimal")]
    for first in records:
        page = chain([first], islice(records, _PAGE - 1))
        rows = (_row(record, shape, brief=True) for record in page)
        output.write_table(shape.shown, rows, right=numbers)


def _tabs(records: Iterator[Record], shape: Shape) -> None:
    output.write_tabs(shape.shown)
    for record in records:
        output.write_tabs(_row(record, shape))


def _csv(records: Iterator[Record], shape: Shape) -> None:
    writer = csv.writer(_Stdout(), lineterminator="\n")
    guard: Callable[[str], str] = visible if output.to_terminal() else str
    writer.writerow(shape.shown)
    for record in records:
        writer.writerow([guard(text) for text in _row(record, shape)])


class _Stdout:
    def write(self, text: str) -> None:
        output.write(text)


def _json(records: Iterator[Record], shape: Shape) -> None:
    before = "[\n"
    for record in records:
        output.write(before + output.dump_json(_picked(record, shape)))
        before = ",\n"
    output.write("[]\n" if before == "[\n" else "\n]\n")


def _jsonl(records: Iterator[Record], shape: Shape) -> None:
    for record in records:
        output.write(output.dump_json(_picked(record, shape)) + "\n")


def _ids(records: Iterator[Record], shape: Shape) -> None:
    for record in records:
        output.write(f"{visible(str(record.get('id', '')))}\n")
