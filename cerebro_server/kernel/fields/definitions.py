"""The custom fields of a workspace, by noun, and record types that have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pydantic_core import from_json

from cerebro_sdk.schemas.custom_types import FIELD_TYPES
from cerebro_server.kernel.fields.custom import Definition
from cerebro_server.kernel.fields.record_type import RecordType


@dataclass(frozen=True, eq=False)
class Definitions:
    """What a workspace defines. Equal ones are the same object, so record types made of them are,
    too: statements are remembered by record type."""

    by_noun: Mapping[str, tuple[Definition, ...]] = field(default_factory=dict)
    _made: dict[RecordType, RecordType] = field(default_factory=dict)

    def whole(self, record_type: RecordType) -> RecordType:
        """Return the record type with the workspace's own fields, whoever asks."""
        plain = record_type.plain
        defined = self.by_noun.get(plain.name)
        if not defined or plain.custom or not plain.takes_custom:
            return plain
        if plain not in self._made:
            self._made[plain] = replace(plain, custom=defined)
        return self._made[plain]


NO_DEFINITIONS = Definitions()


@lru_cache(1_000)
def read_definitions(stored: bytes | None) -> Definitions:
    """Read the rows of living, active fields, as one JSON array in their order."""
    if stored is None:
        return NO_DEFINITIONS
    found: dict[str, list[Definition]] = {}
    rows = (row for row in from_json(stored) if row["type"] in FIELD_TYPES)  # a newer server's own
    for row in rows:
        found.setdefault(row["record_type"], []).append(Definition.of(row))
    return Definitions({noun: tuple(defined) for noun, defined in found.items()})
