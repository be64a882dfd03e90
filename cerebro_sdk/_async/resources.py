"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._async.doing import AsyncDoing
from cerebro_sdk._async.nouns import AsyncEditedResource, AsyncKeptResource, AsyncNoun
from cerebro_sdk._async.replies import mapping
from cerebro_sdk._async.selling import AsyncSelling
from cerebro_sdk._async.transport import AsyncTransport, Call

if TYPE_CHECKING:
    from cerebro_sdk._async.changes import AsyncChanges
    from cerebro_sdk._async.exports import AsyncExports
    from cerebro_sdk._async.files import AsyncFiles
    from cerebro_sdk._async.identity import (
        AsyncAccess,
        AsyncAuth,
        AsyncKeys,
        AsyncSessions,
        AsyncUsers,
    )
    from cerebro_sdk._async.jobs import AsyncJobs
    from cerebro_sdk._async.mappings import AsyncMappings
    from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
    from cerebro_sdk._async.search import AsyncSearch
    from cerebro_sdk._async.sending import AsyncUploads
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


class AsyncWorkspace:
    """The workspace itself."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @property
    def raw(self) -> AsyncWorkspace:
        """The same: its document is a plain dict."""
        return self

    async def openapi(self) -> dict[str, Any]:
        """Fetch the OpenAPI document with this workspace's own fields, as one sees them.

        >>> document = await crm.workspace.openapi()
        >>> document["components"]["schemas"]["Contact"]["properties"]["custom"]
        """
        call = Call("GET", "/v1/openapi", is_repeatable=True)
        return mapping(await self._transport.json(call))


class AsyncResources(AsyncSelling, AsyncDoing):
    """Everything that can be called, by noun.

    What few programs need is imported when it is: signing in and rights cost 2 ms.
    """

    _transport: AsyncTransport

    companies: AsyncNoun[Company, CompanyCreate, CompanyUpdate] = AsyncNoun(
        "contacts.companies:Company"
    )
    contacts: AsyncNoun[Contact, ContactCreate, ContactUpdate] = AsyncNoun(
        "contacts.contacts:Contact"
    )

    @property
    def positions(self) -> AsyncKeptResource[Position, PositionCreate, PositionUpdate]:
        """Who works where: the links between contacts and companies."""
        return AsyncKeptResource(self._transport, "positions", "contacts.positions:Position")

    @property
    def changes(self) -> AsyncChanges:
        """The journal: who changed what, and when."""
        from cerebro_sdk._async.changes import AsyncChanges

        return AsyncChanges(self._transport)

    @property
    def fields(self) -> AsyncEditedResource[CustomField, CustomFieldCreate, CustomFieldUpdate]:
        """The workspace's own fields of companies, contacts and the like."""
        return AsyncEditedResource(self._transport, "fields", "workspace.fields:CustomField")

    @property
    def files(self) -> AsyncFiles:
        """What is attached to contacts, companies, deals, leads and quotes."""
        from cerebro_sdk._async.files import AsyncFiles

        return AsyncFiles(self._transport, "files", "workspace.files:File")

    @property
    def workspace(self) -> AsyncWorkspace:
        """The workspace itself: what its API looks like."""
        return AsyncWorkspace(self._transport)

    @property
    def operations(self) -> AsyncOperations:
        """What touches many records: planned, applied, taken back."""
        from cerebro_sdk._async.operations import AsyncOperations

        return AsyncOperations(self._transport)

    async def undo(
        self,
        what: object = None,
        *,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
    ) -> AsyncPlannedOperation:
        """Take anything back, and wait for the end; returns the undo, an operation of its own.

        `what` is an operation's id, `"seq:812"` of a change, the id of a request, or
        `"contacts/ada@x.org"` for the last change of that record; without it, the last thing that
        you did. `where` and `force_fields` are as in `operations.undo`; with `yes=False` it is
        planned only. What somebody changed since stays as it is.

        >>> await crm.contacts.update("ada@x.org", job_title="Boss")
        >>> undo = await crm.undo()
        >>> print(undo.summary)
        1 updated
        """
        return await self.operations.take_back(what, where, force_fields, yes)

    @property
    def exports(self) -> AsyncExports:
        """Many nouns as files, written in the background."""
        from cerebro_sdk._async.exports import AsyncExports

        return AsyncExports(self._transport, "exports", "workspace.exports")

    @property
    def jobs(self) -> AsyncJobs:
        """What happens later, or did not."""
        from cerebro_sdk._async.jobs import AsyncJobs

        return AsyncJobs(self._transport, "jobs", "workspace.jobs")

    @property
    def uploads(self) -> AsyncUploads:
        """Files for operations to read."""
        from cerebro_sdk._async.sending import AsyncUploads

        return AsyncUploads(self._transport)

    @property
    def mappings(self) -> AsyncMappings:
        """What the columns of files were taken for, saved for the next file."""
        from cerebro_sdk._async.mappings import AsyncMappings

        return AsyncMappings(self._transport, "mappings", "workspace.mappings:ImportMapping")

    @property
    def search(self) -> AsyncSearch:
        """Search over all nouns: `crm.search("grav inv")`."""
        from cerebro_sdk._async.search import AsyncSearch

        return AsyncSearch(self._transport, "search", "workspace.search")

    @property
    def users(self) -> AsyncUsers:
        """The people who sign in."""
        from cerebro_sdk._async.identity import AsyncUsers

        return AsyncUsers(self._transport, "users", "identity.users:User")

    @property
    def teams(self) -> AsyncEditedResource[Team, TeamCreate, TeamUpdate]:
        """Users who share their records."""
        return AsyncEditedResource(self._transport, "teams", "identity.teams:Team")

    @property
    def roles(self) -> AsyncEditedResource[Role, RoleCreate, RoleUpdate]:
        """What their holders may do, with which records and fields."""
        return AsyncEditedResource(self._transport, "roles", "identity.roles:Role")

    @property
    def keys(self) -> AsyncKeys:
        """How programs sign in, with at most the rights of their user."""
        from cerebro_sdk._async.identity import AsyncKeys

        return AsyncKeys(self._transport, "keys", "identity.keys:Key")

    @property
    def sessions(self) -> AsyncSessions:
        """Who is signed in, from where, since when."""
        from cerebro_sdk._async.identity import AsyncSessions

        return AsyncSessions(self._transport, "sessions", "identity.sessions:Session")

    @property
    def auth(self) -> AsyncAuth:
        """Signing in and out, passwords, and who one is."""
        from cerebro_sdk._async.identity import AsyncAuth

        return AsyncAuth(self._transport, "auth", "identity.auth")

    @property
    def access(self) -> AsyncAccess:
        """Who may do what, and why."""
        from cerebro_sdk._async.identity import AsyncAccess

        return AsyncAccess(self._transport, "access", "identity.access")
