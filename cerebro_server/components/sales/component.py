"""Manifest of the sales component."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.conversions import LeadConversion, LeadConvert
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_server.components.sales.records.deal_contacts import deal_contacts
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.leads import lead_statuses, leads
from cerebro_server.components.sales.records.lost_reasons import lost_reasons
from cerebro_server.components.sales.records.pipelines import pipelines, stages
from cerebro_server.components.sales.routes import leads as lead_routes
from cerebro_server.kernel.component import Component

component = Component(
    name="sales",
    record_types=(
        *(pipelines, stages, lost_reasons, deals, deal_contacts),
        *(lead_statuses, leads),
    ),
    routers=(lead_routes.router, lead_routes.mapping_router),
    replies=(LeadConversion, LeadMapping),
    tables=("lead_mapping",),
    payloads=(LeadConvert, LeadMappingSet),
)
