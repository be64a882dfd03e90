"""The nouns of selling, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._async.nouns import (
    AsyncEditedResource,
    AsyncFiledResource,
    AsyncKeptResource,
    AsyncNoun,
    AsyncSheetResource,
)
from cerebro_sdk._async.transport import AsyncTransport

if TYPE_CHECKING:
    from cerebro_sdk._async.elsewhere import AsyncEarlierChanges
    from cerebro_sdk._async.leads import AsyncLeadForms, AsyncLeads
    from cerebro_sdk._async.quotes import AsyncQuotes
    from cerebro_sdk._async.reports import AsyncReports
    from cerebro_sdk._async.sales import AsyncDeals, AsyncDealStages, AsyncOpportunities
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


class AsyncSelling:
    """What deals in leads, deals, and all that comes with them."""

    _transport: AsyncTransport

    products: AsyncNoun[Product, ProductCreate, ProductUpdate] = AsyncNoun("sales.products:Product")

    @property
    def price_books(self) -> AsyncSheetResource[PriceBook, PriceBookCreate, PriceBookUpdate]:
        """What products cost, for whom and when, each in one currency."""
        return AsyncSheetResource(self._transport, "price_books", "sales.price_books:PriceBook")

    @property
    def prices(self) -> AsyncSheetResource[Price, PriceCreate, PriceUpdate]:
        """What a product costs in a price book, from a quantity on."""
        return AsyncSheetResource(self._transport, "prices", "sales.prices:Price")

    @property
    def deal_lines(self) -> AsyncFiledResource[DealLine, DealLineCreate, DealLineUpdate]:
        """What is sold in a deal, how many and for how much."""
        return AsyncFiledResource(self._transport, "deal_lines", "sales.deal_lines:DealLine")

    @property
    def quotes(self) -> AsyncQuotes:
        """What is offered for a deal, until when."""
        from cerebro_sdk._async.quotes import AsyncQuotes

        return AsyncQuotes(self._transport, "quotes", "sales.quotes:Quote")

    @property
    def quote_lines(self) -> AsyncSheetResource[QuoteLine, QuoteLineCreate, QuoteLineUpdate]:
        """What a quote offers; to be changed until it is sent."""
        return AsyncSheetResource(self._transport, "quote_lines", "sales.quote_lines:QuoteLine")

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
    def quotas(self) -> AsyncSheetResource[Quota, QuotaCreate, QuotaUpdate]:
        """What people, teams and territories are to sell."""
        return AsyncSheetResource(self._transport, "quotas", "sales.quotas:Quota")

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
    def earlier_changes(self) -> AsyncEarlierChanges:
        """What happened to records elsewhere, before they came here."""
        from cerebro_sdk._async.elsewhere import AsyncEarlierChanges

        return AsyncEarlierChanges(
            self._transport, "earlier_changes", "sales.earlier_changes:EarlierChange"
        )

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
