# Generated from ../_async/selling.py by tools/sync_client.py; do not edit.
"""The nouns of selling, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._sync.nouns import (
    EditedResource,
    FiledResource,
    KeptResource,
    Noun,
    SheetResource,
)
from cerebro_sdk._sync.transport import Transport

if TYPE_CHECKING:
    from cerebro_sdk._sync.elsewhere import EarlierChanges
    from cerebro_sdk._sync.leads import LeadForms, Leads
    from cerebro_sdk._sync.quotes import Quotes
    from cerebro_sdk._sync.reports import Reports
    from cerebro_sdk._sync.sales import Deals, DealStages, Opportunities
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


class Selling:
    """What deals in leads, deals, and all that comes with them."""

    _transport: Transport

    products: Noun[Product, ProductCreate, ProductUpdate] = Noun("sales.products:Product")

    @property
    def price_books(self) -> SheetResource[PriceBook, PriceBookCreate, PriceBookUpdate]:
        """What products cost, for whom and when, each in one currency."""
        return SheetResource(self._transport, "price_books", "sales.price_books:PriceBook")

    @property
    def prices(self) -> SheetResource[Price, PriceCreate, PriceUpdate]:
        """What a product costs in a price book, from a quantity on."""
        return SheetResource(self._transport, "prices", "sales.prices:Price")

    @property
    def deal_lines(self) -> FiledResource[DealLine, DealLineCreate, DealLineUpdate]:
        """What is sold in a deal, how many and for how much."""
        return FiledResource(self._transport, "deal_lines", "sales.deal_lines:DealLine")

    @property
    def quotes(self) -> Quotes:
        """What is offered for a deal, until when."""
        from cerebro_sdk._sync.quotes import Quotes

        return Quotes(self._transport, "quotes", "sales.quotes:Quote")

    @property
    def quote_lines(self) -> SheetResource[QuoteLine, QuoteLineCreate, QuoteLineUpdate]:
        """What a quote offers; to be changed until it is sent."""
        return SheetResource(self._transport, "quote_lines", "sales.quote_lines:QuoteLine")

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
    def quotas(self) -> SheetResource[Quota, QuotaCreate, QuotaUpdate]:
        """What people, teams and territories are to sell."""
        return SheetResource(self._transport, "quotas", "sales.quotas:Quota")

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
    def earlier_changes(self) -> EarlierChanges:
        """What happened to records elsewhere, before they came here."""
        from cerebro_sdk._sync.elsewhere import EarlierChanges

        return EarlierChanges(
            self._transport, "earlier_changes", "sales.earlier_changes:EarlierChange"
        )

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
