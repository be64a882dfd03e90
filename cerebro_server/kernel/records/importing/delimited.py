"""CSV (RFC 4180) and its relatives with other delimiters: tabs, semicolons, bars."""

from __future__ import annotations

import csv
import re
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import IO

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.decoding import Encoding
from cerebro_server.kernel.records.importing.table import (
    MAX_CELL,
    Row,
    Table,
    check_header,
    malformed,
    read_through,
)

DELIMITERS = (",", ";", "\t", "|")
csv.field_size_limit(MAX_CELL)
# A spreadsheet runs cells that begin so; a quote before them is taken off again, and only there.
# `DEFUSE` is the same in SQL: numbers and phone numbers stay as they are.
_MARKED = re.compile(r"'*[=+\-@\t\r]")
# the first line of a file for Excel can tell what the others are parted by
_TOLD = re.compile(r"\"?sep=([,;\t|])\"?(\r\n|\r|\n|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9]+([ .,()-]*[0-9]+)*")
DEFUSE = "^(?=[']*[-=+@\t\r])(?![-+]?[0-9]+([ .,()-]*[0-9]+)*$)"
"""Where the quote goes, as a pattern of PostgreSQL's."""


def read_delimited(file: IO[bytes], encoding: Encoding, delimiter: str | None) -> Table:
    """Read a delimited file through once. Raises `InvalidFile` with the line."""
    if delimiter is not None and delimiter not in DELIMITERS:
        raise InvalidFile(
            f"The delimiter must be one of {', '.join(map(repr, DELIMITERS))}.",
            errors=[{"parameter": "delimiter", "code": "delimiter", "detail": "Not one of these."}],
        )
    told = _told(file, encoding)
    separator = delimiter or told or _guess_delimiter(file, encoding)
    is_told = told is not None
    with closing(_records(file, encoding, separator, told=is_told)) as records:
        first = next(records, None)
    if first is None:
        raise InvalidFile("The file is empty: it has no header.")
    header = [cell.strip() for cell in first.cells]
    check_header(header, first.line)

    def body() -> Generator[Row, None, None]:
        with closing(_records(file, encoding, separator, told=is_told)) as records:
            yield from islice(records, 1, None)

    return read_through(Table(header, body, "csv", encoding, separator))


def _records(
    file: IO[bytes], encoding: Encoding, delimiter: str, *, told: bool
) -> Generator[Row, None, None]:
    text = encoding.open(file)
    above = 1 if told and text.readline() else 0
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = above + 1
    try:
        for cells in reader:
            if any(cells):
                yield Row(line, [_plain(cell) if cell[:1] == "'" else cell for cell in cells])
            line = above + reader.line_num + 1
    except csv.Error as error:
        raise malformed(line, f"This is not CSV: {error}.") from None
    finally:
        text.detach()


def defused(cell: str) -> str:
    """Put a quote before what a spreadsheet would take for a formula."""
    return f"'{cell}" if _MARKED.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell


def _told(file: IO[bytes], encoding: Encoding) -> str | None:
    """Return what the first line tells, such as `sep=;`."""
    text = encoding.open(file)
    told = _TOLD.match(text.read(16))
    text.detach()
    return told and told[1]


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
