"""Manifest of the sales component."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.conversions import (
    LeadConversion,
    LeadConvert,
    LeadConvertMany,
    LeadResults,
)
from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_sdk.schemas.sales.lead_forms import LeadFormAnswer, LeadFormEntry
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_sdk.schemas.sales.quote_verbs import (
    QuoteAnswer,
    QuoteDecide,
    QuoteSent,
    QuoteView,
)
from cerebro_sdk.schemas.sales.reports import (
    ForecastReport,
    PipelineReport,
    TimeInStageReport,
    WinRateReport,
)
from cerebro_server.components.sales import jobs
from cerebro_server.components.sales.records.deal_contacts import deal_contacts
from cerebro_server.components.sales.records.deal_lines import deal_lines
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.leads import lead_forms, lead_statuses, leads
from cerebro_server.components.sales.records.lost_reasons import lost_reasons
from cerebro_server.components.sales.records.pipelines import pipelines, stages
from cerebro_server.components.sales.records.products import price_books, prices, products
from cerebro_server.components.sales.records.quotes import quote_lines, quotes
from cerebro_server.components.sales.routes import deals as deal_routes
from cerebro_server.components.sales.routes import forms as form_routes
from cerebro_server.components.sales.routes import leads as lead_routes
from cerebro_server.components.sales.routes import opportunities, reports
from cerebro_server.components.sales.routes import quotes as quote_routes
from cerebro_server.components.sales.service.derived import derived
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.worker import Schedule

component = Component(
    name="sales",
    record_types=(
        *(products, price_books, prices),
        *(pipelines, stages, lost_reasons, deals, deal_contacts, deal_stages, deal_lines),
        *(lead_statuses, lead_forms, leads, quotes, quote_lines),
    ),
    routers=(
        *(deal_routes.router, opportunities.router, reports.router),
        *(lead_routes.router, lead_routes.mapping_router, form_routes.router),
    ),
    first_routers=(quote_routes.public_router, quote_routes.router),
    replies=(
        *(PipelineReport, ForecastReport, TimeInStageReport, WinRateReport),
        *(LeadConversion, LeadResults, LeadMapping, LeadFormAnswer, QuoteSent, QuoteView),
    ),
    tables=("lead_mapping", "quote_links"),
    payloads=(
        *(DealWin, DealLose, DealReopen, DealMove, DealAssign),
        *(LeadConvert, LeadConvertMany, LeadMappingSet, LeadFormEntry),
        *(QuoteDecide, QuoteAnswer),
    ),
    permissions={
        "leads:map": "Say which custom fields of leads become which of what they are converted to."
    },
    jobs={"quotes.expire": jobs.quotes_expire},
    schedules=(Schedule("quotes", cron="7 * * * *", kind="quotes.expire"),),
    derived=derived,
)
