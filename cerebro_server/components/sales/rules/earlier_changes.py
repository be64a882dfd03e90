"""What is checked of changes that happened elsewhere, and what is made of them: fields by our
names, values as an import would write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch, Making, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing.naming import folded
from cerebro_server.kernel.records.importing.targets import parsed

_NOUN: Final = "earlier_changes"
_ENDS: Final = {
    "contact_id": "contacts",
    "company_id": "companies",
    "deal_id": "deals",
    "lead_id": "leads",
}
_SAFE: Final = frozenset({Kind.DECIMAL, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME})
"""Kinds of which each value has one way to be written; texts stay as they are."""
_ANYWHERE: Final = "file"
"""Where it happened, if nobody says."""
Reader = Callable[[str], Any]


async def from_files(context: Context, batch: Batch, making: Making) -> None:
    """Call fields as we do, and write values as we do; give rows without an id one that follows
    from what they say, so that the same row is the same change the next time."""
    known: dict[tuple[str, str], _Peer] = {}
    for row in batch.rows:
        column = next((name for name in _ENDS if row.get(name)), None)
        source = row["source"] = row.get("source") or _source(row)
        if column is None:
            continue
        place = (_ENDS[column], source)
        if place not in known:
            record_type = context.whole(context.catalog[place[0]])
            known[place] = _Peer(record_type, source, making.columns(place[0]))
        known[place].settle(row)
        if not row.get("external_ids"):
            row["external_ids"] = {source: _digest(row, str(row[column]))}
    await _known_by_digest(context, batch.rows)


async def earlier_changes(context: Context, batch: Batch) -> None:
    """Refuse changes of no record, or of several, and those to come."""
    for number, row in enumerate(batch.rows):
        named = [name for name in _ENDS if row.get(name)]
        if len(named) != 1:
            said = f"It names {' and '.join(named)}" if named else "It names no record"
            listed = ", ".join(name.removesuffix("_id") for name in _ENDS)
            said += f": a change is of one record, which one of these names: {listed}."
            batch.refuse(number, named[0] if named else None, "one_record", said)
        row["source"] = row.get("source") or _source(row)
        _not_to_come(context, batch, number, row)


async def changed_earlier_changes(context: Context, batch: Batch) -> None:
    """Refuse what is to come; what is of another record now is of no other."""
    for number, row in enumerate(batch.rows):
        _not_to_come(context, batch, number, row)
        if any(row.get(name) for name in _ENDS):
            row.update({name: None for name in _ENDS if not row.get(name)})


def _not_to_come(context: Context, batch: Batch, number: int, row: Mapping[str, Any]) -> None:
    at = row.get("changed_at")
    if at is not None and (datetime.fromisoformat(at) if isinstance(at, str) else at) > context.now:
        batch.refuse(number, "changed_at", "in_the_future", "It lies in the future.")


def _source(row: Mapping[str, Any]) -> str:
    return next(iter(row.get("external_ids") or ()), _ANYWHERE)


def _digest(row: Mapping[str, Any], record: str) -> str:
    """Return an id for a row that has none."""
    said = [record, *(str(row.get(n)) for n in ("field", "changed_at", "old_value", "new_value"))]
    return f"row:{hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()}"


async def _known_by_digest(context: Context, rows: Sequence[dict[str, Any]]) -> None:
    """Let rows whose id follows from what they say be about the changes that are here."""
    said = [
        (number, f"external:{source}", value)
        for number, row in enumerate(rows)
        for source, value in (row.get("external_ids") or {}).items()
        if row.get("id") is None and value.startswith("row:")
    ]
    if not said:
        return
    numbers, kinds, values = (list(column) for column in zip(*said, strict=True))
    found = await context.read(
        Sql(
            "select s.n, k.record_id::text from unnest(%s::integer[], %s::text[], %s::text[]) "
            "as s(n, kind, value) join record_keys k on k.record_type = %s and k.kind = s.kind "
            "and k.value = s.value",
            (numbers, kinds, values, _NOUN),
        )
    )
    for number, record_id in found:
        rows[number]["id"] = record_id


class _Peer:
    """How another product calls the fields of a noun, and writes their values."""

    def __init__(self, record_type: RecordType, source: str, columns: Mapping[str, str]) -> None:
        self._record_type = record_type
        preset = record_type.presets.get(source)
        readers = {folded(c): read for c, read in (preset.readers if preset else {}).items()}
        self._words: dict[str, tuple[str, Reader | None]] = {}
        for column, target in [*columns.items(), *(preset.columns if preset else {}).items()]:
            if (name := _field(record_type, target)) is not None:
                word = folded(column)
                self._words.setdefault(word, (name, readers.get(word)))
        for name, field in record_type.fields.items():
            # `Created` is what others call that a record was made
            words = (name, field.label) if field.writable or field.of_custom else (name,)
            for word in words:
                self._words.setdefault(folded(word), (name, None))

    def settle(self, row: dict[str, Any]) -> None:
        """Call a row's field as we do, and write its values as we do."""
        said = row["field"]
        is_ours = said in self._record_type.fields
        name, read = (said, None) if is_ours else self._words.get(folded(said), (said, None))
        row["field"] = name
        if (adapter := self._adapter(name)) is not None:
            for side in ("old_value", "new_value"):
                if row.get(side):
                    row[side] = _written(adapter, read, row[side])

    def _adapter(self, name: str) -> TypeAdapter[Any] | None:
        field, create = self._record_type.fields.get(name), self._record_type.create
        if field is None or field.kind not in _SAFE or create is None:
            return None
        if name in create.model_fields:
            annotation: Any = create.model_fields[name].annotation
            return TypeAdapter(annotation)
        own = self._record_type.defined.get(name)
        return None if own is None else own.adapter


def _field(record_type: RecordType, target: str) -> str | None:
    """Return the field that a column becomes which is mapped so; None where that is not one."""
    place = parsed(target)
    if place.field == COLUMN:
        return place.key
    if (parent := record_type.import_parents.get(place.field)) is not None:
        is_own = parent.via is None and parent.here in record_type.fields
        return parent.here if is_own else place.field
    if place.n:
        shorts = record_type.primaries.items()
        first = (n for n, p in shorts if (p.field, p.of) == (place.field, place.of))
        return next(first, place.field) if place.n == 1 else place.field
    return place.field if place.field in record_type.fields and not place.key else None


def _written(adapter: TypeAdapter[Any], read: Reader | None, text: str) -> str:
    """Return a value as we write it; what cannot be one stays as it is."""
    try:
        found = adapter.validate_python(read(text) if read else text)
    except ValidationError:
        return text
    return text if found is None else to_json(found).decode().strip('"')
