"""Pipelines and their stages."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.fields import RecordRow


class PipelineRow(RecordRow, table=True):
    """Pipelines."""

    __tablename__ = "pipelines"

    name: str
    is_default: bool = False
    position: int = 0


class StageRow(RecordRow, table=True):
    """Stages of pipelines."""

    __tablename__ = "stages"

    pipeline_id: UUID
    key: str
    label: str
    position: int = 0
    type: str = "open"
    default_probability: int | None = None
    default_forecast_category: str = "pipeline"
