# Generated from ../_async/nouns.py by tools/sync_client.py; do not edit.
"""Nouns on the client: what can be done with each kind of record, typed or with plain dicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, overload

from cerebro_sdk._sync.bulk import Bulk
from cerebro_sdk._sync.duplicates import Duplicates, RawDuplicates
from cerebro_sdk._sync.history import History
from cerebro_sdk._sync.locking import Lockable
from cerebro_sdk._sync.resource import (
    Edited,
    Kept,
    PlainCalls,
    Readable,
    Sheet,
    TypedCalls,
    Whole,
    C,
    Plain,
    R,
    U,
)

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401 -- in a string
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401


class RawReadable(PlainCalls, Readable[Plain]):
    """Records that are listed and read, as plain dicts."""


class RawEdited(
    PlainCalls,
    Edited[Plain, Mapping[str, Any], Mapping[str, Any]],
    History[Plain, Plain],
):
    """Records that are kept by hand, as plain dicts."""


class RawKept(
    PlainCalls,
    Kept[Plain, Mapping[str, Any], Mapping[str, Any]],
    History[Plain, Plain],
):
    """Records that are kept until they are destroyed, as plain dicts."""


class RawFiled(
    PlainCalls,
    Whole[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    Bulk[Mapping[str, Any]],
    History[Plain, Plain],
):
    """Records that go in and out as files and are never locked, as plain dicts."""


class RawSheet(
    PlainCalls,
    Sheet[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    Bulk[Mapping[str, Any]],
    History[Plain, Plain],
):
    """Records that go in and out as files and are never destroyed, as plain dicts."""


class RawResource(
    PlainCalls,
    Whole[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    Bulk[Mapping[str, Any]],
    Lockable[Plain],
    History[Plain, Plain],
):
    """The same calls with plain dicts in and out: nothing is checked here, pydantic stays out.

    >>> [c["name"] for c in crm.companies.raw.list(limit=10)]
    """

    @property
    def duplicates(self) -> RawDuplicates:
        """Those that are there twice, as plain dicts.

        >>> for pair in crm.contacts.raw.duplicates.list():
        ...     print(pair["score"], pair["one_title"])
        """
        return RawDuplicates(self._transport, self._name, "workspace.duplicates")


class EditedResource(
    TypedCalls, Edited[R, C, U], History["TimelineEntry", "RecordDiff"]
):
    """One kind of record that is kept by hand, typed: `crm.teams`, for example."""

    @property
    def raw(self) -> RawEdited:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> team = crm.teams.raw.get("support")
        >>> team["name"]
        """
        return RawEdited(self._transport, self._name, self._schema)


class KeptResource(
    TypedCalls, Kept[R, C, U], History["TimelineEntry", "RecordDiff"]
):
    """One kind of record that is kept until it is destroyed, typed: `crm.positions`."""

    @property
    def raw(self) -> RawKept:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> position = crm.positions.raw.get("1a2b3c4d")
        >>> position["role"]
        """
        return RawKept(self._transport, self._name, self._schema)


class FiledResource(
    TypedCalls,
    Whole[R, C, U, "ImportReport"],
    Bulk[U],
    History["TimelineEntry", "RecordDiff"],
):
    """One kind of record that goes in and out as files and is never locked, typed:
    `crm.exchange_rates`."""

    @property
    def raw(self) -> RawFiled:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> rate = crm.exchange_rates.raw.get("USD@2026-11-01")
        >>> rate["rate"]
        """
        return RawFiled(self._transport, self._name, self._schema)


class SheetResource(
    TypedCalls,
    Sheet[R, C, U, "ImportReport"],
    Bulk[U],
    History["TimelineEntry", "RecordDiff"],
):
    """One kind of record that goes in and out as files and is never destroyed, typed:
    `crm.prices`."""

    @property
    def raw(self) -> RawSheet:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> price = crm.prices.raw.get("1a2b3c4d")
        >>> price["price"]
        """
        return RawSheet(self._transport, self._name, self._schema)


class Resource(
    TypedCalls,
    Whole[R, C, U, "ImportReport"],
    Bulk[U],
    Lockable[R],
    History["TimelineEntry", "RecordDiff"],
):
    """One kind of record, typed: `crm.companies`, for example."""

    @property
    def raw(self) -> RawResource:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> company = crm.companies.raw.get("acme.com")
        >>> company["name"]
        """
        return RawResource(self._transport, self._name, self._schema)

    @property
    def duplicates(self) -> Duplicates:
        """Those that are there twice: found, looked at, merged.

        >>> for pair in crm.contacts.duplicates.list(min_score=0.9):
        ...     print(pair.score, pair.one_title, [reason.text for reason in pair.reasons])
        """
        return Duplicates(self._transport, self._name, "workspace.duplicates")


class Noun(Generic[R, C, U]):
    """Declares a kind of record on the client, in one line.

    >>> class Crm(Resources):
    ...     deals: Noun[Deal, DealCreate, DealUpdate] = Noun("sales.deals:Deal")
    """

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: object, owner: type) -> Resource[R, C, U]: ...

    def __get__(self, client: Any, owner: type) -> Self | Resource[R, C, U]:
        """Return the resource, made at first use."""
        if client is None:
            return self
        resource: Resource[R, C, U] = Resource(
            client._transport, self._name, self._schema
        )
        client.__dict__[self._name] = resource
        return resource
