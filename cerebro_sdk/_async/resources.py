"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.resource import AsyncNoun, read
from cerebro_sdk._async.transport import AsyncTransport

if TYPE_CHECKING:
    from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
    from cerebro_sdk.schemas.contacts.contacts import Contact, ContactCreate, ContactUpdate
    from cerebro_sdk.schemas.workspace.changes import Change


class AsyncChanges:
    """The journal: one entry for every change of every record."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @property
    def raw(self) -> AsyncRawChanges:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawChanges(self._transport)

    def list(
        self, record: str | None = None, record_type: str | None = None, limit: int | None = None
    ) -> AsyncPages[Change]:
        """List changes, newest first: of one record, of one kind of record, or of all.

        >>> async for change in crm.changes.list(record="companies/acme.com"):
        ...     print(change.at, change.actor.name, change.diff)
        """
        return AsyncPages(
            self._transport,
            "/v1/changes",
            read=lambda value: read("workspace.changes:Change", value),
            params={"record": record, "record_type": record_type},
            limit=limit,
        )


class AsyncRawChanges:
    """The journal as plain dicts."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self, record: str | None = None, record_type: str | None = None, limit: int | None = None
    ) -> AsyncPages[dict[str, Any]]:
        """List changes, newest first: of one record, of one kind of record, or of all.

        >>> async for change in crm.changes.raw.list(record_type="companies", limit=10):
        ...     print(change["action"], change["diff"])
        """
        return AsyncPages(
            self._transport,
            "/v1/changes",
            read=dict,
            params={"record": record, "record_type": record_type},
            limit=limit,
        )


class AsyncResources:
    """Everything that can be called, by noun."""

    _transport: AsyncTransport

    companies: AsyncNoun[Company, CompanyCreate, CompanyUpdate] = AsyncNoun(
        "contacts.companies:Company"
    )
    contacts: AsyncNoun[Contact, ContactCreate, ContactUpdate] = AsyncNoun(
        "contacts.contacts:Contact"
    )

    @property
    def changes(self) -> AsyncChanges:
        """The journal: who changed what, and when."""
        return AsyncChanges(self._transport)
