"""Lists: lazy iterators over keyset pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

from cerebro_sdk import errors, policy
from cerebro_sdk._async.transport import AsyncTransport, Call

R = TypeVar("R")


class AsyncPages(Generic[R]):
    """The records of a list, fetched page by page as you go; nothing is asked for in advance.

    >>> async for company in crm.companies.list(where="employees > 10"):
    ...     print(company.name)
    """

    _goes_on_by = "cursor"  # the parameter that says behind what

    def __init__(
        self,
        transport: AsyncTransport,
        path: str,
        *,
        read: Callable[[Any], R],
        params: Mapping[str, Any],
        limit: int | None = None,
        page_size: int | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        policy.check_paging(limit, page_size)
        self._transport = transport
        self._path = path
        self._read = read
        self._params = params
        self._limit = limit
        self._page_size = page_size
        self._body = body

    def __repr__(self) -> str:
        said = ", ".join(f"{k}={v!r}" for k, v in self._params.items() if v is not None)
        return f"<{type(self).__name__} of {self._path}{': ' if said else ''}{said}>"

    async def __aiter__(self) -> AsyncIterator[R]:
        """Go through all records; each time from the first one again."""
        async for page in self.pages():
            for record in page.items:
                yield record

    async def pages(self) -> AsyncIterator[policy.Page[R]]:
        """Go through the pages.

        >>> async for page in crm.companies.list().pages():
        ...     print(len(page), "companies")
        """
        seen = 0
        cursor: str | None = None
        while size := policy.next_size(self._limit, self._page_size, seen=seen):
            page = await self._fetch(size, cursor)
            seen += len(page)
            yield page
            if page.next_cursor is None:
                return
            if page.next_cursor == cursor:
                raise errors.unexpected(200, f"{self._path}: the server repeats a page.")
            cursor = page.next_cursor

    async def page(
        self, cursor: str | None = None, *, count: Literal["exact", "estimated"] | None = None
    ) -> policy.Page[R]:
        """Fetch one page: the first, or the one after the page with this `next_cursor`.

        With `count` it says how many there are on all pages together: `exact`, or `estimated`
        from a sample where counting takes long.

        >>> page = await crm.companies.list(page_size=50).page(count="estimated")
        >>> page.items, page.next_cursor, page.count, page.count_is_exact
        """
        size = policy.next_size(self._limit, self._page_size, seen=0)
        return await self._fetch(size, cursor, count) if size else policy.Page([], None)

    async def count(self) -> int:
        """Count the records of the list, whatever its `limit`; none of them is fetched but one.

        >>> await crm.companies.list(where="industry = finance").count()
        """
        page = await self._fetch(1, None, "exact")
        if page.count is None:
            raise errors.unexpected(200, f"{self._path}: the server did not count.")
        return page.count

    async def first(self) -> R | None:
        """Fetch the first record; None if there is none.

        >>> newest = await crm.companies.list(sort="-created_at").first()
        """
        if self._limit == 0:
            return None
        return next(iter(await self._fetch(1, None)), None)

    async def to_records(self) -> list[R]:
        """Fetch all records, as a list.

        >>> companies = await crm.companies.list(limit=1000).to_records()
        """
        return [record async for record in self]

    async def _fetch(
        self, size: int, cursor: str | None, count: str | None = None
    ) -> policy.Page[R]:
        asked: dict[str, Any] = {"limit": size, "count": count}
        if cursor is not None:
            asked[self._goes_on_by] = cursor
        if self._body is None:
            params = {**self._params, **asked}
            call = Call("GET", self._path, params=params, is_repeatable=True)
        else:  # a question that is too long for an address; it writes nothing
            text = json.dumps({**self._body, **asked}).encode()
            call = Call("POST", self._path, body=text, is_repeatable=True)
        body = await self._transport.json(call)
        if not isinstance(body, dict) or not isinstance(body.get("items"), list):
            raise errors.unexpected(200, f"{self._path}: the server did not answer with a list.")
        return policy.Page(
            [self._read(item) for item in body["items"]],
            body.get("next_cursor"),
            body.get("count"),
            body.get("count_is_exact"),
        )
