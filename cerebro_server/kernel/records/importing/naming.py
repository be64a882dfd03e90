"""Which field a column's name means: its own name first, then labels, however written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import Definition, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records.importing.targets import EXTERNAL


def folded(name: str) -> str:
    """Return what of a column's name counts: `E-Mail` is `email`."""
    return re.sub(r"[\W_]", "", fold(name))


def without_wholes(record_type: RecordType, fields: dict[int, str]) -> dict[int, str]:
    """Leave out what is taken apart where the file has one of its pieces."""
    there = {field.removesuffix("+") for field in fields.values()}
    out = {name for name in record_type.splits if there & {*record_type.pieces[name]}}
    return {index: field for index, field in fields.items() if field not in out}


def own(record_type: RecordType) -> list[str]:
    """Return the built-in fields that may be written, those among them that only files say."""
    fields = (*record_type.writable, *record_type.said_by_files)
    return [name for name in fields if name not in ("external_ids", COLUMN)]


def custom(record_type: RecordType) -> dict[str, Definition]:
    """Return the custom fields that may be written, by `custom.<key>`."""
    defined = record_type.defined.items()
    return {f"{COLUMN}.{key}": each for key, each in defined if record_type.is_writable(key)}


class Way(NamedTuple):
    """One way to tell a field by a column's name."""

    score: float
    """How sure it is, from 0 to 1."""
    reason: str
    read: Callable[[str], str]
    known: Mapping[str, str]
    """The fields by what is read."""


def ways(record_type: RecordType, header: Iterable[str]) -> Iterator[Way]:
    """Yield how to read a column's name, the surest way first: an export finds its own columns
    again, whatever other fields are called."""
    fields, added = own(record_type), custom(record_type)
    externals = {name: name for name in map(str.strip, header) if EXTERNAL.fullmatch(name)}
    exact = {definition.key: name for name, definition in added.items()}
    exact |= {name: name for name in (*added, *fields, *record_type.splits, "id")}
    exact |= {name: name for name in _parents(record_type) if "." in name}
    exact |= {
        parent.here: name  # what the server keeps, and only files say
        for name, parent in record_type.import_parents.items()
        if not parent.via and parent.here not in record_type.plain.writable
    }
    yield Way(
        *(1.0, "the field itself", str.strip),
        exact | (externals if "external_ids" in record_type.writable else {}),
    )
    references = {parent.here for parent in record_type.import_parents.values() if not parent.via}
    called: tuple[tuple[float, str, Mapping[str, tuple[str, ...]]], ...] = (
        (0.99, "the field's name", {name: (name,) for name in fields}),
        (0.99, "a custom field", {name: (name, each.key) for name, each in added.items()}),
        (
            *(0.98, "the field's label"),
            # `Parent` may hold a name, where `parent_id` holds an id
            {name: (record_type.fields[name].label,) for name in fields if name not in references},
        ),
        (0.98, "a custom field's label", {name: (each.label,) for name, each in added.items()}),
        (0.97, "the whole name", _wholes(record_type)),
        (0.96, "another record", _parents(record_type)),
        (0.96, "a user's address", _people(record_type)),
    )
    for score, reason, by_field in called:
        known: dict[str, str] = {}
        for name, words in by_field.items():
            for word in filter(None, map(folded, words)):
                known.setdefault(word, name)
        yield Way(score, reason, folded, known)


def _wholes(record_type: RecordType) -> dict[str, tuple[str, ...]]:
    """Return what is taken apart; what a record is called by is its name, too."""
    return {
        name: (name, *(("name",) if name == record_type.noun.title else ()))
        for name in record_type.splits
    }


def _parents(record_type: RecordType) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, parent in record_type.import_parents.items():
        found[name] = (name, *parent.called)
        found |= {f"{name}.{key}": (f"{name}.{key}",) for key in parent.by}
    return found


def _people(record_type: RecordType) -> dict[str, tuple[str, ...]]:
    """Return the fields that hold a user, whose address an export has as `owner.email`."""
    return {
        relation.here: (f"{name}.email",)
        for name, relation in record_type.relations.items()
        if relation.here in record_type.writable
        and record_type.fields[relation.here].kind is Kind.USER
    }
