"""The client: finds its server and how to sign in there, and holds the nouns."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal, Self

from cerebro_sdk import _http, credentials, errors, policy, profiles
from cerebro_sdk._async.replies import read
from cerebro_sdk._async.resources import AsyncResources
from cerebro_sdk._async.signing import AsyncSigning
from cerebro_sdk._async.transport import AsyncTransport

if TYPE_CHECKING:
    from cerebro_sdk._async.folders import OnProgress
    from cerebro_sdk._async.operations import AsyncPlannedOperation
    from cerebro_sdk.schemas.identity.auth import Tokens
    from cerebro_sdk.schemas.workspace.exports import Export


class AsyncCerebro(AsyncResources):
    """A Cerebro server, signed in: `crm.companies.list()`, `crm.changes.list()` and so on.

    Server and key come from the arguments, else from CEREBRO_URL and CEREBRO_API_KEY, else from
    the profile that `cerebro login` saved: with a key, or as a person. `tokens`, as `auth.login`
    gives them, sign a person in for this client alone. A session is renewed by itself.

    Reads, and creates under a key of their own, are tried again when the trouble may pass:
    `max_retries` times, within `deadline` seconds in all; `timeout` is for each single wait.

    >>> async with AsyncCerebro() as crm:
    ...     company = await crm.companies.get("acme.com")
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        profile: str | None = None,
        tokens: Tokens | dict[str, Any] | None = None,
        timeout: float | None = 30.0,
        max_retries: int = 2,
        deadline: float | None = None,
        sender: _http.AsyncSender | None = None,
    ) -> None:
        if api_key is not None and tokens is not None:
            raise TypeError("give a key or tokens, not both")
        found = _found(url, api_key, profile)
        address = _address(found.url)
        self._transport = AsyncTransport(
            address=address,
            signing=AsyncSigning(_credentials(found, address, tokens)),
            options=policy.Options(timeout, max_retries, deadline).checked(),
            sender=sender or _http.AsyncHttpxSender(),
        )

    @classmethod
    def visitor(
        cls,
        url: str | None = None,
        *,
        profile: str | None = None,
        timeout: float | None = 30.0,
        sender: _http.AsyncSender | None = None,
    ) -> Self:
        """Return a client that is not signed in: for `auth.login` and for lost passwords.

        >>> async with AsyncCerebro.visitor("https://crm.example.com") as visitor:
        ...     tokens = await visitor.auth.login("ada@example.com", password)
        >>> crm = AsyncCerebro("https://crm.example.com", tokens=tokens)
        """
        client = object.__new__(cls)
        client._transport = AsyncTransport(
            address=_address(_found(url, None, profile).url),
            signing=AsyncSigning(credentials.Key(None)),
            options=policy.Options(timeout).checked(),
            sender=sender or _http.AsyncHttpxSender(),
        )
        return client

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

    async def export(
        self,
        folder: str | os.PathLike[str],
        nouns: Sequence[str] | None = None,
        *,
        format: Literal["jsonl", "csv", "parquet", "sql"] = "jsonl",  # noqa: A002 -- the word of the API
        where: Mapping[str, str] | None = None,
        since: str | None = None,
        replace: bool = False,
        attachments: bool = True,
        on_progress: OnProgress | None = None,
    ) -> Export:
        """Export these nouns, or all that you may, into a folder: a file each, their custom fields
        and a manifest, all of one and the same moment.

        With `since`, the `cursor` of an export before, only what changed after it; `deleted.jsonl`
        lists what is gone. What was interrupted goes on with the next call that asks for the same.
        A folder that holds an export already is refused with FileExistsError, unless `replace`.
        The bytes of attached files lie below `files/`, unless `attachments` is false.

        >>> export = await crm.export("backup")
        >>> later = await crm.export("changes", since=export.cursor)
        """
        from cerebro_sdk._async.folders import AsyncFolder

        asked = {"nouns": nouns, "format": format, "where": where, "since": since}
        to = AsyncFolder(
            self._transport, folder, asked, attachments=attachments, on_progress=on_progress
        )
        found: Export = read("workspace.exports:Export", await to.fetch(replace=replace))
        return found

    async def import_dump(
        self,
        folder: str | os.PathLike[str],
        mapping: str | os.PathLike[str] | None = None,
        *,
        preset: str | None = None,
        guess: bool = False,
        keys: Mapping[str, str] | None = None,
        missing_parent: Literal["refuse", "create", "skip"] | None = None,
        keep_dates: bool = False,
        silent: bool = False,
        all_or_nothing: bool = False,
    ) -> AsyncPlannedOperation:
        """Plan to import a whole dump, a folder of files, in one operation; write only the plan.

        The files are told by their names and columns, or by `mapping`, a TOML or JSON file that
        docs/dumps.md describes. `preset` says whose dump it is, and what it does not know is left
        out, unless it is to `guess` by the names of columns; `keys` say what finds the records of a
        noun; with `keep_dates` records keep since when they are there. A folder that
        `cerebro export` wrote needs none of that.

        >>> op = await crm.import_dump("salesforce-dump", preset="salesforce")
        >>> print(op.summary)
        >>> await op.apply()
        >>> print(op.raw["report"]["reconciliation"]["totals"])
        """
        from cerebro_sdk._async.operations import AsyncOperations
        from cerebro_sdk._async.sending import AsyncRawUploads
        from cerebro_sdk.dump_files import read_dump

        dump = read_dump(
            folder,
            mapping,
            preset=preset,
            guess=guess,
            keys=dict(keys or {}),
            missing_parent=missing_parent,
            keep_dates=keep_dates,
        )
        uploads = AsyncRawUploads(self._transport)
        sent = [file for file in dump.files if file.is_sent]
        ids = {file.said["name"]: (await uploads.put(file.path))["id"] for file in sent}
        missing = {*await self.files.raw.missing([path.name for path in dump.attachments])}
        for path in dump.attachments:
            if path.name in missing:
                await self.files.raw.store(path)
        operations = AsyncOperations(self._transport)
        how = {"silent": silent, "all_or_nothing": all_or_nothing}
        try:
            return await operations.create("import", dump.input(ids), **how)
        except errors.APIError as error:
            raise dump.explained(error) from None

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


def _found(url: str | None, api_key: str | None, profile: str | None) -> profiles.Found:
    try:
        return profiles.search(url, api_key, profile=profile)
    except profiles.ProfileError as error:
        raise errors.NotConfiguredError(str(error)) from error


def _address(url: str | None) -> _http.Address:
    if not url:
        raise errors.NotConfiguredError(
            "No server is known: pass url=, set CEREBRO_URL, or save a profile by starting one "
            "(`cerebro up`) or signing in to one (`cerebro login`)."
        )
    try:
        return _http.Address.parse(url)
    except ValueError as error:
        raise errors.NotConfiguredError(f"The server's address is wrong: {error}.") from error


def _credentials(
    found: profiles.Found, address: _http.Address, tokens: Tokens | dict[str, Any] | None
) -> credentials.Credentials:
    if tokens is not None:
        said = tokens if isinstance(tokens, dict) else tokens.model_dump()
        return credentials.Session(profiles.SessionTokens.of(said, now=time.time()))
    if found.api_key:
        return credentials.Key(credentials.checked(found.api_key))
    if found.session and found.profile and found.url:
        return credentials.SavedSession(found.profile, found.url, found.session)
    other = f" The saved profile is for {found.other}." if found.other else ""
    raise errors.NotConfiguredError(
        f"No API key is known for {address}: pass api_key=, set CEREBRO_API_KEY, or sign in with "
        f"`cerebro login`.{other}"
    )
