"""JSON lines, and one JSON array: each object is a row."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import IO, Any, NamedTuple

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.decoding import Encoding
from cerebro_server.kernel.records.importing.table import (
    MAX_CELL,
    MAX_COLUMNS,
    Row,
    Table,
    check_header,
    malformed,
    read_through,
)

SPREAD = ("external_ids", "custom")
"""Objects whose every key is a column of its own, as in a CSV file."""
_CHUNK = 1 << 20
_LONGEST = 8 * MAX_CELL  # characters of one object
_SPACE = " \t\r\n"


def read_objects(file: IO[bytes], encoding: Encoding) -> Table:
    """Read objects through once; the columns are their keys in order of first appearance.

    Raises `InvalidFile` with the line of what is broken.
    """
    columns: dict[str, int] = {}
    with closing(_found(file, encoding)) as found:
        for line, record in found:
            for name in _cells(record):
                if columns.setdefault(name, line) == line and len(columns) > MAX_COLUMNS:
                    raise malformed(line, f"There are more than {MAX_COLUMNS:,} different keys.")
    if not columns:
        raise InvalidFile("The file is empty: it has no object with keys.")
    for name, line in columns.items():
        check_header([name], line)
    header = list(columns)

    def body() -> Generator[Row, None, None]:
        with closing(_found(file, encoding)) as found:
            for line, record in found:
                cells = _cells(record)
                if any(cells.values()):
                    yield Row(line, [cells.get(name, "") for name in header])

    return read_through(Table(header, body, "jsonl", encoding))


def _cells(record: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in record.items():
        if name in SPREAD and isinstance(value, dict):
            cells |= {f"{name}.{key}": _cell(inner) for key, inner in value.items()}
        else:
            cells[name] = _cell(value)
    return cells


def _cell(value: Any) -> Any:
    """Return a scalar as the text that a CSV file would have."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | _Number) else value


class _Number(float):
    """A number with a point, which keeps how it was written: an amount loses nothing."""

    def __new__(cls, text: str) -> _Number:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str

    def __str__(self) -> str:
        return self.text


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_float=_Number, parse_constant=_no_number)


class _Buffer:
    """Text that is read on as it is used up, and the line that its position is on."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.held = ""
        self.at = 0
        self.line = 1

    def more(self) -> bool:
        """Read on; tell whether there was anything."""
        self.held, self.at = self.held[self.at :], 0
        chunk = self._text.read(_CHUNK)
        self.held += chunk
        return bool(chunk)

    def advance(self, to: int) -> None:
        self.line += self.held.count("\n", self.at, to)
        self.at = to

    def next(self, skip: str = _SPACE) -> str:
        """Skip these characters and return the first other one; none at the end."""
        while True:
            to = self.at
            while to < len(self.held) and self.held[to] in skip:
                to += 1
            self.advance(to)
            if to < len(self.held):
                return self.held[to]
            if not self.more():
                return ""


class _Object(NamedTuple):
    line: int
    value: dict[str, Any]


def _found(file: IO[bytes], encoding: Encoding) -> Generator[_Object, None, None]:
    text = encoding.open(file)
    try:
        buffer = _Buffer(text)
        if buffer.next() == "[":
            buffer.advance(buffer.at + 1)
            yield from _of_array(buffer)
        else:
            yield from _of_lines(buffer)
    finally:
        text.detach()


def _of_lines(buffer: _Buffer) -> Iterator[_Object]:
    while buffer.next():
        line, value = buffer.line, _decoded(buffer)
        if buffer.next(" \t\r") not in ("\n", ""):
            raise malformed(line, "After the object there is something else on its line.")
        yield _Object(line, value)


def _of_array(buffer: _Buffer) -> Iterator[_Object]:
    following = buffer.next()
    while following != "]":
        line = buffer.line
        yield _Object(line, _decoded(buffer))
        following = buffer.next()
        if following == ",":
            buffer.advance(buffer.at + 1)
            if (following := buffer.next()) == "]":
                raise malformed(buffer.line, "A comma stands before the end of the array.")
        elif following != "]":
            raise malformed(
                buffer.line, "The array of objects is broken: a comma or its end is missing."
            )
    buffer.advance(buffer.at + 1)
    if buffer.next():
        raise malformed(buffer.line, "After the array there is something else.")


def _decoded(buffer: _Buffer) -> dict[str, Any]:
    """Decode the value that begins here, reading on while it is not whole."""
    while True:
        try:
            value, end = _DECODER.raw_decode(buffer.held, buffer.at)
        except RecursionError:
            raise malformed(buffer.line, "The object is nested too deeply.") from None
        except ValueError as error:
            if len(buffer.held) - buffer.at <= _LONGEST and buffer.more():
                continue
            said = str(error).partition(":")[0]
            raise malformed(buffer.line, f"This is not JSON: {said}.") from None
        break
    if not isinstance(value, dict):
        raise malformed(buffer.line, 'Each row must be an object, such as {"name": "Acme"}.')
    _check_text(buffer, end)
    buffer.advance(end)
    return value


def _check_text(buffer: _Buffer, end: int) -> None:
    """Refuse lone surrogates, which JSON can escape and no database takes."""
    said = buffer.held[buffer.at : end]
    if r"\u" not in said:
        return
    try:
        json.dumps(json.loads(said), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise malformed(buffer.line, "A text holds half of a surrogate pair.") from None
