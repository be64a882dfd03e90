"""The stages that deals were in."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.deal_stages import DealStage
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.tables.deal_stages import DealStageRow
from cerebro_server.kernel.fields import RecordType, Relation, Stays

deal_stages = RecordType(
    wire=DealStage,
    row=DealStageRow,
    is_history=True,
    stays=Stays("deals", of="deal_id", field="stage_id", since="entered_at", until="left_at"),
    ends={"deal_id": deals},
    relations={
        "deal": Relation("deals", here="deal_id"),
        "pipeline": Relation("pipelines", here="pipeline_id"),
    },
)
