"""From the file's columns to fields: by a preset, or by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.errors import Invalid, InvalidFile, closest
from cerebro_server.kernel.fields import Preset, RecordType
from cerebro_server.kernel.fields.custom import COLUMN

_TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column of the file is which field."""

    fields: dict[int, str]
    """`{index of the column: field}`; an external id is `external_ids.<source>`."""
    key: str | None
    """The field that says which record a row is: `external_ids.<source>`, `id` or a natural key."""
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
            cell = cells[index].strip() if index < len(cells) else ""
            if not cell:
                continue
            parent, _, key = name.partition(".")
            if name in self.words:
                found[name] = [word for part in re.split("[,;]", cell) if (word := part.strip())]
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
    known = {
        _plain(name): name for name in record_type.writable if name not in ("external_ids", COLUMN)
    }
    takes_ids = "external_ids" in record_type.writable
    known |= {_plain(record_type.fields[name].label): name for name in known.values()}
    known = _custom(record_type) | known
    fields: dict[int, str] = {}
    for index, name in enumerate(header):
        field = known.get(_plain(name)) or (_external(name) if takes_ids else None)
        if field and field not in fields.values():
            fields[index] = field
    if not fields:
        raise InvalidFile(
            f"No column fits a field of {record_type.name}: {', '.join(header[:10])}. "
            f"Fields: {', '.join(dict.fromkeys(known.values()))}.",
        )
    keys = _keys(record_type, fields)
    return Mapping(fields, next(iter(keys), None), keys, None, _words(record_type))


def _custom(record_type: RecordType) -> dict[str, str]:
    """Return the custom fields that may be written, by label, key, and `custom.<key>`."""
    found: dict[str, str] = {}
    for key, definition in record_type.defined.items():
        if record_type.is_writable(key):
            name = f"{COLUMN}.{key}"
            known = dict.fromkeys(map(_plain, (name, key, definition.label)), name)
            found = known | found
    return found


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
    externals = (field for field in fields.values() if field.startswith("external_ids."))
    return (*externals, *(key for key in record_type.keys if key in fields.values()))


def _words(record_type: RecordType) -> frozenset[str]:
    known = record_type.fields.items()
    return frozenset(name for name, field in known if field.kind is Kind.KEYS)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _external(name: str) -> str | None:
    match = re.fullmatch(r"external_ids\.([a-z][a-z0-9_]{0,39})", name.strip())
    return f"external_ids.{match[1]}" if match else None
