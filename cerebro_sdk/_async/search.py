"""Search: over all nouns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cerebro_sdk._async.replies import mapping
from cerebro_sdk._async.resource import AsyncCalls, AsyncPlainCalls, AsyncTypedCalls, Names
from cerebro_sdk._async.transport import Call

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.search import Hit  # noqa: F401 -- in a string

H = TypeVar("H")


class AsyncSearchCalls(AsyncCalls, Generic[H]):
    """What can be searched."""

    async def records(
        self, query: str, *, nouns: Names | None = None, limit: int | None = None
    ) -> list[H]:
        """Find records by words, or how they begin, in any order; best first, 20 unless told.

        One letter may be wrong, in a word of five letters or more. `nouns` narrows it down.

        >>> for hit in await crm.search.records("grav inv", nouns="companies"):
        ...     print(hit.title, hit.subtitle, hit.score)
        """
        joined = nouns if nouns is None or isinstance(nouns, str) else ",".join(nouns)
        params = {"q": query, "nouns": joined, "limit": limit}
        call = Call("GET", self._path, params=params, is_repeatable=True)
        reply = mapping(await self._transport.json(call))
        return [self._read(f"{self._schema}:Hit", hit) for hit in reply.get("items") or []]

    async def __call__(
        self, query: str, *, nouns: Names | None = None, limit: int | None = None
    ) -> list[H]:
        """Find records by words; the same as `records`.

        >>> hits = await crm.search("ada lov")
        """
        return await self.records(query, nouns=nouns, limit=limit)


class AsyncRawSearch(AsyncPlainCalls, AsyncSearchCalls[dict[str, Any]]):
    """Search, with plain dicts."""


class AsyncSearch(AsyncTypedCalls, AsyncSearchCalls["Hit"]):
    """Search, typed: `crm.search("grav inv")`."""

    @property
    def raw(self) -> AsyncRawSearch:
        """The same with plain dicts, without importing pydantic.

        >>> (await crm.search.raw("ada"))[0]["title"]
        """
        return AsyncRawSearch(self._transport, self._name, self._schema)
