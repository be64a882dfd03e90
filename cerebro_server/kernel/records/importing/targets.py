"""What a column can be mapped to: a field, a part of a list, a piece of a text, another record.

`name`, `custom.tier`, `external_ids.crm`, `emails[2]`, `phones[1:mobile]`,
`addresses[1:work].city`, `first_name+` (put behind what is there already), `full_name`,
`company.domain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN

EXTERNAL = re.compile(r"external_ids\.[a-z][a-z0-9_]{0,39}")
_PART = re.compile(
    r"(?P<list>[a-z_]+)\[(?P<n>[1-9][0-9]?)(?::(?P<type>[^\[\]:]{1,40}))?\](?:\.(?P<of>[a-z_]+))?"
)
MOST_PARTS = 50


class Target(NamedTuple):
    """A target, taken apart."""

    field: str
    """The field of the record; of another record, the name of the relation."""
    key: str = ""
    """Of a map or another record: what of it."""
    n: int = 0
    """Of a list: which part, from 1."""
    type: str | None = None
    """The type that the part gets."""
    of: str = ""
    """The sub-field of the part."""
    added: bool = False
    """Whether the cell is put behind what other columns say."""


@lru_cache(10_000)
def parsed(text: str) -> Target:
    """Take a target apart that has been found right."""
    added = text.endswith("+")
    plain = text.removesuffix("+")
    if part := _PART.fullmatch(plain):
        return Target(
            part["list"], n=int(part["n"]), type=part["type"], of=part["of"] or "", added=added
        )
    field, _, key = plain.partition(".")
    return Target(field, key, added=added)


def same_place(text: str) -> str:
    """Return what two columns may not share: a part's type says nothing about its place."""
    target = parsed(text)
    return f"{target.field}[{target.n}].{target.of}" if target.n else text


def checked_target(record_type: RecordType, text: str, *, column: str) -> str:
    """Return a target in its full form: `emails[2]` is `emails[2].address`, `tier` `custom.tier`.

    Raises `Invalid` with a suggestion where there is none such, or it may not be written.
    """
    plain = text.strip().removesuffix("+")
    added = "+" if text.strip().endswith("+") else ""
    if part := _PART.fullmatch(plain):
        if (full := _full(record_type, part)) is not None:
            return full + added
    elif plain in record_type.writable and plain not in ("external_ids", COLUMN):
        return plain + added
    elif not added or plain in record_type.said_by_files:
        known_as = (*record_type.splits, *record_type.said_by_files, "id")
        found = f"{plain}{added}" if plain in known_as else None
        found = found or _keyed(record_type, plain)
        if found is not None:
            return found
    known = list(offered(record_type))
    meant = closest(text, known)
    hint = f" Did you mean {meant}?" if meant else ""
    raise Invalid(
        f"Column {column!r} cannot be imported as {text!r}: {record_type.name} have no such field, "
        f"or you may not write it.{hint} Fields: {', '.join(known)}.",
        errors=[{"parameter": "map", "code": "unknown_field", "detail": repr(text)}],
        suggestion=meant,
    )


def offered(record_type: RecordType) -> Iterator[str]:
    """Yield what a column can be mapped to, for people."""
    for name in record_type.writable:
        if name == COLUMN:
            yield from (key for key in record_type.defined if record_type.is_writable(key))
        elif name == "external_ids":
            yield "external_ids.SOURCE"
        elif name in record_type.parts:
            yield name
            yield from (f"{name}[1].{of}" for of in record_type.parts[name] if of != "is_valid")
        else:
            yield name
    yield from record_type.splits
    yield from record_type.said_by_files
    for name, parent in record_type.import_parents.items():
        yield from (name, *(f"{name}.{key}" for key in parent.by), f"{name}.external_ids.SOURCE")


def _full(record_type: RecordType, part: re.Match[str]) -> str | None:
    name, of = part["list"], part["of"]
    if name not in record_type.parts or name not in record_type.writable:
        return None
    key = record_type.part_keys.get(name)
    of = of or (key.of if key else "")
    if of not in record_type.parts[name] or int(part["n"]) > MOST_PARTS:
        return None
    kind = f":{part['type']}" if part["type"] else ""
    return f"{name}[{part['n']}{kind}].{of}"


def _keyed(record_type: RecordType, plain: str) -> str | None:
    """Return the full form of an external id, a custom field or another record."""
    if EXTERNAL.fullmatch(plain):
        return plain if "external_ids" in record_type.writable else None
    key = plain.removeprefix(f"{COLUMN}.")
    if key in record_type.defined and record_type.is_writable(key):
        return f"{COLUMN}.{key}"
    name, _, way = plain.partition(".")
    parent = record_type.import_parents.get(name)
    if parent is not None and (way in ("", *parent.by) or EXTERNAL.fullmatch(way)):
        return plain
    return None
