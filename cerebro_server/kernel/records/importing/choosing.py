"""From a header to a mapping: by a preset or by name, and as the caller says."""

from __future__ import annotations

import json
from collections.abc import Mapping as Mapped

from cerebro_server.kernel.errors import Invalid, InvalidFile, closest
from cerebro_server.kernel.fields import Preset, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing import naming
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN
from cerebro_server.kernel.records.importing.targets import checked_target, parsed, same_place


def read_map(text: str | None) -> dict[str, str | None] | None:
    """Read `{column: field, or null}`. Raises `Invalid`."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    values = found.values() if isinstance(found, dict) else [0]
    if not all(value is None or isinstance(value, str) for value in values):
        raise _refused('The map must be a JSON object such as {"Firm": "company"}.', "map")
    mapped: dict[str, str | None] = found
    return mapped


def map_columns(
    record_type: RecordType,
    header: list[str],
    preset: str | None = None,
    *,
    laid: Mapped[str, str | None] | None = None,
    key: str | None = None,
) -> Mapping:
    """Map a header: by a preset, or by name.

    `laid` is `{column: target, or None}` and counts more than what is found; `key` is the field
    that finds a record.

    Raises `Invalid` for an unknown preset, column, field or key, `InvalidFile` if nothing fits.
    """
    known = None if preset is None else find_preset(record_type, preset)
    fields = _by_name(record_type, header) if known is None else _of(record_type, header, known)
    if laid:
        fields = _laid_over(record_type, header, fields, laid)
    if known is None or not known.keeps_wholes:
        fields = naming.without_wholes(record_type, fields)
    if known is not None and known.key is not None:
        _check_preset(header, known)
    if not {*fields.values()} - {"id"}:
        listed = ", ".join((*naming.own(record_type), *naming.custom(record_type)))
        raise InvalidFile(
            f"No column fits a field of {record_type.name}: {', '.join(header[:10])}. "
            f"Fields: {listed}.",
        )
    # what is put behind something comes after it
    fields = dict(sorted(fields.items(), key=lambda item: (parsed(item[1]).added, item[0])))
    keys = _keys(record_type, fields)
    positions = _positions(header)
    deleted = positions.get(known.deleted.casefold()) if known and known.deleted else None
    readers = {
        positions[column.casefold()]: read
        for column, read in (known.readers if known else {}).items()
        if positions.get(column.casefold()) in fields
    }
    return Mapping(
        record_type,
        fields,
        _key(record_type, keys, key, known),
        keys,
        preset,
        deleted,
        known.deleted_words if known else frozenset(),
        readers,
    )


def _by_name(record_type: RecordType, header: list[str]) -> dict[int, str]:
    """Map by names; what else parts of lists are often called comes last."""
    fields = naming.by_name(record_type, header)
    often = {
        naming.folded(word): target
        for target, words in record_type.also_called.items()
        if parsed(target).field in record_type.writable
        for word in words
    }
    said: dict[int, str | None] = {}
    for index, name in enumerate(header):
        target = often.get(naming.folded(name))
        if index not in fields and target is not None and target not in said.values():
            said[index] = checked_target(record_type, target, column=name)
    return _settled(record_type, fields, said) if said else fields


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


def _positions(header: list[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for index, name in enumerate(header):
        positions.setdefault(name.casefold(), index)
    return positions


def _of(record_type: RecordType, header: list[str], preset: Preset) -> dict[int, str]:
    """Map by a preset; what the caller may not write is left out."""
    positions = _positions(header)
    columns = dict(preset.columns)
    if preset.key is not None:
        columns = {preset.key: f"external_ids.{preset.source}", **columns}
    fields: dict[int, str] = {}
    taken: set[str] = set()
    for column, target in columns.items():
        index = positions.get(column.casefold())
        if index is None or index in fields or (same_place(target) in taken):
            continue
        name = parsed(target).field
        pieces = record_type.derived[name] if name in record_type.splits else (name,)
        if name == "id" or all(
            n in record_type.writable or n in record_type.import_parents for n in pieces
        ):
            fields[index] = target
            taken |= {same_place(target)} if not parsed(target).added else set()
    return fields


def _check_preset(header: list[str], preset: Preset) -> None:
    if preset.key is not None and preset.key.casefold() not in _positions(header):
        raise InvalidFile(
            f"The header has no column {preset.key!r}: this is not an export of {preset.source}.",
        )


def _laid_over(
    record_type: RecordType,
    header: list[str],
    found: dict[int, str],
    laid: Mapped[str, str | None],
) -> dict[int, str]:
    exact = {name: index for index, name in reversed([*enumerate(header)])}
    positions = _positions(header)
    said: dict[int, str | None] = {}
    holders: dict[str, str] = {}
    for column, text in laid.items():
        index = exact.get(column.strip(), positions.get(column.strip().casefold()))
        if index is None:
            raise _no_column(column, header)
        said[index] = text and checked_target(record_type, text, column=column)
        if (target := said[index]) is None:
            continue
        place = same_place(target)
        if place in holders and not parsed(target).added:
            said_twice = f"Columns {holders[place]!r} and {column!r} are both mapped to {target}."
            raise _refused(f"{said_twice} Map one of them, or add + to the second.", "map")
        holders.setdefault(place, column)
    return _settled(record_type, found, said)


def _settled(
    record_type: RecordType, found: dict[int, str], said: dict[int, str | None]
) -> dict[int, str]:
    """Join what was found and what was said; what was said takes the place of the same that was
    found. Where parts of a list are mapped one by one, its short form is the first of them."""
    fields = {index: target for index, target in said.items() if target}
    numbered = {parsed(target).field for target in fields.values() if parsed(target).n}
    taken = {same_place(target) for target in fields.values()}
    for index, name in found.items():
        primary = record_type.primaries.get(name)
        is_short = primary is not None and primary.field in numbered
        target = f"{primary.field}[1].{primary.of}" if primary and is_short else name
        if index not in said and target not in numbered and same_place(target) not in taken:
            fields[index] = target
    for name in numbered:
        for short, primary in record_type.primaries.items():
            if primary.field == name and short in taken:
                raise _refused(
                    f"{short} is the first of {name}: map it as {name}[1].{primary.of}.", "map"
                )
    return dict(sorted(fields.items()))


def _no_column(column: str, header: list[str]) -> Invalid:
    meant = closest(column, [name for name in header if name])
    hint = f" Did you mean {meant!r}?" if meant else ""
    listed = ", ".join(name for name in header[:30] if name and name != ERROR_COLUMN)
    return Invalid(
        f"The file has no column {column!r}.{hint} Columns: {listed}.",
        errors=[{"parameter": "map", "code": "unknown_column", "detail": repr(column)}],
        suggestion=meant,
    )


def _refused(said: str, parameter: str) -> Invalid:
    return Invalid(said, errors=[{"parameter": parameter, "code": parameter, "detail": said}])


def _keys(record_type: RecordType, fields: dict[int, str]) -> tuple[str, ...]:
    """Return the keys that the file has; the first of a list is one, as its short form is."""
    there = {parsed(target).field for target in fields.values()}
    externals = (target for target in fields.values() if target.startswith("external_ids."))
    lists = {short: primary.field for short, primary in record_type.primaries.items()}
    custom = (
        f"{COLUMN}.{key}"
        for key, definition in record_type.defined.items()
        if definition.is_unique and f"{COLUMN}.{key}" in fields.values()
    )
    return (
        *externals,
        *(key for key in record_type.keys if {key, lists.get(key)} & there),
        *custom,
    )


def _key(
    record_type: RecordType, keys: tuple[str, ...], asked: str | None, preset: Preset | None
) -> str | None:
    if asked is not None:
        if (
            found := next((key for key in keys if key in (asked, f"{COLUMN}.{asked}")), None)
        ) is not None:
            return found
        possible = ", ".join(keys) or "none that is unique"
        raise _refused(
            f"The file has no column for the key {asked!r}, or {record_type.name} cannot be found "
            f"by it; it has: {possible}. Keys: {', '.join(record_type.keys)}, external_ids.SOURCE, "
            "and custom fields that are unique.",
            "key",
        )
    if preset is not None and preset.found_by in keys:
        return preset.found_by
    # a custom field finds a record only where that is said
    return next((key for key in keys if not key.startswith(f"{COLUMN}.")), None)
