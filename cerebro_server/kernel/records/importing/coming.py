"""Records that rows of a run will have made or changed, by all that finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records.importing.numbers import Numbers
from cerebro_server.kernel.records.planned import Row

_WIDTH = 16  # bytes of an id


class Coming:
    """What will be there when a run has been applied, though nothing of it is written yet.

    It holds hashes, as the claims of a file do: a million records with two keys take 100 MB.
    """

    def __init__(self, catalog: Mapping[str, RecordType]) -> None:
        self._names = {noun: _names(catalog.values(), catalog[noun]) for noun in catalog}
        self._held = Numbers()
        """By the hash of a key: the place of its record, or of several, below zero."""
        self._ids = bytearray()
        self._several: list[list[int]] = []
        self._gone: set[str] = set()

    def __contains__(self, record_id: object) -> bool:
        """Whether a record of this id will be made."""
        said = str(record_id)
        return said not in self._gone and self._held.get(hash(said)) is not None

    def add(self, record_type: RecordType, row: Row, called: Iterable[str] = ()) -> None:
        """Take in what a row makes or changes; `called` are other ids that rows name it by."""
        assert row.record_id is not None  # noqa: S101 - rows without a record are wrong
        place = len(self._ids) // _WIDTH
        self._ids += row.record_id.bytes
        if row.action == "create":
            self._held.put(hash(str(row.record_id)), place)
        ids = (("id", one) for one in called)
        for kind, value in (*ids, *self._keys(record_type, row.values or {})):
            self._put((record_type.name, kind, value), place)

    def name(self, noun: str, ways: Iterable[tuple[str, str]], record_id: UUID) -> None:
        """Let a record be found in other ways, too; what finds one already goes on doing so."""
        place = len(self._ids) // _WIDTH
        self._ids += record_id.bytes
        for kind, value in ways:
            if not self.find(noun, kind, value):
                self._put((noun, kind, value), place)

    def first_for(self, record_id: UUID) -> bool:
        """Tell whether no earlier row of the run was for a record."""
        return self._held.put(hash(("row", record_id)), 0)

    def first_of(self, noun: str, said: tuple[str, ...]) -> bool:
        """Tell whether no earlier row of the run said the same of what tells records apart."""
        return self._held.put(hash(("same", noun, said)), 0)

    def taken(self, record_type: RecordType, values: Mapping[str, Any]) -> Iterator[str]:
        """Yield the unique keys of a new record that an earlier row of the run has."""
        unique = {*record_type.noun.keys, *(k.kind for k in record_type.part_keys.values())}
        for kind, value in self._keys(record_type, values):
            is_key = kind in unique or kind.startswith("external:")
            if is_key and self.find(record_type.name, kind, value):
                yield kind.replace("external:", "external_ids.")

    def forget(self, record_id: str) -> None:
        """Leave out a record that will not be made after all."""
        self._gone.add(record_id)

    def is_gone(self, record_id: str) -> bool:
        """Whether a record will not be made after all."""
        return record_id in self._gone

    def find(self, noun: str, kind: str, value: str) -> list[str]:
        """Return the ids of all that will have a key: none, one, or several."""
        if kind == "id" and value in self:
            return [value]
        number = self._held.get(hash((noun, kind, value)))
        if number is None:
            return []
        places = [number] if number >= 0 else self._several[-number - 1]
        found = dict.fromkeys(self._at(place) for place in places)
        return [record_id for record_id in found if record_id not in self._gone]

    def _at(self, place: int) -> str:
        return str(UUID(bytes=bytes(self._ids[place * _WIDTH : (place + 1) * _WIDTH])))

    def _put(self, key: tuple[str, str, str], place: int) -> None:
        number = self._held.get(hash(key))
        if number is None:
            self._held.put(hash(key), place)
        elif number < 0:
            self._several[-number - 1].append(place)
        elif self._at(number) != self._at(place):
            self._several.append([number, place])
            self._held.put(hash(key), -len(self._several))

    def _keys(
        self, record_type: RecordType, values: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        for source, value in (values.get("external_ids") or {}).items():
            if value is not None:
                yield f"external:{source}", str(value)
        for name in self._names[record_type.name]:
            if values.get(name):
                yield name, fold(str(values[name]))
        for name, key in record_type.part_keys.items():
            for part in (values.get(name) or ()) if key.is_unique else ():
                if part.get(key.of):
                    yield key.kind, fold(str(part[key.of]))


def _names(record_types: Iterable[RecordType], target: RecordType) -> tuple[str, ...]:
    """Return the columns that find a record of a noun: its keys, and what files call it by."""
    found = {key for key in target.plain.noun.keys if key not in target.primaries}
    for record_type in record_types:
        for parent in record_type.import_parents.values():
            if parent.noun == target.name:
                found |= {*parent.by} - target.primaries.keys()
    return tuple(sorted(found))
