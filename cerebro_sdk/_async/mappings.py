"""Mappings: what the columns of files were taken for, saved for the next file."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Generic, TypeVar

from cerebro_sdk._async.replies import mapping
from cerebro_sdk._async.resource import AsyncCalls, AsyncPlainCalls, AsyncTypedCalls, Plain, tried
from cerebro_sdk._async.transport import Call, segment

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.mappings import ImportMapping  # noqa: F401 -- in a string

M = TypeVar("M")


class AsyncMappingCalls(AsyncCalls, Generic[M]):
    """What can be done with saved mappings."""

    async def list(self, noun: str | None = None) -> builtins.list[M]:
        """List the saved mappings, of one noun or of all that you may import.

        >>> for saved in await crm.mappings.list("contacts"):
        ...     print(saved.name, saved.columns)
        """
        call = Call("GET", self._path, params={"noun": noun}, is_repeatable=True)
        reply = mapping(await self._transport.json(call))
        return [self._read(self._schema, each) for each in reply.get("items") or []]

    async def get(self, noun: str, name: str) -> M:
        """Fetch a saved mapping.

        >>> (await crm.mappings.get("contacts", "fair")).columns
        """
        found: M = await self._ask(Call("GET", self._of(noun, name), is_repeatable=True))
        return found

    async def delete(self, noun: str, name: str, *, dry_run: bool = False) -> M:
        """Delete a saved mapping; returns what it was. A `dry_run` leaves it.

        >>> await crm.mappings.delete("contacts", "fair")
        """
        call = Call("DELETE", self._of(noun, name), params=tried(dry_run))
        gone: M = await self._ask(call)
        return gone

    def _of(self, noun: str, name: str) -> str:
        return f"{self._at(noun)}/{segment(name)}"


class AsyncRawMappings(AsyncPlainCalls, AsyncMappingCalls[Plain]):
    """Saved mappings as plain dicts."""


class AsyncMappings(AsyncTypedCalls, AsyncMappingCalls["ImportMapping"]):
    """Saved mappings: what the columns of files are."""

    @property
    def raw(self) -> AsyncRawMappings:
        """The same with plain dicts, without importing pydantic.

        >>> (await crm.mappings.raw.list())[0]["name"]
        """
        return AsyncRawMappings(self._transport, self._name, self._schema)
