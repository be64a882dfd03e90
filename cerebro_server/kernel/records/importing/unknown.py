"""Columns that map to no field: what custom fields could hold them."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from cerebro_sdk.schemas.workspace.imports import FieldProposal
from cerebro_server.kernel.fields import Definition, RecordType
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.naming import folded
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN, text_of

_SEEN = 1_000
_MOST = 100
_MOST_OPTIONS = 12
_FEWEST = 10  # values, before they are taken for a choice
_LONGEST_OPTION = 60
_LONGEST_KEY = 40
_LONGEST_LINE = 255
_LEADING_ZERO = re.compile(r"0\d")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
# what a value must read as, the narrowest first
_TYPES = {
    kind: Definition("x", kind, "x")
    for kind in ("integer", "decimal", "boolean", "date", "datetime", "email", "url")
}


class Unknown:
    """What stands in the columns that nothing is mapped to."""

    def __init__(self, record_type: RecordType, header: Sequence[str], mapping: Mapping) -> None:
        self._record_type = record_type
        known = {*mapping.fields, *mapping.read}
        names = ((i, name) for i, name in enumerate(header) if name and name != ERROR_COLUMN)
        of_record_type = {*record_type.plain.columns, *(c.key for c in record_type.custom)}
        self._names = {
            index: name
            for index, name in names
            if index not in known and name not in of_record_type and "." not in name
        }
        self._values: dict[int, list[str]] = {index: [] for index in [*self._names][:_MOST]}
        self._rows = 0

    def see(self, cells: Sequence[Any]) -> None:
        """Take in a row; those after the first thousand say nothing new."""
        if self._rows == _SEEN:
            return
        self._rows += 1
        for index, values in self._values.items():
            text = text_of(cells[index]).strip() if index < len(cells) else ""
            if text:
                values.append(text)

    def proposals(self) -> list[FieldProposal]:
        """Return a field for each column that holds something."""
        taken = {folded(name) for name in self._record_type.plain.columns}
        taken |= {folded(name) for name in self._record_type.wire.model_fields}
        taken |= {folded(each.key) for each in self._record_type.custom}
        found: list[FieldProposal] = []
        for index, values in self._values.items():
            if values:
                key = _key(self._names[index], index, taken)
                taken.add(folded(key))
                found.append(self._proposal(self._names[index], key, values))
        return found

    def _proposal(self, column: str, key: str, values: list[str]) -> FieldProposal:
        label = " ".join(column.split())[:100]
        kind, options = guessed(values)
        words = ["cerebro", "fields", "add", self._record_type.name, key, "--type", kind]
        words += ["--label", label] if folded(label) != folded(key) else []
        words += ["--options", ",".join(options)] if options else []
        return FieldProposal(
            column=column,
            key=key,
            label=label,
            type=kind,
            options=options,
            command=shlex.join(words),
        )


def guessed(values: Sequence[str]) -> tuple[str, list[str]]:
    """Return the narrowest type that every value fits, and the options of a select."""
    is_code = any(_LEADING_ZERO.match(value) for value in values)  # numbers would lose their zeros
    for kind, definition in _TYPES.items():
        if is_code and kind in ("integer", "decimal"):
            continue
        if kind == "url" and not all(_ADDRESS.match(value) for value in values):
            continue
        if all(_fits(definition, value) for value in values):
            return kind, []
    if any("\n" in value or len(value) > _LONGEST_LINE for value in values):
        return "long_text", []
    options = list(dict.fromkeys(values))
    few = len(values) >= _FEWEST and len(options) <= min(_MOST_OPTIONS, len(values) // 3)
    plain = all(len(option) <= _LONGEST_OPTION and "," not in option for option in options)
    return ("select", options) if few and plain else ("text", [])


def _fits(definition: Definition, value: str) -> bool:
    try:
        definition.adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _key(column: str, index: int, taken: set[str]) -> str:
    """Return a key that is free: `Lieblingsfarbe (alt)` gives `lieblingsfarbe_alt`."""
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    base = words if words[:1].isalpha() else f"column_{words or index + 1}"
    key, number = base[:_LONGEST_KEY].rstrip("_"), 2
    while folded(key) in taken:
        end = f"_{number}"
        key, number = f"{base[: _LONGEST_KEY - len(end)]}{end}", number + 1
    return key
