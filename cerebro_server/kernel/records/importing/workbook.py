"""XLSX workbooks: one sheet, its cells as the texts that a CSV file would have."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Generator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from cerebro_server.kernel.errors import InvalidFile, closest
from cerebro_server.kernel.records.importing.table import (
    MAX_CELL,
    Row,
    Table,
    check_header,
    malformed,
    read_through,
)

MAX_UNPACKED = 512 << 20
MAX_MEMBERS = 10_000
MAX_CELLS = 20_000_000
_CHUNK = 1 << 20
_AT = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,10})["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d{1,10})""")
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_OVERLAP = 128  # bytes: no match is longer
_HINT = "save it as .xlsx without a password, or as CSV"


def read_workbook(file: IO[bytes], sheet: str | None) -> Table:
    """Read a sheet through once: the first, or the one of that name. Raises `InvalidFile`."""
    _check_container(file)
    file.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        name = _sheet(workbook.sheet_names, sheet)
        found = workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise _broken(str(error)) from None
    first = next((row for row in _rows(found) if any(row.cells)), None)
    if first is None:
        raise InvalidFile(f"Sheet {name!r} is empty: it has no header.")
    header = [cell.strip() for cell in first.cells]
    check_header(header, first.line)

    def body() -> Generator[Row, None, None]:
        for row in _rows(found):
            if row.line > first.line and any(row.cells):
                yield row

    return read_through(Table(header, body, "xlsx", sheet=name))


def _sheet(names: list[str], asked: str | None) -> str:
    if not names:
        raise _broken("it has no sheet")
    if asked is None:
        return names[0]
    for name in names:
        if name.strip().casefold() == asked.strip().casefold():
            return name
    listed = ", ".join(repr(name) for name in names[:20])
    raise InvalidFile(
        f"There is no sheet {asked!r}; there is {listed}.",
        errors=[{"parameter": "sheet", "code": "unknown_sheet", "detail": f"Known: {listed}."}],
        suggestion=closest(asked, names),
    )


def _rows(sheet: CalamineSheet) -> Generator[Row, None, None]:
    for line, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells]
        for cell in texts:
            if len(cell) > MAX_CELL:
                raise malformed(line, f"A cell has more than {MAX_CELL:,} characters.")
        yield Row(line, texts)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # what Excel shows: fifteen digits, and no exponent
        return f"{Decimal(f'{cell:.15g}'):f}"
    if isinstance(cell, datetime):  # Excel's times have no zone; exports write UTC
        return f"{cell.isoformat()}Z"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _check_container(file: IO[bytes]) -> None:
    """Unpack every part once within limits, before the reader that trusts the file sees it.

    A few kilobytes can unpack to gigabytes, two cells at the corners of a sheet make its whole
    area, and a long text can be in a million cells by its number: all are refused.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as container:
            members = container.infolist()
            if len(members) > MAX_MEMBERS:
                raise _too_large(f"{len(members):,} parts")
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise _too_large(f"more than {MAX_UNPACKED >> 20} MB unpacked")
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise _broken("it holds no xl/workbook.xml")
            if any(member.flag_bits & 1 for member in members):
                raise _broken("a part is encrypted")
            lengths = [
                length
                for member in members
                if member.filename == "xl/sharedStrings.xml"
                for length in _lengths(container, member)
            ]
            for member in members:
                _check_part(container, member, lengths)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise _broken(str(error)) from None


def _lengths(container: zipfile.ZipFile, member: zipfile.ZipInfo) -> Generator[int, None, None]:
    """Yield how long each text is, which cells name by its number."""
    begun, read, rest = None, 0, b""
    with container.open(member) as part:
        while chunk := part.read(_CHUNK):
            rest += chunk
            read += len(chunk)
            end = 0
            for found in _STRING.finditer(rest):
                at, end = read - len(rest) + found.start(), found.end()
                if begun is not None:
                    yield at - begun
                begun = at
            rest = rest[max(end, len(rest) - _OVERLAP) :]
    if begun is not None:
        yield read - begun


def _check_part(
    container: zipfile.ZipFile, member: zipfile.ZipInfo, lengths: Sequence[int]
) -> None:
    is_sheet = member.filename.startswith("xl/worksheets/")
    rows, columns, size, rest = 0, 0, 0, b""
    with container.open(member) as part:
        while chunk := part.read(_CHUNK):  # stops at the declared size, and checks the sum
            if not is_sheet:
                continue
            rest += chunk
            end = 0
            for letters, number in _AT.findall(rest):
                rows, columns = max(rows, int(number)), max(columns, _column(letters))
            for found in _SHARED.finditer(rest):
                end, number = found.end(), int(found[1])
                size += lengths[number] if number < len(lengths) else 0
            if rows * columns > MAX_CELLS:
                raise _too_large(f"{rows:,} rows by {columns:,} columns")
            if size > MAX_UNPACKED:
                raise _too_large(f"more than {MAX_UNPACKED >> 20} MB of text")
            rest = rest[max(end, len(rest) - _OVERLAP) :]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _broken(why: str) -> InvalidFile:
    return InvalidFile(
        f"The workbook cannot be read ({why}); {_HINT}.",
        errors=[{"code": "malformed", "detail": why}],
    )


def _too_large(what: str) -> InvalidFile:
    return InvalidFile(
        f"The workbook is too large to be read: {what}; save it as CSV.",
        errors=[{"code": "too_large", "detail": what}],
    )
