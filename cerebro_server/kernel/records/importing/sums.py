"""What the columns of numbers of a file come to, to be held against what is stored."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.targets import parsed

_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)
_TYPES = ("integer", "decimal")
_EXACT = Context(prec=100)  # a million amounts of 20 digits lose nothing


class Sums:
    """Adds up each field of numbers that the file has a column for, whatever becomes of a row."""

    def __init__(self, shown: RecordType, mapping: Mapping) -> None:
        targets = {parsed(text).field: None for text in mapping.fields.values()}
        custom = {parsed(text).key for text in mapping.fields.values() if _is_custom(text)}
        fields = [name for name in targets if name in shown.fields and _is_number(shown, name)]
        fields += [f"{COLUMN}.{key}" for key in sorted(custom) if _counts(shown, key)]
        self.found = dict.fromkeys(fields, Decimal(0))

    def see(self, sent: Mapped[str, Any]) -> None:
        """Add what a row says; what is no number is left out."""
        for name in self.found:
            field, _, key = name.partition(".")
            said = (sent.get(field) or {}).get(key) if key else sent.get(field)
            if said in (None, ""):
                continue
            try:
                number = Decimal(str(said).strip())
            except InvalidOperation:
                continue
            if number.is_finite() and abs(number.adjusted()) < 40:
                self.found[name] = _EXACT.add(self.found[name], number)


def _is_custom(text: str) -> bool:
    return text.startswith(f"{COLUMN}.")


def _is_number(shown: RecordType, name: str) -> bool:
    return shown.fields[name].kind in _NUMBERS and not shown.fields[name].masked


def _counts(shown: RecordType, key: str) -> bool:
    return key in shown.defined and shown.defined[key].type in _TYPES and key not in shown.masked
