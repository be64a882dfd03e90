"""What the files of a dump are: told by their names, else by their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.naming import folded

_WORDS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # in accountData
_NOISE = frozenset({"all", "crm", "data", "dump", "export", "exports", "list", "my"})
_SHARE = 0.6  # of the columns, that a preset must know where the file's name says nothing
_FEWEST = 4


def importable(catalog: Mapping[str, RecordType]) -> dict[str, RecordType]:
    """Return the record types that a dump can hold: those that files make, and links of such."""
    return {
        noun: record_type
        for noun, record_type in catalog.items()
        if record_type.is_imported
        or record_type.goes_along
        or (record_type.ends and record_type.import_parents)
    }


def noun_of(
    record_types: Mapping[str, RecordType],
    name: str,
    header: Sequence[str],
    preset: str | None = None,
) -> str | None:
    """Return the noun that a file is about, if that is clear: by its name (`Account.csv`,
    `all-contacts-2024.csv`), else where one preset knows most of its columns."""
    stem = PurePosixPath(name).stem
    words = [word.lower() for word in _WORDS.findall(_HUMP.sub(" ", stem))]
    products = {p for each in record_types.values() for p in each.presets}
    telling = {word for word in words if word not in _NOISE and word not in products}
    telling = telling if len(telling) == 1 else {folded(stem)}
    named = [noun for noun, each in record_types.items() if telling & _called(each)]
    if named:
        return named[0]
    known = {
        noun: max((_share(each, p, header) for p in _presets(each, preset)), default=0.0)
        for noun, each in record_types.items()
    }
    best = max(known.values(), default=0.0)
    first = [noun for noun, share in known.items() if share == best]
    # of a file that has rows of several nouns, the others are found by what they share
    is_one = len(first) == 1 or all(_shared(record_types[noun], header) for noun in first)
    return first[0] if best >= _SHARE and is_one else None


def _shared(record_type: RecordType, header: Sequence[str]) -> bool:
    marks = (mark for preset in record_type.presets.values() for mark in preset.shares)
    return any({*header}.issuperset(mark) for mark in marks)


def _presets(record_type: RecordType, preset: str | None) -> Iterator[str]:
    yield from (name for name in record_type.presets if preset in (None, name))


def _share(record_type: RecordType, name: str, header: Sequence[str]) -> float:
    preset = record_type.presets[name]
    there = {column.casefold() for column in header if column}
    if preset.key is not None and preset.key.casefold() not in there:
        return 0.0
    beside = (name for fork in preset.forks for name in (fork.of, fork.by))
    known = {
        column.casefold()
        for column in (
            *preset.columns,
            *preset.only,
            *beside,
            *(spread.of for spread in preset.spreads),
            *(column for column in (preset.key, preset.deleted) if column is not None),
        )
    }
    return len(there & known) / len(there) if len(there & known) >= _FEWEST else 0.0


def _called(record_type: RecordType) -> frozenset[str]:
    own = (record_type.noun.name, record_type.noun.singular, *record_type.files)
    return frozenset(folded(word) for word in own)
