"""XLSX from rows of JSON: typed cells, written to a file that memory does not hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any

import xlsxwriter

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.errors import Invalid

MAX_ROWS = 1_048_575  # of Excel, without the header
_MAX_TEXT = 32_767
_MAX_DIGITS = 15
_FIRST_YEAR = 1900
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Workbook:
    """A workbook of one sheet while it is written; a text never becomes a formula or a link."""

    def __init__(self, file: IO[bytes], name: str, header: Sequence[str], kinds: Sequence[Kind]):
        self._book = xlsxwriter.Workbook(file, _OPTIONS)
        self._sheet = self._book.add_worksheet(name[:31])
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._header, self._kinds, self._row = header, kinds, 1
        for column, title in enumerate(header):
            self._sheet.write_string(0, column, title)

    def write(self, lines: Iterable[bytes]) -> None:
        """Write rows, each a JSON object with the columns in their order."""
        for line in lines:
            for column, value in enumerate(json.loads(line).values()):
                if value is not None:
                    self._cell(column, value)
            self._row += 1

    def close(self) -> None:
        """Put the file together."""
        self._book.close()

    def _cell(self, column: int, value: Any) -> None:
        kind, at = self._kinds[column], (self._row, column)
        typed = _typed(kind, value)
        if isinstance(typed, bool):
            self._sheet.write_boolean(*at, typed)
        elif isinstance(typed, int | Decimal):
            self._sheet.write_number(*at, typed)
        elif isinstance(typed, datetime):
            self._sheet.write_datetime(*at, typed, self._moment)
        elif isinstance(typed, date):
            self._sheet.write_datetime(*at, typed, self._day)
        elif len(typed) > _MAX_TEXT:
            raise Invalid(
                f"Row {self._row + 1}, column {self._header[column]}: a workbook's cell holds at "
                f"most {_MAX_TEXT:,} characters; leave the column out, or export CSV.",
                errors=[{"parameter": "format", "code": "cell_too_long", "detail": "Too long."}],
            )
        elif typed:
            self._sheet.write_string(*at, typed)


def _typed(kind: Kind, value: Any) -> Any:
    """Return a JSON value as a cell has it; what Excel would not keep exactly is a text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) or kind is Kind.DECIMAL:
        return _number(str(value))
    if isinstance(value, list) and kind is Kind.KEYS:
        words = any(mark in word for word in value for mark in "[,;")
        return json.dumps(value, ensure_ascii=False) if words else ",".join(value)
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _time(kind, value)


def _time(kind: Kind, value: str) -> date | str:
    """Return a day or a time, in UTC, where Excel can hold it."""
    try:
        if kind is Kind.DATE:
            day = date.fromisoformat(value)
            return day if day.year >= _FIRST_YEAR else value
        if kind is Kind.DATETIME:
            moment = datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
            is_kept = moment.year >= _FIRST_YEAR and moment.microsecond % 1_000 == 0
            return moment if is_kept else value
    except (ValueError, OverflowError):
        pass
    return value


def _number(text: str) -> Decimal | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if len(number.as_tuple().digits) <= _MAX_DIGITS else text
