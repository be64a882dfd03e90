"""Manifest of the sales component."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_sdk.schemas.sales.reports import (
    ForecastReport,
    PipelineReport,
    TimeInStageReport,
    WinRateReport,
)
from cerebro_server.components.sales.records.deal_contacts import deal_contacts
from cerebro_server.components.sales.records.deal_stages import deal_stages
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.lost_reasons import lost_reasons
from cerebro_server.components.sales.records.pipelines import pipelines, stages
from cerebro_server.components.sales.routes import deals as deal_routes
from cerebro_server.components.sales.routes import opportunities, reports
from cerebro_server.components.sales.service import stage_history
from cerebro_server.kernel.component import Component

component = Component(
    name="sales",
    record_types=(pipelines, stages, lost_reasons, deals, deal_contacts, deal_stages),
    routers=(deal_routes.router, opportunities.router, reports.router),
    replies=(PipelineReport, ForecastReport, TimeInStageReport, WinRateReport),
    payloads=(DealWin, DealLose, DealReopen, DealMove, DealAssign),
    derived=stage_history.derived,
)
