"""Deal stages: which stages a deal was in, from when until when; kept by the server."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import Noun, Record, field, required


class DealStage(Record):
    """A stay of a deal in a stage; seen by whoever sees the deal."""

    noun: ClassVar[Noun] = Noun(
        name="deal_stages",
        singular="deal_stage",
        component="sales",
        title="to_stage",
        columns=(
            *("deal_id", "from_stage", "to_stage", "entered_at", "left_at"),
            *("duration_seconds", "amount", "probability"),
        ),
        verbs=("list", "search", "get"),
    )
    deal_id: UUID = required("Deal", "Which deal.")
    pipeline_id: UUID = required("Pipeline", "The pipeline of the stage.")
    from_stage: str | None = field("From stage", "The key of the stage before; null at its start.")
    from_stage_id: UUID | None = field("From stage id", "The stage before, by id.")
    to_stage: str = required("To stage", "The key of the stage that it came into.")
    to_stage_id: UUID = required("To stage id", "The stage that it came into, by id.")
    to_status: str = required("To status", "What that made of it: open, won or lost.")
    entered_at: datetime = required("Entered", "When it came into the stage (UTC).")
    left_at: datetime | None = field("Left", "When it left the stage; null while it is there.")
    duration_seconds: Decimal | None = field(
        "Duration", "How long it was there, in seconds; null while it is there."
    )
    actor: str = required("Actor", "Who moved it, as in the journal: `user:…`, `system`.")
    amount: Decimal | None = field("Amount", "Its amount at that moment.")
    currency: str = required("Currency", "The amount's currency.")
    probability: int | None = field("Probability", "Its probability at that moment.")
    expected_close: date | None = field("Expected close", "Its expected close at that moment.")
    forecast_category: str = required("Forecast category", "Its category at that moment.")
