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
from cerebro_sdk.schemas.sales.lead_assignment import LeadAssign, LeadAssignments
from cerebro_sdk.schemas.sales.lead_forms import LeadFormAnswer, LeadFormEntry
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
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
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.leads import lead_forms, lead_statuses, leads
from cerebro_server.components.sales.records.lost_reasons import lost_reasons
from cerebro_server.components.sales.records.money import exchange_rates, recurring_plans
from cerebro_server.components.sales.records.pipelines import pipelines, stages
from cerebro_server.components.sales.records.quotas import quotas
from cerebro_server.components.sales.records.territories import territories
from cerebro_server.components.sales.routes import attainment, opportunities, reports
from cerebro_server.components.sales.routes import deals as deal_routes
from cerebro_server.components.sales.routes import forms as form_routes
from cerebro_server.components.sales.routes import leads as lead_routes
from cerebro_server.components.sales.service import converting_many, rating, stage_history
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.db import Workspace
from cerebro_server.kernel.worker import Schedule


def _derived(workspace: Workspace, owner: str | None) -> list[str]:
    return [*stage_history.derived(workspace, owner), *rating.derived(workspace, owner)]


component = Component(
    name="sales",
    record_types=(
        *(pipelines, stages, lost_reasons, deals, deal_contacts, deal_stages),
        *(lead_statuses, lead_forms, leads, territories),
        *(assignment_rules, assignment_members, quotas),
        *(exchange_rates, recurring_plans),
    ),
    routers=(
        *(deal_routes.router, opportunities.router, reports.router, attainment.router),
        *(lead_routes.router, lead_routes.mapping_router, form_routes.router),
    ),
    replies=(
        *(PipelineReport, ForecastReport, TimeInStageReport, WinRateReport, QuotaReport),
        *(FunnelReport, VelocityReport, SlippedReport, CycleReport, ReasonsReport),
        *(CohortReport, ForecastChangesReport),
        *(LeadConversion, LeadMapping, LeadFormAnswer, LeadAssignments),
    ),
    tables=("lead_mapping",),
    payloads=(
        *(DealWin, DealLose, DealReopen, DealMove, DealAssign),
        *(LeadConvert, LeadMappingSet, LeadFormEntry, LeadAssign),
    ),
    verbs_of_many={"leads.convert": converting_many.VERB},
    permissions={
        "leads:map": "Say which custom fields of leads become which of what they are converted to."
    },
    derived=_derived,
    jobs={subscribers.RERATE: jobs.rerate},
    subscribers=(subscribers.rates,),
    # rates of days to come hold from midnight on
    schedules=(Schedule("rates", cron="1 0 * * *", kind=subscribers.RERATE),),
)
