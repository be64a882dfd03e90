"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._async.nouns import (
    AsyncEditedResource,
    AsyncFiledResource,
    AsyncKeptResource,
    AsyncNoun,
)
from cerebro_sdk._async.replies import mapping
from cerebro_sdk._async.transport import AsyncTransport, Call

if TYPE_CHECKING:
    from cerebro_sdk._async.changes import AsyncChanges
    from cerebro_sdk._async.exports import AsyncExports
    from cerebro_sdk._async.identity import (
        AsyncAccess,
        AsyncAuth,
        AsyncKeys,
        AsyncSessions,
        AsyncUsers,
    )
    from cerebro_sdk._async.jobs import AsyncJobs
    from cerebro_sdk._async.leads import AsyncLeadForms, AsyncLeads
    from cerebro_sdk._async.mappings import AsyncMappings
    from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
    from cerebro_sdk._async.quotes import AsyncQuotes
    from cerebro_sdk._async.reports import AsyncReports
    from cerebro_sdk._async.sales import AsyncDeals, AsyncDealStages, AsyncOpportunities
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
    from cerebro_sdk.schemas.sales.assignment_members import (
        AssignmentMember,
        AssignmentMemberCreate,
        AssignmentMemberUpdate,
    )
    from cerebro_sdk.schemas.sales.assignment_rules import (
        AssignmentRule,
        AssignmentRuleCreate,
        AssignmentRuleUpdate,
    )
    from cerebro_sdk.schemas.sales.deal_contacts import (
        DealContact,
        DealContactCreate,
        DealContactUpdate,
    )
    from cerebro_sdk.schemas.sales.deal_lines import (
        DealLine,
        DealLineCreate,
        DealLineUpdate,
    )
    from cerebro_sdk.schemas.sales.exchange_rates import (
        ExchangeRate,
        ExchangeRateCreate,
        ExchangeRateUpdate,
    )
    from cerebro_sdk.schemas.sales.lead_statuses import (
        LeadStatus,
        LeadStatusCreate,
        LeadStatusUpdate,
    )
    from cerebro_sdk.schemas.sales.lost_reasons import (
        LostReason,
        LostReasonCreate,
        LostReasonUpdate,
    )
    from cerebro_sdk.schemas.sales.pipelines import Pipeline, PipelineCreate, PipelineUpdate
    from cerebro_sdk.schemas.sales.price_books import (
        PriceBook,
        PriceBookCreate,
        PriceBookUpdate,
    )
    from cerebro_sdk.schemas.sales.prices import Price, PriceCreate, PriceUpdate
    from cerebro_sdk.schemas.sales.products import Product, ProductCreate, ProductUpdate
    from cerebro_sdk.schemas.sales.quotas import Quota, QuotaCreate, QuotaUpdate
    from cerebro_sdk.schemas.sales.quote_lines import (
        QuoteLine,
        QuoteLineCreate,
        QuoteLineUpdate,
    )
    from cerebro_sdk.schemas.sales.recurring_plans import (
        RecurringPlan,
        RecurringPlanCreate,
        RecurringPlanUpdate,
    )
    from cerebro_sdk.schemas.sales.stages import Stage, StageCreate, StageUpdate
    from cerebro_sdk.schemas.sales.territories import (
        Territory,
        TerritoryCreate,
        TerritoryUpdate,
    )
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


