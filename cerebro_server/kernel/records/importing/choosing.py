"""From a header to a mapping: by a preset or by name, and as the caller says."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Mapped
from typing import Any, Final

from cerebro_server.kernel.errors import Invalid, InvalidFile, closest
from cerebro_server.kernel.fields import Preset, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing import naming
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.suggesting import (
    Candidate,
    assigned,
    candidates,
    left_over,
)
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN
from cerebro_server.kernel.records.importing.targets import checked_target, parsed, same_place

NO_PRESET: Final = "none"
"""What is said instead of a preset, so that none is recognised."""


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
    sample: Sequence[Sequence[Any]] = (),
    saved: Collection[str] = (),
) -> Mapping:
    """Map a header: by a preset, or by names and what a `sample` of rows looks like.

    `laid` is `{column: target, or None}` and counts more than what is found, `saved` are those of
    its columns that nobody said now; `key` is the field that finds a record.

    Raises `Invalid` for an unknown preset, column, field or key, `InvalidFile` if nothing fits.
    """
    known = None if preset is None else find_preset(record_type, preset)
    found = candidates(record_type, header, sample)
    given = assigned(record_type, found)
    fields = _by_name(record_type, given)
    if known is not None:
        custom = {i: c.target for i, c in given.items() if parsed(c.target).field == COLUMN}
        fields = {**custom, **_of(record_type, header, known)}
        given = {i: Candidate(t, 1.0, f"preset {preset}") for i, t in fields.items()}
    said = _indexes(header, laid or {})
    if laid:
        fields = _laid_over(record_type, header, fields, laid)
    if known is None or not known.keeps_wholes:
        fields = naming.without_wholes(record_type, fields)
    if known is not None and known.key is not None:
        _check_preset(header, known)
    if not {*fields.values()} - {"id"}:
        raise _nothing_fits(record_type, header, left_over(record_type, header, found, fields))
    # what is put behind something comes after it
    fields = dict(sorted(fields.items(), key=lambda item: (parsed(item[1]).added, item[0])))
    keys = _keys(record_type, fields, key)
    special = _special(header, known)
    open_ = [
        [] if index in said or index in special.values() else of for index, of in enumerate(found)
    ]
    return Mapping(
        record_type,
        fields,
        _key(record_type, keys, key, known),
        keys,
        preset,
        special.get("deleted"),
        known.deleted_words if known else frozenset(),
        _readers(header, known, fields),
        _only(special, known),
        dict(known.values) if known else {},
        _told(header, fields, given, said, saved),
        left_over(record_type, header, open_, fields),
        _joined(header, known),
        _read(header, known, special),
        _perhaps(header, known),
    )


def recognised(record_type: RecordType, header: Sequence[str]) -> str | None:
    """Return the preset whose columns a header has, if one alone knows most of it."""
    there, folded = {*header}, {name.casefold() for name in header}
    fitting = {
        name: len({column.casefold() for column in preset.columns} & folded)
        for name, preset in record_type.presets.items()
        if any(there.issuperset(mark) for mark in preset.marks)
        and (preset.key is None or preset.key.casefold() in folded)
    }
    most = max(fitting.values(), default=0)
    best = [name for name, count in fitting.items() if count == most]
    return best[0] if len(best) == 1 else None


def _by_name(record_type: RecordType, given: Mapped[int, Candidate]) -> dict[int, str]:
    """Map by names; beside parts of a list, its short form is the first of them."""
    numbered: dict[int, str | None] = {
        index: candidate.target for index, candidate in given.items() if parsed(candidate.target).n
    }
    whole = {index: c.target for index, c in given.items() if index not in numbered}
    return _settled(record_type, whole, numbered) if numbered else whole


def _told(
    header: Sequence[str],
    fields: Mapped[int, str],
    given: Mapped[int, Candidate],
    said: Collection[int],
    saved: Collection[str],
) -> dict[int, Candidate]:
    """Return how each column was found that is a field."""
    return {
        index: Candidate(target, 1.0, "as saved" if header[index] in saved else "as you said")
        if index in said
        else given[index]._replace(target=target)
        for index, target in fields.items()
    }


def _joined(header: list[str], preset: Preset | None) -> frozenset[int]:
    """Return the columns that a blank parts from what they are put behind."""
    positions = _positions(header)
    named = (positions.get(name.casefold()) for name in (preset.joined if preset else ()))
    return frozenset(index for index in named if index is not None)


def _read(header: list[str], preset: Preset | None, special: Mapped[str, int]) -> frozenset[int]:
    """Return the columns that say something without being fields."""
    forks = (name for fork in preset.forks for name in (fork.of, fork.by)) if preset else ()
    spreads = (name for each in preset.spreads for name in (each.of, *each.to)) if preset else ()
    return frozenset([*special.values(), *_places(header, [*forks, *spreads])])


def _perhaps(header: list[str], preset: Preset | None) -> frozenset[int]:
    """Return the columns each of which names a record that may be of another kind."""
    spreads = preset.spreads if preset else ()
    return frozenset(_places(header, [name for each in spreads for name in each.to]))


def _places(header: list[str], names: Sequence[str]) -> list[int]:
    positions = _positions(header)
    return [positions[name.casefold()] for name in names if name.casefold() in positions]


def _only(
    special: Mapped[str, int], preset: Preset | None
) -> tuple[int, frozenset[str] | None, frozenset[str]] | None:
    """Return what tells rows of this noun from others."""
    if preset is None or "only" not in special:
        return None
    return special["only"], preset.only_words, preset.other_words


def _special(header: list[str], preset: Preset | None) -> dict[str, int]:
    """Return the columns that say something of the row, not of the record."""
    positions = _positions(header)
    named = {} if preset is None else {"deleted": (preset.deleted,), "only": preset.only}
    return {
        what: positions[column.casefold()]
        for what, columns in named.items()
        for column in reversed(columns)
        if column is not None and column.casefold() in positions
    }


def _readers(
    header: list[str], preset: Preset | None, fields: Mapped[int, str]
) -> dict[int, Callable[[str], Any]]:
    positions = _positions(header)
    return {
        positions[column.casefold()]: read
        for column, read in (preset.readers if preset else {}).items()
        if positions.get(column.casefold()) in fields
    }


def _nothing_fits(
    record_type: RecordType, header: Sequence[str], rest: Mapped[int, Sequence[Candidate]]
) -> InvalidFile:
    listed = ", ".join((*naming.own(record_type), *naming.custom(record_type)))
    perhaps = [f"{header[index]}={of[0].target}" for index, of in sorted(rest.items())]
    hint = f" Perhaps: {', '.join(perhaps[:10])}; say so with `map`." if perhaps else ""
    return InvalidFile(
        f"No column fits a field of {record_type.name}: {', '.join(header[:10])}.{hint} "
        f"Fields: {listed}.",
    )


def find_preset(record_type: RecordType, name: str) -> Preset:
    """Return a preset by name. Raises `Invalid` with a suggestion."""
    if name in record_type.presets:
        return record_type.presets[name]
    offered = ", ".join((*record_type.presets, NO_PRESET))
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
        is_taken = same_place(target) in taken and not parsed(target).added
        if index is None or index in fields or is_taken:
            continue
        name = parsed(target).field
        pieces = record_type.pieces[name] if name in record_type.splits else (name,)
        if name == "id" or all(
            n in record_type.writable
            or n in record_type.import_parents
            or n in record_type.said_by_files
            for n in pieces
        ):
            fields[index] = target
            taken |= {same_place(target)} if not parsed(target).added else set()
    return fields


def _check_preset(header: list[str], preset: Preset) -> None:
    if preset.key is not None and preset.key.casefold() not in _positions(header):
        raise InvalidFile(
            f"The header has no column {preset.key!r}: this is not an export of {preset.source}.",
        )


def _indexes(header: list[str], laid: Mapped[str, str | None]) -> dict[int, str]:
    """Return the columns that were named, as they were named. Raises `Invalid`."""
    exact = {name: index for index, name in reversed([*enumerate(header)])}
    positions = _positions(header)
    found: dict[int, str] = {}
    for column in laid:
        index = exact.get(column.strip(), positions.get(column.strip().casefold()))
        if index is None:
            raise _no_column(column, header)
        found[index] = column
    return found


def _laid_over(
    record_type: RecordType,
    header: list[str],
    found: dict[int, str],
    laid: Mapped[str, str | None],
) -> dict[int, str]:
    said: dict[int, str | None] = {}
    holders: dict[str, str] = {}
    for index, column in _indexes(header, laid).items():
        text = laid[column]
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


def _keys(record_type: RecordType, fields: dict[int, str], asked: str | None) -> tuple[str, ...]:
    """Return the keys that the file has; the first of a list is one, as its short form is.

    A number of ours is one only beside no id, or if that is asked for: in a file of another
    workspace it is another record's.
    """
    there = {parsed(target).field for target in fields.values()}
    externals = [target for target in fields.values() if target.startswith("external_ids.")]
    if externals or "id" in there:
        there -= {*record_type.from_files} - {asked}
    lists = {short: primary.field for short, primary in record_type.primaries.items()}
    custom = (
        f"{COLUMN}.{key}"
        for key, definition in record_type.defined.items()
        if definition.is_unique and f"{COLUMN}.{key}" in fields.values()
    )
    return (
        *externals,
        *(key for key in record_type.keys if {key, lists.get(key)} & there),
        *(key for key, of in record_type.composed.items() if there.issuperset(of)),
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
