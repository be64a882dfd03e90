# Generated from ../_async/mappings.py by tools/sync_client.py; do not edit.
"""Mappings: what the columns of files were taken for, saved for the next file."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Generic, TypeVar

from cerebro_sdk._sync.replies import mapping
from cerebro_sdk._sync.resource import Calls, PlainCalls, TypedCalls, Plain, tried
from cerebro_sdk._sync.transport import Call, segment

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.mappings import ImportMapping  # noqa: F401 -- in a string

M = TypeVar("M")


class MappingCalls(Calls, Generic[M]):
    """What can be done with saved mappings."""

    def list(self, noun: str | None = None) -> builtins.list[M]:
        """List the saved mappings, of one noun or of all that you may import.

        >>> for saved in crm.mappings.list("contacts"):
        ...     print(saved.name, saved.columns)
        """
        call = Call("GET", self._path, params={"noun": noun}, is_repeatable=True)
        reply = mapping(self._transport.json(call))
        return [self._read(self._schema, each) for each in reply.get("items") or []]

    def get(self, noun: str, name: str) -> M:
        """Fetch a saved mapping.

        >>> (crm.mappings.get("contacts", "fair")).columns
        """
        found: M = self._ask(Call("GET", self._of(noun, name), is_repeatable=True))
        return found

    def delete(self, noun: str, name: str, *, dry_run: bool = False) -> M:
        """Delete a saved mapping; returns what it was. A `dry_run` leaves it.

        >>> crm.mappings.delete("contacts", "fair")
        """
        call = Call("DELETE", self._of(noun, name), params=tried(dry_run))
        gone: M = self._ask(call)
        return gone

    def _of(self, noun: str, name: str) -> str:
        return f"{self._at(noun)}/{segment(name)}"


class RawMappings(PlainCalls, MappingCalls[Plain]):
    """Saved mappings as plain dicts."""


class Mappings(TypedCalls, MappingCalls["ImportMapping"]):
    """Saved mappings: what the columns of files are."""

    @property
    def raw(self) -> RawMappings:
        """The same with plain dicts, without importing pydantic.

        >>> (crm.mappings.raw.list())[0]["name"]
        """
        return RawMappings(self._transport, self._name, self._schema)
