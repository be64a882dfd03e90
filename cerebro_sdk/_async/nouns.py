"""Nouns on the client: what can be done with each kind of record, typed or with plain dicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, overload

from cerebro_sdk._async.bulk import AsyncBulk
from cerebro_sdk._async.duplicates import AsyncDuplicates, AsyncRawDuplicates
from cerebro_sdk._async.history import AsyncHistory
from cerebro_sdk._async.locking import AsyncLockable
from cerebro_sdk._async.resource import (
    AsyncEdited,
    AsyncKept,
    AsyncPlainCalls,
    AsyncReadable,
    AsyncSheet,
    AsyncTypedCalls,
    AsyncWhole,
    C,
    Plain,
    R,
    U,
)

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401 -- in a string
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401


class AsyncRawReadable(AsyncPlainCalls, AsyncReadable[Plain]):
    """Records that are listed and read, as plain dicts."""


class AsyncRawEdited(
    AsyncPlainCalls,
    AsyncEdited[Plain, Mapping[str, Any], Mapping[str, Any]],
    AsyncHistory[Plain, Plain],
):
    """Records that are kept by hand, as plain dicts."""


class AsyncRawKept(
    AsyncPlainCalls,
    AsyncKept[Plain, Mapping[str, Any], Mapping[str, Any]],
    AsyncHistory[Plain, Plain],
):
    """Records that are kept until they are destroyed, as plain dicts."""


class AsyncRawFiled(
    AsyncPlainCalls,
    AsyncWhole[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    AsyncBulk[Mapping[str, Any]],
    AsyncHistory[Plain, Plain],
):
    """Records that go in and out as files and are never locked, as plain dicts."""


class AsyncRawSheet(
    AsyncPlainCalls,
    AsyncSheet[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    AsyncBulk[Mapping[str, Any]],
    AsyncHistory[Plain, Plain],
):
    """Records that go in and out as files and are never destroyed, as plain dicts."""


class AsyncRawResource(
    AsyncPlainCalls,
    AsyncWhole[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    AsyncBulk[Mapping[str, Any]],
    AsyncLockable[Plain],
    AsyncHistory[Plain, Plain],
):
    """The same calls with plain dicts in and out: nothing is checked here, pydantic stays out.

    >>> [c["name"] async for c in crm.companies.raw.list(limit=10)]
    """

    @property
    def duplicates(self) -> AsyncRawDuplicates:
        """Those that are there twice, as plain dicts.

        >>> async for pair in crm.contacts.raw.duplicates.list():
        ...     print(pair["score"], pair["one_title"])
        """
        return AsyncRawDuplicates(self._transport, self._name, "workspace.duplicates")


class AsyncEditedResource(
    AsyncTypedCalls, AsyncEdited[R, C, U], AsyncHistory["TimelineEntry", "RecordDiff"]
):
    """One kind of record that is kept by hand, typed: `crm.teams`, for example."""

    @property
    def raw(self) -> AsyncRawEdited:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> team = await crm.teams.raw.get("support")
        >>> team["name"]
        """
        return AsyncRawEdited(self._transport, self._name, self._schema)


class AsyncKeptResource(
    AsyncTypedCalls, AsyncKept[R, C, U], AsyncHistory["TimelineEntry", "RecordDiff"]
):
    """One kind of record that is kept until it is destroyed, typed: `crm.positions`."""

    @property
    def raw(self) -> AsyncRawKept:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> position = await crm.positions.raw.get("1a2b3c4d")
        >>> position["role"]
        """
        return AsyncRawKept(self._transport, self._name, self._schema)


class AsyncFiledResource(
    AsyncTypedCalls,
    AsyncWhole[R, C, U, "ImportReport"],
    AsyncBulk[U],
    AsyncHistory["TimelineEntry", "RecordDiff"],
):
    """One kind of record that goes in and out as files and is never locked, typed:
    `crm.exchange_rates`."""

    @property
    def raw(self) -> AsyncRawFiled:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> rate = await crm.exchange_rates.raw.get("USD@2026-11-01")
        >>> rate["rate"]
        """
        return AsyncRawFiled(self._transport, self._name, self._schema)


class AsyncSheetResource(
    AsyncTypedCalls,
    AsyncSheet[R, C, U, "ImportReport"],
    AsyncBulk[U],
    AsyncHistory["TimelineEntry", "RecordDiff"],
):
    """One kind of record that goes in and out as files and is never destroyed, typed:
    `crm.prices`."""

    @property
    def raw(self) -> AsyncRawSheet:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> price = await crm.prices.raw.get("1a2b3c4d")
        >>> price["price"]
        """
        return AsyncRawSheet(self._transport, self._name, self._schema)


class AsyncResource(
    AsyncTypedCalls,
    AsyncWhole[R, C, U, "ImportReport"],
    AsyncBulk[U],
    AsyncLockable[R],
    AsyncHistory["TimelineEntry", "RecordDiff"],
):
    """One kind of record, typed: `crm.companies`, for example."""

    @property
    def raw(self) -> AsyncRawResource:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> company = await crm.companies.raw.get("acme.com")
        >>> company["name"]
        """
        return AsyncRawResource(self._transport, self._name, self._schema)

    @property
    def duplicates(self) -> AsyncDuplicates:
        """Those that are there twice: found, looked at, merged.

        >>> async for pair in crm.contacts.duplicates.list(min_score=0.9):
        ...     print(pair.score, pair.one_title, [reason.text for reason in pair.reasons])
        """
        return AsyncDuplicates(self._transport, self._name, "workspace.duplicates")


class AsyncNoun(Generic[R, C, U]):
    """Declares a kind of record on the client, in one line.

    >>> class Crm(AsyncResources):
    ...     deals: AsyncNoun[Deal, DealCreate, DealUpdate] = AsyncNoun("sales.deals:Deal")
    """

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: object, owner: type) -> AsyncResource[R, C, U]: ...

    def __get__(self, client: Any, owner: type) -> Self | AsyncResource[R, C, U]:
        """Return the resource, made at first use."""
        if client is None:
            return self
        resource: AsyncResource[R, C, U] = AsyncResource(
            client._transport, self._name, self._schema
        )
        client.__dict__[self._name] = resource
        return resource
