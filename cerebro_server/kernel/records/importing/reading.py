"""From text to rows: delimiter, header, and the line that each row begins on."""

from __future__ import annotations

import csv
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import IO

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.decoding import Encoding, find_encoding

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1_000_000
MAX_COLUMNS = 16_384  # as many as Excel has
MAX_NAME = 255
csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been read through once and found well-formed."""

    file: IO[bytes]
    encoding: Encoding
    delimiter: str
    header: list[str]

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows under the header; blank lines are no rows."""
        with closing(_records(self.file, self.encoding, self.delimiter)) as records:
            next(records)
            for row in records:
                if len(row.cells) > len(self.header):
                    raise _wrong(
                        row.line,
                        f"The row has {len(row.cells)} cells, the header {len(self.header)}.",
                    )
                yield row


def read_table(file: IO[bytes], *, encoding: str | None, delimiter: str | None) -> Table:
    """Read a CSV file through once (RFC 4180, other delimiters too), before anything is written.

    Raises `InvalidFile` with line, where it is not well-formed.
    """
    found = find_encoding(file, encoding)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise InvalidFile(
            f"The delimiter must be one of {', '.join(map(repr, DELIMITERS))}.",
            errors=[{"parameter": "delimiter", "code": "delimiter", "detail": "Not one of these."}],
        )
    separator = delimiter or _guess_delimiter(file, found)
    with closing(_records(file, found, separator)) as records:
        first = next(records, None)
    if first is None:
        raise InvalidFile("The file is empty: it has no header.")
    header = [cell.strip() for cell in first.cells]
    _check_header(header, first.line)
    table = Table(file, found, separator, header)
    for _ in table.rows():
        pass
    return table


def _check_header(header: list[str], line: int) -> None:
    if len(header) > MAX_COLUMNS:
        raise _wrong(line, f"The header has {len(header):,} columns; {MAX_COLUMNS:,} are the most.")
    seen: set[str] = set()
    for number, name in enumerate(header, 1):
        if len(name) > MAX_NAME:
            raise _wrong(line, f"The name of column {number} is longer than {MAX_NAME} characters.")
        if "\0" in name:
            raise _wrong(
                line,
                f"The name of column {number} holds NUL characters; if this is UTF-16, "
                "say so with `encoding`.",
            )
        if name and name in seen:
            raise _wrong(line, f"The header has the column {name!r} twice.")
        seen.add(name)


def _records(file: IO[bytes], encoding: Encoding, delimiter: str) -> Generator[Row, None, None]:
    text = encoding.open(file)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _wrong(line, f"This is not CSV: {error}.") from None
    finally:
        text.detach()


def _guess_delimiter(file: IO[bytes], encoding: Encoding) -> str:
    """Take the one that the header has most of, outside quotes."""
    text = encoding.open(file)
    start = text.read(65_536).lstrip("\r\n")
    text.detach()
    counts, quoted = dict.fromkeys(DELIMITERS, 0), False
    for character in start:
        if character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character in "\r\n":
            break
        elif character in counts:
            counts[character] += 1
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _wrong(line: int, message: str) -> InvalidFile:
    return InvalidFile(
        f"Line {line}: {message} Nothing was imported.",
        errors=[{"line": line, "code": "malformed", "detail": message}],
    )