class AsyncResources:
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

    products: AsyncNoun[Product, ProductCreate, ProductUpdate] = AsyncNoun("sales.products:Product")

    @property
    def price_books(self) -> AsyncEditedResource[PriceBook, PriceBookCreate, PriceBookUpdate]:
        """What products cost, for whom and when, each in one currency."""
        return AsyncEditedResource(self._transport, "price_books", "sales.price_books:PriceBook")

    @property
    def prices(self) -> AsyncEditedResource[Price, PriceCreate, PriceUpdate]:
        """What a product costs in a price book, from a quantity on."""
        return AsyncEditedResource(self._transport, "prices", "sales.prices:Price")

    @property
    def deal_lines(self) -> AsyncKeptResource[DealLine, DealLineCreate, DealLineUpdate]:
        """What is sold in a deal, how many and for how much."""
        return AsyncKeptResource(self._transport, "deal_lines", "sales.deal_lines:DealLine")

    @property
    def quotes(self) -> AsyncQuotes:
        """What is offered for a deal, until when."""
        from cerebro_sdk._async.quotes import AsyncQuotes

        return AsyncQuotes(self._transport, "quotes", "sales.quotes:Quote")

    @property
    def quote_lines(self) -> AsyncEditedResource[QuoteLine, QuoteLineCreate, QuoteLineUpdate]:
        """What a quote offers; to be changed until it is sent."""
        return AsyncEditedResource(self._transport, "quote_lines", "sales.quote_lines:QuoteLine")

    @property
    def leads(self) -> AsyncLeads:
        """People and companies that may become customers."""
        from cerebro_sdk._async.leads import AsyncLeads

        return AsyncLeads(self._transport, "leads", "sales.leads:Lead")

    @property
    def lead_forms(self) -> AsyncLeadForms:
        """What web sites send leads with."""
        from cerebro_sdk._async.leads import AsyncLeadForms

        return AsyncLeadForms(self._transport, "lead_forms", "sales.lead_forms:LeadForm")

    @property
    def lead_statuses(self) -> AsyncEditedResource[LeadStatus, LeadStatusCreate, LeadStatusUpdate]:
        """How far the work on leads can have come."""
        return AsyncEditedResource(
            self._transport, "lead_statuses", "sales.lead_statuses:LeadStatus"
        )

    @property
    def positions(self) -> AsyncKeptResource[Position, PositionCreate, PositionUpdate]:
        """Who works where: the links between contacts and companies."""
        return AsyncKeptResource(self._transport, "positions", "contacts.positions:Position")

    @property
    def deals(self) -> AsyncDeals:
        """What you may sell to whom, and how far it has come."""
        from cerebro_sdk._async.sales import AsyncDeals

        return AsyncDeals(self._transport, "deals", "sales.deals:Deal")

    @property
    def opportunities(self) -> AsyncOpportunities:
        """The deals that are open."""
        from cerebro_sdk._async.sales import AsyncOpportunities

        return AsyncOpportunities(
            self._transport, "opportunities", "sales.opportunities:Opportunity"
        )

    @property
    def quotas(self) -> AsyncEditedResource[Quota, QuotaCreate, QuotaUpdate]:
        """What people, teams and territories are to sell."""
        return AsyncEditedResource(self._transport, "quotas", "sales.quotas:Quota")

    @property
    def assignment_rules(
        self,
    ) -> AsyncEditedResource[AssignmentRule, AssignmentRuleCreate, AssignmentRuleUpdate]:
        """Who gets new leads that nobody owns."""
        return AsyncEditedResource(
            self._transport, "assignment_rules", "sales.assignment_rules:AssignmentRule"
        )

    @property
    def assignment_members(
        self,
    ) -> AsyncEditedResource[AssignmentMember, AssignmentMemberCreate, AssignmentMemberUpdate]:
        """The people among whom assignment rules share out leads."""
        return AsyncEditedResource(
            self._transport, "assignment_members", "sales.assignment_members:AssignmentMember"
        )

    @property
    def territories(self) -> AsyncEditedResource[Territory, TerritoryCreate, TerritoryUpdate]:
        """Parts of the market, in a tree."""
        return AsyncEditedResource(self._transport, "territories", "sales.territories:Territory")

    @property
    def reports(self) -> AsyncReports:
        """What is counted of deals: pipeline, forecast, funnel, velocity, cycle, quotas."""
        from cerebro_sdk._async.reports import AsyncReports

        return AsyncReports(self._transport, "reports", "sales.reports")

    @property
    def deal_stages(self) -> AsyncDealStages:
        """The stages that deals were in, from when until when."""
        from cerebro_sdk._async.sales import AsyncDealStages

        return AsyncDealStages(self._transport, "deal_stages", "sales.deal_stages:DealStage")

    @property
    def pipelines(self) -> AsyncEditedResource[Pipeline, PipelineCreate, PipelineUpdate]:
        """The ways in which deals are won."""
        return AsyncEditedResource(self._transport, "pipelines", "sales.pipelines:Pipeline")

    @property
    def stages(self) -> AsyncEditedResource[Stage, StageCreate, StageUpdate]:
        """The steps of pipelines."""
        return AsyncEditedResource(self._transport, "stages", "sales.stages:Stage")

    @property
    def lost_reasons(self) -> AsyncEditedResource[LostReason, LostReasonCreate, LostReasonUpdate]:
        """Why deals are lost, to choose from."""
        return AsyncEditedResource(self._transport, "lost_reasons", "sales.lost_reasons:LostReason")

    @property
    def deal_contacts(
        self,
    ) -> AsyncKeptResource[DealContact, DealContactCreate, DealContactUpdate]:
        """Who has which part in a deal: the links between deals and contacts."""
        return AsyncKeptResource(
            self._transport, "deal_contacts", "sales.deal_contacts:DealContact"
        )

    @property
    def exchange_rates(
        self,
    ) -> AsyncFiledResource[ExchangeRate, ExchangeRateCreate, ExchangeRateUpdate]:
        """What currencies are worth in the base currency, from a day on."""
        return AsyncFiledResource(
            self._transport, "exchange_rates", "sales.exchange_rates:ExchangeRate"
        )

    @property
    def recurring_plans(
        self,
    ) -> AsyncEditedResource[RecurringPlan, RecurringPlanCreate, RecurringPlanUpdate]:
        """How often the recurring amounts of deals come in."""
        return AsyncEditedResource(
            self._transport, "recurring_plans", "sales.recurring_plans:RecurringPlan"
        )

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
