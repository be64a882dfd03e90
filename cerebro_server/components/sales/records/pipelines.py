"""Pipelines and their stages."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.pipelines import Pipeline, PipelineCreate, PipelineUpdate
from cerebro_sdk.schemas.sales.stages import Stage, StageCreate, StageUpdate
from cerebro_server.components.sales.rules import arranging, importing
from cerebro_server.components.sales.rules import pipelines as rules
from cerebro_server.components.sales.tables.pipelines import PipelineRow, StageRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation

IN_PIPELINE = ImportParent("pipelines", here="pipeline_id", by=("name",), created_by="name")

pipelines = RecordType(
    wire=Pipeline,
    create=PipelineCreate,
    update=PipelineUpdate,
    row=PipelineRow,
    is_setting=True,
    rules=rules.pipelines,
    update_rules=rules.pipelines,
    watched=frozenset({"is_default", "deleted_at"}),
    goes_along=True,
    before_import=importing.pipelines,
    relations={
        "stages": Relation("stages", there="pipeline_id"),
        "deals": Relation("deals", there="pipeline_id"),
    },
)
stages = RecordType(
    wire=Stage,
    create=StageCreate,
    update=StageUpdate,
    row=StageRow,
    is_setting=True,
    rules=rules.stages,
    update_rules=rules.changed_stages,
    watched=frozenset({"default_probability", "deleted_at", "pipeline_id", "key", "type"}),
    goes_along=True,
    same_by=("pipeline_id", "key"),
    arranged=arranging.stages,
    import_parents={"pipeline": IN_PIPELINE},
    refers={"pipeline_id": "pipelines"},
    relations={
        "pipeline": Relation("pipelines", here="pipeline_id"),
        "deals": Relation("deals", there="stage_id"),
    },
)
