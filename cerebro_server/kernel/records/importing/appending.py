"""Lists of a file put behind what records have, instead of in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN

_MOST_PARTS, _MOST_WORDS = 50, 100  # as many as a payload may have


def is_list(record_type: RecordType, name: str) -> bool:
    """Tell whether a field holds parts or words."""
    field = record_type.plain.fields.get(name)
    return name in record_type.parts or (field is not None and field.kind is Kind.KEYS)


def append(record_type: RecordType, batch: Batch) -> None:
    """Put in each row, in front of its lists, what the record has in them.

    A short form beside its list says nothing more: the first of the record's list stays first.
    """
    for row, before in zip(batch.rows, batch.before, strict=True):
        for name, sent in row.items():
            if is_list(record_type, name):
                row[name] = _both(before.get(name), sent)
            elif name == COLUMN:
                held = before.get(name) or {}
                row[name] = {key: _both(held.get(key), value) for key, value in sent.items()}
        for short, primary in record_type.primaries.items():
            if primary.field in row:
                row.pop(short, None)


def refuse_long(record_type: RecordType, batch: Batch) -> None:
    """Refuse rows after which a list would be longer than any may be."""
    for number, row in enumerate(batch.rows):
        for name, value in row.items():
            most = _MOST_PARTS if name in record_type.parts else _MOST_WORDS
            if is_list(record_type, name) and value is not None and len(value) > most:
                said = f"With those that are there it would be {len(value)}; {most} are the most."
                batch.refuse(number, name, "too_long", said)


def _both(held: Any, sent: Any) -> Any:
    if not isinstance(held, list) or not isinstance(sent, list):
        return sent
    return [*held, *(each for each in sent if not any(_says(one, each) for one in held))]


def _says(one: Any, each: Any) -> bool:
    """Tell whether what is there says all that is sent: a word, or every line of an address."""
    if not isinstance(one, Mapping) or not isinstance(each, Mapping):
        return bool(one == each)
    return all(one.get(name) == value for name, value in each.items() if value is not None)
