# Generated from ../_async/resources.py by tools/sync_client.py; do not edit.
"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._sync.doing import Doing
from cerebro_sdk._sync.nouns import EditedResource, KeptResource, Noun
from cerebro_sdk._sync.replies import mapping
from cerebro_sdk._sync.selling import Selling
from cerebro_sdk._sync.transport import Transport, Call

if TYPE_CHECKING:
    from cerebro_sdk._sync.changes import Changes
    from cerebro_sdk._sync.exports import Exports
    from cerebro_sdk._sync.files import Files
    from cerebro_sdk._sync.identity import (
        Access,
        Auth,
        Keys,
        Sessions,
        Users,
    )
    from cerebro_sdk._sync.jobs import Jobs
    from cerebro_sdk._sync.mappings import Mappings
    from cerebro_sdk._sync.operations import Operations, PlannedOperation
    from cerebro_sdk._sync.search import Search
    from cerebro_sdk._sync.sending import Uploads
    from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
    from cerebro_sdk.schemas.contacts.contacts import Contact, ContactCreate, ContactUpdate
    from cerebro_sdk.schemas.contacts.positions import (
        Position,
        PositionCreate,
        PositionUpdate,
    )
    from cerebro_sdk.schemas.identity.roles import Role, RoleCreate, RoleUpdate
    from cerebro_sdk.schemas.identity.teams import Team, TeamCreate, TeamUpdate
    from cerebro_sdk.schemas.workspace.fields import (
        CustomField,
        CustomFieldCreate,
        CustomFieldUpdate,
    )


class Workspace:
    """The workspace itself."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def raw(self) -> Workspace:
        """The same: its document is a plain dict."""
        return self

    def openapi(self) -> dict[str, Any]:
        """Fetch the OpenAPI document with this workspace's own fields, as one sees them.

        >>> document = crm.workspace.openapi()
        >>> document["components"]["schemas"]["Contact"]["properties"]["custom"]
        """
        call = Call("GET", "/v1/openapi", is_repeatable=True)
        return mapping(self._transport.json(call))


class Resources(Selling, Doing):
    """Everything that can be called, by noun.

    What few programs need is imported when it is: signing in and rights cost 2 ms.
    """

    _transport: Transport

    companies: Noun[Company, CompanyCreate, CompanyUpdate] = Noun(
        "contacts.companies:Company"
    )
    contacts: Noun[Contact, ContactCreate, ContactUpdate] = Noun(
        "contacts.contacts:Contact"
    )

    @property
    def positions(self) -> KeptResource[Position, PositionCreate, PositionUpdate]:
        """Who works where: the links between contacts and companies."""
        return KeptResource(self._transport, "positions", "contacts.positions:Position")

    @property
    def changes(self) -> Changes:
        """The journal: who changed what, and when."""
        from cerebro_sdk._sync.changes import Changes

        return Changes(self._transport)

    @property
    def fields(self) -> EditedResource[CustomField, CustomFieldCreate, CustomFieldUpdate]:
        """The workspace's own fields of companies, contacts and the like."""
        return EditedResource(self._transport, "fields", "workspace.fields:CustomField")

    @property
    def files(self) -> Files:
        """What is attached to contacts, companies, deals, leads and quotes."""
        from cerebro_sdk._sync.files import Files

        return Files(self._transport, "files", "workspace.files:File")

    @property
    def workspace(self) -> Workspace:
        """The workspace itself: what its API looks like."""
        return Workspace(self._transport)

    @property
    def operations(self) -> Operations:
        """What touches many records: planned, applied, taken back."""
        from cerebro_sdk._sync.operations import Operations

        return Operations(self._transport)

    def undo(
        self,
        what: object = None,
        *,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
    ) -> PlannedOperation:
        """Take anything back, and wait for the end; returns the undo, an operation of its own.

        `what` is an operation's id, `"seq:812"` of a change, the id of a request, or
        `"contacts/ada@x.org"` for the last change of that record; without it, the last thing that
        you did. `where` and `force_fields` are as in `operations.undo`; with `yes=False` it is
        planned only. What somebody changed since stays as it is.

        >>> crm.contacts.update("ada@x.org", job_title="Boss")
        >>> undo = crm.undo()
        >>> print(undo.summary)
        1 updated
        """
        return self.operations.take_back(what, where, force_fields, yes)

    @property
    def exports(self) -> Exports:
        """Many nouns as files, written in the background."""
        from cerebro_sdk._sync.exports import Exports

        return Exports(self._transport, "exports", "workspace.exports")

    @property
    def jobs(self) -> Jobs:
        """What happens later, or did not."""
        from cerebro_sdk._sync.jobs import Jobs

        return Jobs(self._transport, "jobs", "workspace.jobs")

    @property
    def uploads(self) -> Uploads:
        """Files for operations to read."""
        from cerebro_sdk._sync.sending import Uploads

        return Uploads(self._transport)

    @property
    def mappings(self) -> Mappings:
        """What the columns of files were taken for, saved for the next file."""
        from cerebro_sdk._sync.mappings import Mappings

        return Mappings(self._transport, "mappings", "workspace.mappings:ImportMapping")

    @property
    def search(self) -> Search:
        """Search over all nouns: `crm.search("grav inv")`."""
        from cerebro_sdk._sync.search import Search

        return Search(self._transport, "search", "workspace.search")

    @property
    def users(self) -> Users:
        """The people who sign in."""
        from cerebro_sdk._sync.identity import Users

        return Users(self._transport, "users", "identity.users:User")

    @property
    def teams(self) -> EditedResource[Team, TeamCreate, TeamUpdate]:
        """Users who share their records."""
        return EditedResource(self._transport, "teams", "identity.teams:Team")

    @property
    def roles(self) -> EditedResource[Role, RoleCreate, RoleUpdate]:
        """What their holders may do, with which records and fields."""
        return EditedResource(self._transport, "roles", "identity.roles:Role")

    @property
    def keys(self) -> Keys:
        """How programs sign in, with at most the rights of their user."""
        from cerebro_sdk._sync.identity import Keys

        return Keys(self._transport, "keys", "identity.keys:Key")

    @property
    def sessions(self) -> Sessions:
        """Who is signed in, from where, since when."""
        from cerebro_sdk._sync.identity import Sessions

        return Sessions(self._transport, "sessions", "identity.sessions:Session")

    @property
    def auth(self) -> Auth:
        """Signing in and out, passwords, and who one is."""
        from cerebro_sdk._sync.identity import Auth

        return Auth(self._transport, "auth", "identity.auth")

    @property
    def access(self) -> Access:
        """Who may do what, and why."""
        from cerebro_sdk._sync.identity import Access

        return Access(self._transport, "access", "identity.access")
