"""Manifest of the sales component."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.attainment import QuotaReport
from cerebro_sdk.schemas.sales.conversions import (
    LeadConversion,
    LeadConvert,
)
from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_sdk.schemas.sales.lead_forms import (
    LeadFormAnswer,
    LeadFormEntry,
    LeadFormSnippet,
)
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_sdk.schemas.sales.quote_verbs import (
    QuoteAnswer,
    QuoteDecide,
    QuoteSent,
    QuoteView,
)
from cerebro_sdk.schemas.sales.report_rows import (
    CohortReport,
    CycleReport,
    ForecastChangesReport,
    FunnelReport,
    ReasonsReport,
    SlippedReport,
    VelocityReport,
)
from cerebro_sdk.schemas.sales.reports import (
    ForecastReport,
    PipelineReport,
    TimeInStageReport,
    WinRateReport,
)
from cerebro_server.components.sales import jobs, subscribers
from cerebro_server.components.sales.records.assignment import (
    assignment_members,
    assignment_rules,
)
from cerebro_server.components.sales.records.deal_contacts import deal_contacts
from cerebro_server.components.sales.records.deal_lines import deal_lines
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.earlier_changes import earlier_changes
from cerebro_server.components.sales.records.leads import (
    lead_forms,
    lead_mappings,
    lead_statuses,
    leads,
)
from cerebro_server.components.sales.records.lost_reasons import lost_reasons
from cerebro_server.components.sales.records.money import exchange_rates, recurring_plans
from cerebro_server.components.sales.records.pipelines import pipelines, stages
from cerebro_server.components.sales.records.products import price_books, prices, products
from cerebro_server.components.sales.records.quotas import quotas
from cerebro_server.components.sales.records.quotes import quote_lines, quotes
from cerebro_server.components.sales.records.territories import territories
from cerebro_server.components.sales.routes import attainment, opportunities, reports
from cerebro_server.components.sales.routes import deals as deal_routes
from cerebro_server.components.sales.routes import forms as form_routes
from cerebro_server.components.sales.routes import leads as lead_routes
from cerebro_server.components.sales.routes import quotes as quote_routes
from cerebro_server.components.sales.service import assigning, converting_many, rating
from cerebro_server.components.sales.service.derived import derived
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.worker import Schedule

component = Component(
    name="sales",
    record_types=(
        *(exchange_rates, recurring_plans, territories, products, price_books, prices),
        *(pipelines, stages, lost_reasons, deals, deal_contacts, deal_stages, deal_lines),
        *(lead_statuses, lead_forms, leads, lead_mappings, quotes, quote_lines, earlier_changes),
        *(assignment_rules, assignment_members, quotas),
    ),
    routers=(
        *(deal_routes.router, opportunities.router, reports.router, attainment.router),
        *(lead_routes.router, lead_routes.mapping_router),
        form_routes.router,
    ),
    first_routers=(quote_routes.public_router, quote_routes.router, form_routes.own_router),
    replies=(
        *(PipelineReport, ForecastReport, TimeInStageReport, WinRateReport, QuotaReport),
        *(FunnelReport, VelocityReport, SlippedReport, CycleReport, ReasonsReport),
        *(CohortReport, ForecastChangesReport),
        *(LeadConversion, LeadMapping, LeadFormAnswer, LeadFormSnippet, QuoteSent, QuoteView),
    ),
    tables=("quote_links",),
    payloads=(
        *(DealWin, DealLose, DealReopen, DealMove, DealAssign),
        *(LeadConvert, LeadMappingSet, LeadFormEntry),
        *(QuoteDecide, QuoteAnswer),
    ),
    verbs_of_many={
        "leads.assign": assigning.VERB,
        "leads.convert": converting_many.VERB,
    },
    permissions={
        "leads:map": "Say which custom fields of leads become which of what they are converted to."
    },
    derived=derived,
    in_base=rating.IN_BASE,
    jobs={subscribers.RERATE: jobs.rerate, "quotes.expire": jobs.quotes_expire},
    subscribers=(subscribers.rates,),
    schedules=(
        # rates of days to come hold from midnight on
        Schedule("rates", cron="1 0 * * *", kind=subscribers.RERATE),
        Schedule("quotes", cron="7 * * * *", kind="quotes.expire"),
    ),
)
