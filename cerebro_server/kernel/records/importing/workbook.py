"""XLSX workbooks: one sheet, its cells as the texts that a CSV file would have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Sequence
from itertools import islice
from typing import IO

from cerebro_server.kernel.errors import InvalidFile, closest
from cerebro_server.kernel.records.importing import unpacking
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
_MOST_SECONDS = 300
_AT = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,10})["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d{1,10})""")
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_UNSPEAKABLE = re.compile("[\\0\\ud800-\\udfff]")
_OVERLAP = 128  # bytes: no match is longer
_HINT = "save it as .xlsx without a password, or as CSV"


def read_workbook(file: IO[bytes], sheet: str | None) -> Table:
    """Read a sheet through once: the first, or the one of that name. Raises `InvalidFile`."""
    _check_container(file)
    unpacked = _unpacked(file, sheet)
    names, name = json.loads(unpacked.readline())
    if name is None:
        raise _no_sheet(names, sheet) if sheet is not None else _broken("it has no sheet")

    def rows() -> Generator[Row, None, None]:
        unpacked.seek(0)
        unpacked.readline()
        for text in unpacked:
            line, cells = json.loads(text)
            for cell in cells:
                if len(cell) > MAX_CELL:
                    raise malformed(line, f"A cell has more than {MAX_CELL:,} characters.")
            yield Row(line, cells)

    first = next(rows(), None)
    if first is None:
        raise InvalidFile(f"Sheet {name!r} is empty: it has no header.")
    header = [cell.strip() for cell in first.cells]
    check_header(header, first.line)

    def body() -> Generator[Row, None, None]:
        yield from islice(rows(), 1, None)

    return read_through(Table(header, body, "xlsx", sheet=name))


def _unpacked(file: IO[bytes], sheet: str | None) -> IO[bytes]:
    """Return what a process of its own reads: a broken workbook can end it."""
    with tempfile.TemporaryFile() as given:
        file.seek(0)
        shutil.copyfileobj(file, given)
        given.seek(0)
        unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - closed when its rows are no longer read
        # no argument holds NUL or half of a pair, nor does the name of a sheet
        asked = [] if sheet is None else [ascii(sheet) if _UNSPEAKABLE.search(sheet) else sheet]
        program = [sys.executable, "-I", unpacking.__file__, *asked]
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                program,
                stdin=given,
                stdout=unpacked,
                stderr=subprocess.PIPE,
                timeout=_MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_large(f"it takes more than {_MOST_SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-200:]
        is_told = done.returncode == unpacking.UNREADABLE and said.isprintable() and said
        raise _broken(said if is_told else "it is damaged")
    unpacked.seek(0)
    return unpacked


def _no_sheet(names: list[str], asked: str) -> InvalidFile:
    listed = ", ".join(repr(name) for name in names[:20])
    return InvalidFile(
        f"There is no sheet {asked!r}; there is {listed}.",
        errors=[{"parameter": "sheet", "code": "unknown_sheet", "detail": f"Known: {listed}."}],
        suggestion=closest(asked, names),
    )


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
