# Generated from ../_async/resources.py by tools/sync_client.py; do not edit.
"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.resource import Noun, read
from cerebro_sdk._sync.transport import Transport

if TYPE_CHECKING:
    from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
    from cerebro_sdk.schemas.contacts.contacts import Contact, ContactCreate, ContactUpdate
    from cerebro_sdk.schemas.workspace.changes import Change


class Changes:
    """The journal: one entry for every change of every record."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def raw(self) -> RawChanges:
        """The same with plain dicts, without importing pydantic."""
        return RawChanges(self._transport)

    def list(
        self, record: str | None = None, record_type: str | None = None, limit: int | None = None
    ) -> Pages[Change]:
        """List changes, newest first: of one record, of one kind of record, or of all.

        >>> for change in crm.changes.list(record="companies/acme.com"):
        ...     print(change.at, change.actor.name, change.diff)
        """
        return Pages(
            self._transport,
            "/v1/changes",
            read=lambda value: read("workspace.changes:Change", value),
            params={"record": record, "record_type": record_type},
            limit=limit,
        )


class RawChanges:
    """The journal as plain dicts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, record: str | None = None, record_type: str | None = None, limit: int | None = None
    ) -> Pages[dict[str, Any]]:
        """List changes, newest first: of one record, of one kind of record, or of all.

        >>> for change in crm.changes.raw.list(record_type="companies", limit=10):
        ...     print(change["action"], change["diff"])
        """
        return Pages(
            self._transport,
            "/v1/changes",
            read=dict,
            params={"record": record, "record_type": record_type},
            limit=limit,
        )


class Resources:
    """Everything that can be called, by noun."""

    _transport: Transport

    companies: Noun[Company, CompanyCreate, CompanyUpdate] = Noun(
        "contacts.companies:Company"
    )
    contacts: Noun[Contact, ContactCreate, ContactUpdate] = Noun(
        "contacts.contacts:Contact"
    )

    @property
    def changes(self) -> Changes:
        """The journal: who changed what, and when."""
        return Changes(self._transport)
