"""What every kind of file becomes: a header, and rows with the line that each begins on."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Literal

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.decoding import Encoding

Format = Literal["csv", "jsonl", "xlsx", "vcard"]
MAX_CELL = 1_000_000
MAX_COLUMNS = 16_384  # as many as Excel has
MAX_NAME = 255
ERROR_COLUMN = "_error"
"""The column that an error file adds; an import takes no notice of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file."""

    line: int
    cells: list[Any]
    """Texts; in JSON a list or an object is handed on as it is."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been read through once and found well-formed."""

    header: list[str]
    records: Callable[[], Generator[Row, None, None]] = field(repr=False)
    """Begins to read the rows under the header anew."""
    format: Format = "csv"
    encoding: Encoding = field(default_factory=lambda: Encoding("utf-8", "utf-8", "utf-8"))
    delimiter: str = ""
    """What separates the cells; empty where the format knows it."""
    sheet: str | None = None
    copied: Callable[[Mapping[int, Sequence[str]]], Iterator[str]] | None = field(
        default=None, repr=False
    )
    """Copies the records that begin on these lines as they stand in the file, with what is wrong
    with them; only where the format has a place for that."""

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows under the header; blank lines are no rows."""
        with closing(self.records()) as records:
            for row in records:
                if len(row.cells) > len(self.header):
                    raise malformed(
                        row.line,
                        f"The row has {len(row.cells)} cells, the header {len(self.header)}.",
                    )
                yield row


def read_through(table: Table) -> Table:
    """Return the table after reading it once to its end. Raises `InvalidFile`."""
    for _ in table.rows():
        pass
    return table


def text_of(cell: Any) -> str:
    """Return a cell as the text that a CSV file would have."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else json.dumps(cell, ensure_ascii=False)


def check_header(header: list[str], line: int) -> None:
    """Refuse a header that cannot be one. Raises `InvalidFile`."""
    if len(header) > MAX_COLUMNS:
        raise malformed(
            line, f"The header has {len(header):,} columns; {MAX_COLUMNS:,} are the most."
        )
    seen: set[str] = set()
    for number, name in enumerate(header, 1):
        if len(name) > MAX_NAME:
            raise malformed(
                line, f"The name of column {number} is longer than {MAX_NAME} characters."
            )
        if "\0" in name:
            raise malformed(
                line,
                f"The name of column {number} holds NUL characters; if this is UTF-16, "
                "say so with `encoding`.",
            )
        if name and name in seen:
            raise malformed(line, f"The header has the column {name!r} twice.")
        seen.add(name)


def malformed(line: int, message: str) -> InvalidFile:
    """Return the error for a file that is broken at a line."""
    return InvalidFile(
        f"Line {line}: {message} Nothing was imported.",
        errors=[{"line": line, "code": "malformed", "detail": message}],
    )
