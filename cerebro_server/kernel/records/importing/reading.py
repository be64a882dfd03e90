"""From bytes to rows, whatever the file is: found by its content, or as the caller says."""

from __future__ import annotations

from typing import IO

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.cards import read_vcards
from cerebro_server.kernel.records.importing.decoding import find_encoding
from cerebro_server.kernel.records.importing.delimited import DELIMITERS, read_delimited
from cerebro_server.kernel.records.importing.objects import read_objects
from cerebro_server.kernel.records.importing.table import MAX_CELL, Format, Row, Table
from cerebro_server.kernel.records.importing.vcard import BEGIN
from cerebro_server.kernel.records.importing.workbook import read_workbook

__all__ = ["DELIMITERS", "MAX_CELL", "Format", "Row", "Table", "read_table"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_START = 65_536


def read_table(
    file: IO[bytes],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    form: Format | None = None,
    sheet: str | None = None,
) -> Table:
    """Read a file through once, before anything is written.

    What begins as a zip archive is XLSX, what begins with `{` or `[` JSON, with `BEGIN:VCARD`
    cards, all else delimited text; `form` overrides. Raises `InvalidFile` with line, where it is
    not well-formed.
    """
    file.seek(0)
    magic = file.read(8)
    if magic == _OLE and form in (None, "xlsx"):
        raise InvalidFile(
            "This is an old or encrypted Office document; save it as .xlsx without a password, "
            "or as CSV.",
        )
    if form == "xlsx" or (form is None and magic.startswith(_ZIP)):
        return read_workbook(file, sheet)
    if sheet is not None:
        raise InvalidFile(
            "Only a workbook (XLSX) has sheets; leave `sheet` out.",
            errors=[{"parameter": "sheet", "code": "no_sheets", "detail": "No workbook."}],
        )
    found = find_encoding(file, encoding)
    if form is None:
        text = found.open(file)
        start = text.read(_START).lstrip()
        text.detach()
        form = _form(start) if delimiter is None else "csv"
    if form == "jsonl":
        return read_objects(file, found)
    if form == "vcard":
        return read_vcards(file, found)
    return read_delimited(file, found, delimiter)


def _form(start: str) -> Format:
    if start[:1] in ("{", "["):
        return "jsonl"
    return "vcard" if start[: len(BEGIN)].upper() == BEGIN else "csv"
