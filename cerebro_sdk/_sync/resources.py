# Generated from ../_async/resources.py by tools/sync_client.py; do not edit.
"""The nouns of the client, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._sync.nouns import (
    EditedResource,
    FiledResource,
    KeptResource,
    Noun,
)
from cerebro_sdk._sync.replies import mapping
from cerebro_sdk._sync.transport import Transport, Call

if TYPE_CHECKING:
    from cerebro_sdk._sync.changes import Changes
    from cerebro_sdk._sync.exports import Exports
    from cerebro_sdk._sync.identity import (
        Access,
        Auth,
        Keys,
        Sessions,
        Users,
    )
    from cerebro_sdk._sync.jobs import Jobs
    from cerebro_sdk._sync.leads import LeadForms, Leads
    from cerebro_sdk._sync.mappings import Mappings
    from cerebro_sdk._sync.operations import Operations, PlannedOperation
    from cerebro_sdk._sync.quotes import Quotes
    from cerebro_sdk._sync.reports import Reports
    from cerebro_sdk._sync.sales import Deals, DealStages, Opportunities
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


class Resources:
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

    products: Noun[Product, ProductCreate, ProductUpdate] = Noun("sales.products:Product")

    @property
    def price_books(self) -> EditedResource[PriceBook, PriceBookCreate, PriceBookUpdate]:
        """What products cost, for whom and when, each in one currency."""
        return EditedResource(self._transport, "price_books", "sales.price_books:PriceBook")

    @property
    def prices(self) -> EditedResource[Price, PriceCreate, PriceUpdate]:
        """What a product costs in a price book, from a quantity on."""
        return EditedResource(self._transport, "prices", "sales.prices:Price")

    @property
    def deal_lines(self) -> KeptResource[DealLine, DealLineCreate, DealLineUpdate]:
        """What is sold in a deal, how many and for how much."""
        return KeptResource(self._transport, "deal_lines", "sales.deal_lines:DealLine")

    @property
    def quotes(self) -> Quotes:
        """What is offered for a deal, until when."""
        from cerebro_sdk._sync.quotes import Quotes

        return Quotes(self._transport, "quotes", "sales.quotes:Quote")

    @property
    def quote_lines(self) -> EditedResource[QuoteLine, QuoteLineCreate, QuoteLineUpdate]:
        """What a quote offers; to be changed until it is sent."""
        return EditedResource(self._transport, "quote_lines", "sales.quote_lines:QuoteLine")

    @property
    def leads(self) -> Leads:
        """People and companies that may become customers."""
        from cerebro_sdk._sync.leads import Leads

        return Leads(self._transport, "leads", "sales.leads:Lead")

    @property
    def lead_forms(self) -> LeadForms:
        """What web sites send leads with."""
        from cerebro_sdk._sync.leads import LeadForms

        return LeadForms(self._transport, "lead_forms", "sales.lead_forms:LeadForm")

    @property
    def lead_statuses(self) -> EditedResource[LeadStatus, LeadStatusCreate, LeadStatusUpdate]:
        """How far the work on leads can have come."""
        return EditedResource(
            self._transport, "lead_statuses", "sales.lead_statuses:LeadStatus"
        )

    @property
    def positions(self) -> KeptResource[Position, PositionCreate, PositionUpdate]:
        """Who works where: the links between contacts and companies."""
        return KeptResource(self._transport, "positions", "contacts.positions:Position")

    @property
    def deals(self) -> Deals:
        """What you may sell to whom, and how far it has come."""
        from cerebro_sdk._sync.sales import Deals

        return Deals(self._transport, "deals", "sales.deals:Deal")

    @property
    def opportunities(self) -> Opportunities:
        """The deals that are open."""
        from cerebro_sdk._sync.sales import Opportunities

        return Opportunities(
            self._transport, "opportunities", "sales.opportunities:Opportunity"
        )

    @property
    def quotas(self) -> EditedResource[Quota, QuotaCreate, QuotaUpdate]:
        """What people, teams and territories are to sell."""
        return EditedResource(self._transport, "quotas", "sales.quotas:Quota")

    @property
    def assignment_rules(
        self,
    ) -> EditedResource[AssignmentRule, AssignmentRuleCreate, AssignmentRuleUpdate]:
        """Who gets new leads that nobody owns."""
        return EditedResource(
            self._transport, "assignment_rules", "sales.assignment_rules:AssignmentRule"
        )

    @property
    def assignment_members(
        self,
    ) -> EditedResource[AssignmentMember, AssignmentMemberCreate, AssignmentMemberUpdate]:
        """The people among whom assignment rules share out leads."""
        return EditedResource(
            self._transport, "assignment_members", "sales.assignment_members:AssignmentMember"
        )

    @property
    def territories(self) -> EditedResource[Territory, TerritoryCreate, TerritoryUpdate]:
        """Parts of the market, in a tree."""
        return EditedResource(self._transport, "territories", "sales.territories:Territory")

    @property
    def reports(self) -> Reports:
        """What is counted of deals: pipeline, forecast, funnel, velocity, cycle, quotas."""
        from cerebro_sdk._sync.reports import Reports

        return Reports(self._transport, "reports", "sales.reports")

    @property
    def deal_stages(self) -> DealStages:
        """The stages that deals were in, from when until when."""
        from cerebro_sdk._sync.sales import DealStages

        return DealStages(self._transport, "deal_stages", "sales.deal_stages:DealStage")

    @property
    def pipelines(self) -> EditedResource[Pipeline, PipelineCreate, PipelineUpdate]:
        """The ways in which deals are won."""
        return EditedResource(self._transport, "pipelines", "sales.pipelines:Pipeline")

    @property
    def stages(self) -> EditedResource[Stage, StageCreate, StageUpdate]:
        """The steps of pipelines."""
        return EditedResource(self._transport, "stages", "sales.stages:Stage")

    @property
    def lost_reasons(self) -> EditedResource[LostReason, LostReasonCreate, LostReasonUpdate]:
        """Why deals are lost, to choose from."""
        return EditedResource(self._transport, "lost_reasons", "sales.lost_reasons:LostReason")

    @property
    def deal_contacts(
        self,
    ) -> KeptResource[DealContact, DealContactCreate, DealContactUpdate]:
        """Who has which part in a deal: the links between deals and contacts."""
        return KeptResource(
            self._transport, "deal_contacts", "sales.deal_contacts:DealContact"
        )

    @property
    def exchange_rates(
        self,
    ) -> FiledResource[ExchangeRate, ExchangeRateCreate, ExchangeRateUpdate]:
        """What currencies are worth in the base currency, from a day on."""
        return FiledResource(
            self._transport, "exchange_rates", "sales.exchange_rates:ExchangeRate"
        )

    @property
    def recurring_plans(
        self,
    ) -> EditedResource[RecurringPlan, RecurringPlanCreate, RecurringPlanUpdate]:
        """How often the recurring amounts of deals come in."""
        return EditedResource(
            self._transport, "recurring_plans", "sales.recurring_plans:RecurringPlan"
        )

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
