# Generated from ../_async/search.py by tools/sync_client.py; do not edit.
"""Search: over all nouns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cerebro_sdk._sync.replies import mapping
from cerebro_sdk._sync.resource import Calls, PlainCalls, TypedCalls, Names
from cerebro_sdk._sync.transport import Call

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.search import Hit  # noqa: F401 -- in a string

H = TypeVar("H")


class SearchCalls(Calls, Generic[H]):
    """What can be searched."""

    def records(
        self, query: str, *, nouns: Names | None = None, limit: int | None = None
    ) -> list[H]:
        """Find records by words, or how they begin, in any order; best first, 20 unless told.

        One letter may be wrong, in a word of five letters or more. `nouns` narrows it down.

        >>> for hit in crm.search.records("grav inv", nouns="companies"):
        ...     print(hit.title, hit.subtitle, hit.score)
        """
        joined = nouns if nouns is None or isinstance(nouns, str) else ",".join(nouns)
        params = {"q": query, "nouns": joined, "limit": limit}
        call = Call("GET", self._path, params=params, is_repeatable=True)
        reply = mapping(self._transport.json(call))
        return [self._read(f"{self._schema}:Hit", hit) for hit in reply.get("items") or []]

    def __call__(
        self, query: str, *, nouns: Names | None = None, limit: int | None = None
    ) -> list[H]:
        """Find records by words; the same as `records`.

        >>> hits = crm.search("ada lov")
        """
        return self.records(query, nouns=nouns, limit=limit)


class RawSearch(PlainCalls, SearchCalls[dict[str, Any]]):
    """Search, with plain dicts."""


class Search(TypedCalls, SearchCalls["Hit"]):
    """Search, typed: `crm.search("grav inv")`."""

    @property
    def raw(self) -> RawSearch:
        """The same with plain dicts, without importing pydantic.

        >>> (crm.search.raw("ada"))[0]["title"]
        """
        return RawSearch(self._transport, self._name, self._schema)
