"""Manifest of the sales component."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.conversions import LeadConversion, LeadConvert
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_server.components.sales.records import leads
from cerebro_server.components.sales.routes import leads as lead_routes
from cerebro_server.kernel.component import Component

component = Component(
    name="sales",
    record_types=(leads.lead_statuses, leads.leads),
    routers=(lead_routes.router, lead_routes.mapping_router),
    replies=(LeadConversion, LeadMapping),
    tables=("lead_mapping",),
    payloads=(LeadConvert, LeadMappingSet),
)
