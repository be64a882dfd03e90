"""The client: finds its server and key, and holds the nouns."""

from __future__ import annotations

from types import EllipsisType
from typing import Self

from cerebro_sdk import _http, errors, policy, profiles
from cerebro_sdk._async.resources import AsyncResources
from cerebro_sdk._async.transport import AsyncTransport


class AsyncCerebro(AsyncResources):
    """A Cerebro server, signed in: `crm.companies.list()`, `crm.changes.list()` and so on.

    Server and key come from the arguments, else from CEREBRO_URL and CEREBRO_API_KEY, else from
    the profile that was saved at sign-in. Reads, and creates under a key of their own, are tried
    again when the trouble may pass: `max_retries` times, within `deadline` seconds in all;
    `timeout` is for each single wait.

    >>> async with AsyncCerebro() as crm:
    ...     company = await crm.companies.get("acme.com")
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        profile: str | None = None,
        timeout: float | None = 30.0,
        max_retries: int = 2,
        deadline: float | None = None,
        sender: _http.AsyncSender | None = None,
    ) -> None:
        options = policy.Options(timeout, max_retries, deadline).checked()
        address, key = _found(url, api_key, profile)
        self._transport = AsyncTransport(
            address=address,
            api_key=key,
            options=options,
            sender=sender or _http.AsyncHttpxSender(),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._transport!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Leaving a `with` block does it by itself.

        >>> await crm.close()
        """
        await self._transport.close()

    def with_options(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        max_retries: int | EllipsisType = ...,
        deadline: float | EllipsisType | None = ...,
    ) -> Self:
        """Return a client that waits otherwise, over the same connections.

        >>> await crm.with_options(timeout=5, max_retries=0).companies.get("acme.com")
        """
        given = {"timeout": timeout, "max_retries": max_retries, "deadline": deadline}
        said = {name: value for name, value in given.items() if value is not ...}
        other = object.__new__(type(self))
        options = self._transport.options._replace(**said)  # type: ignore[arg-type]
        other._transport = self._transport.but(options.checked())
        return other


def _found(url: str | None, api_key: str | None, profile: str | None) -> tuple[_http.Address, str]:
    try:
        found = profiles.search(url, api_key, profile=profile)
    except profiles.ProfileError as error:
        raise errors.NotConfiguredError(str(error)) from error
    if not found.url:
        raise errors.NotConfiguredError(
            "No server is known: pass url=, set CEREBRO_URL, or save a profile by starting one "
            "(`cerebro up`)."
        )
    try:
        address = _http.Address.parse(found.url)
    except ValueError as error:
        raise errors.NotConfiguredError(f"The server's address is wrong: {error}.") from error
    if not found.api_key:
        other = f" The saved profile is for {found.other}." if found.other else ""
        raise errors.NotConfiguredError(
            f"No API key is known for {address}: pass api_key= or set CEREBRO_API_KEY.{other}"
        )
    if not (found.api_key.isascii() and found.api_key.isprintable() and " " not in found.api_key):
        raise errors.NotConfiguredError(
            "The API key holds blanks or characters that no key has; copy it anew."
        )
    return address, found.api_key
