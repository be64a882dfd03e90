"""From the file's columns to fields: by a preset, or by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.errors import Invalid, InvalidFile, closest
from cerebro_server.kernel.fields import Definition, Preset, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query import fold

_TRUE = frozenset({"true", "1", "yes"})
_EXTERNAL = re.compile(r"external_ids\.[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column of the file is which field."""

    fields: dict[int, str]
    """`{index of the column: field}`; an external id is `external_ids.<source>`."""
    key: str | None
    """The field that says which record a row is, unless its `id` does: `external_ids.<source>` or a
    natural key."""
    keys: tuple[str, ...]
    """Every field of the file that no two records may share: `key`, and others beside it."""
    deleted: int | None
    """The column that marks rows to skip."""
    words: frozenset[str] = frozenset()
    """Fields that hold several words; a cell has them with commas or semicolons between."""

    def values(self, cells: list[str]) -> dict[str, Any]:
        """Return the row's values by field; blank cells are left out."""
        found: dict[str, Any] = {}
        for index, name in self.fields.items():
            cell = cells[index] if index < len(cells) else ""
            cell = cell.strip() if isinstance(cell, str) else cell
            if cell == "":
                continue
            parent, _, key = name.partition(".")
            if name in self.words and isinstance(cell, str):
                found[name] = _split(cell)
            elif key:
                found.setdefault(parent, {})[key] = cell
            else:
                found[name] = cell
        return found

    def is_deleted(self, cells: list[str]) -> bool:
        """Tell whether the row is marked as deleted at its source."""
        index = self.deleted
        return index is not None and index < len(cells) and cells[index].strip().lower() in _TRUE


def map_columns(record_type: RecordType, header: list[str], preset: str | None) -> Mapping:
    """Map a header. Raises `Invalid` for an unknown preset, `InvalidFile` if nothing fits."""
    if preset is not None:
        return _by_preset(record_type, header, find_preset(record_type, preset))
    fields: dict[int, str] = {}
    closed = {*record_type.plain.columns, *(each.key for each in record_type.custom)}
    for read, known in _ways(record_type, header):
        for index, name in enumerate(header):
            field = None if index in fields else known.get(read(name))
            if field and field not in fields.values():
                fields[index] = field
            elif name.strip() in closed:  # what may not be written is nothing else's label
                fields.setdefault(index, "")
    fields = {index: field for index, field in sorted(fields.items()) if field}
    if not {*fields.values()} - {"id"}:
        raise InvalidFile(
            f"No column fits a field of {record_type.name}: {', '.join(header[:10])}. "
            f"Fields: {', '.join((*_own(record_type), *_custom(record_type)))}.",
        )
    keys = _keys(record_type, fields)
    return Mapping(fields, next(iter(keys), None), keys, None, _words(record_type))


def folded(name: str) -> str:
    """Return what of a column's name counts: `E-Mail` is `email`."""
    return re.sub(r"[\W_]", "", fold(name))


def _ways(
    record_type: RecordType, header: Iterable[str]
) -> Iterator[tuple[Callable[[str], str], dict[str, str]]]:
    """Yield how to read a column's name, and the fields by what is read, the surest way first: an
    export finds its own columns again, whatever other fields are called."""
    own, custom = _own(record_type), _custom(record_type)
    externals = {name: name for name in map(str.strip, header) if _EXTERNAL.fullmatch(name)}
    exact = {definition.key: name for name, definition in custom.items()}
    exact |= {name: name for name in (*custom, *own, "id")}
    yield str.strip, exact | (externals if "external_ids" in record_type.writable else {})
    for called in (
        {name: (name,) for name in own},
        {name: (name, definition.key) for name, definition in custom.items()},
        {name: (record_type.fields[name].label,) for name in own},
        {name: (definition.label,) for name, definition in custom.items()},
    ):
        known: dict[str, str] = {}
        for name, words in called.items():
            for word in filter(None, map(folded, words)):
                known.setdefault(word, name)
        yield folded, known


def _own(record_type: RecordType) -> list[str]:
    """Return the built-in fields that may be written."""
    return [name for name in record_type.writable if name not in ("external_ids", COLUMN)]


def _custom(record_type: RecordType) -> dict[str, Definition]:
    """Return the custom fields that may be written, by `custom.<key>`."""
    defined = record_type.defined.items()
    return {f"{COLUMN}.{key}": each for key, each in defined if record_type.is_writable(key)}


def find_preset(record_type: RecordType, name: str) -> Preset:
    """Return a preset by name. Raises `Invalid` with a suggestion."""
    if name in record_type.presets:
        return record_type.presets[name]
    offered = ", ".join(record_type.presets) or "none yet"
    raise Invalid(
        f"There is no preset {name!r} for {record_type.name}; there is: {offered}.",
        errors=[{"parameter": "preset", "code": "unknown_preset", "detail": f"Known: {offered}."}],
        suggestion=closest(name, record_type.presets),
    )


def _by_preset(record_type: RecordType, header: list[str], preset: Preset) -> Mapping:
    positions: dict[str, int] = {}
    for index, name in enumerate(header):
        positions.setdefault(name.casefold(), index)
    key = f"external_ids.{preset.source}"
    fields = {
        positions[column.casefold()]: field
        for column, field in [(preset.key, key), *preset.columns.items()]
        if column.casefold() in positions and field.partition(".")[0] in record_type.writable
    }
    if key not in fields.values():
        raise InvalidFile(
            f"The header has no column {preset.key!r}: this is not an export of {preset.source}.",
        )
    deleted = positions.get(preset.deleted.casefold()) if preset.deleted else None
    return Mapping(fields, key, _keys(record_type, fields), deleted, _words(record_type))


def _keys(record_type: RecordType, fields: dict[int, str]) -> tuple[str, ...]:
    """Return the keys that the file has; the first of a list is one, as its short form is."""
    there = set(fields.values())
    externals = (field for field in fields.values() if field.startswith("external_ids."))
    lists = {short: primary.field for short, primary in record_type.primaries.items()}
    return (*externals, *(key for key in record_type.keys if {key, lists.get(key)} & there))


def _words(record_type: RecordType) -> frozenset[str]:
    known = record_type.fields.items()
    return frozenset(name for name, field in known if field.kind is Kind.KEYS)


def _split(cell: str) -> Any:
    """Return the words of a cell; an export writes JSON where a word holds what parts words."""
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            pass  # a word that begins so
    return [word for part in re.split("[,;]", cell) if (word := part.strip())]
