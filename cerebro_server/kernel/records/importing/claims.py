"""The keys within one file: of several rows with the same key, the first has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records.importing.numbers import Numbers

_MOST_FIELDS = 1_024  # keys that one file can have columns for
_PARTIAL, _WHOLE = 0, 1


class Claims:
    """Which row of a file claims which key; compared as `record_keys` compares."""

    def __init__(self, record_type: RecordType, keys: Sequence[str]) -> None:
        self._record_type = record_type
        self._keys = ("id", *keys)
        self._held = Numbers()
        """By the hash of a key: the line that has it, and the field. As texts the keys of a million
        rows take 300 MB; that two of them share 61 bits has odds of one in millions."""
        self._targets = Numbers()
        """By the hash of its id: records that rows are for, by whatever they were found."""
        self._fields: list[str] = []
        self.superseded: list[UUID] = []
        """Records that a whole row is for, after one that lacks what a new record must have."""
        self.exchanges = False
        """Whether rows take keys that other rows may let go of."""
        self.frees = True
        """Whether rows can let go of keys: not where records that are there stay as they are."""

    def claim(self, values: dict[str, Any], line: int, *, is_sure: bool = True) -> dict[str, int]:
        """Claim the keys of a row; return `{field: line that has it}` of those that are taken.

        A list of keys and its short form are one; what is taken is named by the list, where another
        row has it further down in its own. A row that lacks one of its keys will not be written,
        so it claims nothing; nor does one of which that is not sure.
        """
        found = list(self._of(values))
        taken = {
            field if field == holder else claimed[0]: held_by
            for field, claimed in found
            for held_by, holder in [self._holder(claimed)]
            if held_by
        }
        if not taken and is_sure:
            for field, claimed in reversed(found):
                self._hold(claimed, line, field)
        return taken

    def take(self, record_id: UUID, *, is_whole: bool = True) -> bool:
        """Claim the record that a row is for; tell whether no earlier row of the file did, or none
        but one that was not whole, while this one is: had the record not been there, this row
        would have made it."""
        held = self._targets.get(hash(record_id))
        if held == _WHOLE or (held is not None and not is_whole):
            return False
        self._targets.put(hash(record_id), _WHOLE if is_whole else _PARTIAL)
        if held is not None:
            self.superseded.append(record_id)
        return True

    def has(self, record_id: UUID) -> bool:
        """Whether an earlier row of the file is for a record."""
        return self._targets.get(hash(record_id)) is not None

    def _holder(self, claimed: tuple[str, str]) -> tuple[int, str]:
        line, field = divmod(self._held.get(hash(claimed)) or 0, _MOST_FIELDS)
        return (line, self._fields[field]) if line else (0, "")

    def _hold(self, claimed: tuple[str, str], line: int, field: str) -> None:
        if field not in self._fields:
            self._fields.append(field)
        self._held.put(hash(claimed), line * _MOST_FIELDS + self._fields.index(field))

    def keys_of(self, values: dict[str, Any]) -> set[tuple[str, str]]:
        """Return the unique keys of a row, as `record_keys` has them: kind and value."""
        part_keys = self._record_type.part_keys
        found = set()
        for _, (name, value) in self._of(values):
            if name in part_keys:
                found.add((part_keys[name].kind, value))
            elif name != "id":
                found.add((name.replace("external_ids.", "external:"), value))
        return found

    def keep_free(self, rows: Sequence[dict[str, Any]], given: Sequence[frozenset[str]]) -> None:
        """Empty the keys that rules gave new rows, which had those that were `given`, where another
        row has got them."""
        for row, had in zip(rows, given, strict=True):
            for key in self.plain - had - self._record_type.composed.keys():
                if not row.get(key):
                    continue
                claimed = hash((key, fold(row[key])))
                if self._held.get(claimed) is None:
                    self._held.put(claimed, 0)
                else:
                    row[key] = None

    @property
    def plain(self) -> frozenset[str]:
        """The natural keys that have a column of their own."""
        return frozenset(self._record_type.keys) - self._record_type.primaries.keys()

    def _of(self, values: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield fields with what each claims: the name of the key, and the value."""
        primaries = self._record_type.primaries
        for key in self._keys:
            if value := value_of(self._record_type, key, values):
                name = primaries[key].field if key in primaries else key
                yield key, (name, value if key.startswith("external_ids.") else fold(str(value)))
        for name, part_key in self._record_type.part_keys.items():
            for part in (values.get(name) or ()) if part_key.is_unique else ():
                if value := part.get(part_key.of):
                    yield name, (name, fold(value))


def value_of(record_type: RecordType, key: str, values: dict[str, Any]) -> Any:
    """Return the value of `external_ids.<source>`, of `custom.<key>`, of `id` or of a natural key
    in a row's values; that of a short form is the first of its list, if it is not there itself."""
    parent, _, source = key.partition(".")
    if source:
        return (values.get(parent) or {}).get(source)
    if key in record_type.composed:
        found = [values.get(name) for name in record_type.composed[key]]
        return None if None in found else "@".join(map(str, found))
    if values.get(key) or key not in record_type.primaries:
        return values.get(key)
    primary = record_type.primaries[key]
    parts = values.get(primary.field) or ()
    return next((part[primary.of] for part in parts if part.get(primary.of)), None)
