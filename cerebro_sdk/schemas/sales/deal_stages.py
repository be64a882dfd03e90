"""Deal stages: which stages a deal was in, from when until when; kept by the server, and brought
in from other products by imports."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Amount, Currency, Day, Line, Percent, RecordRef, Timestamp
from cerebro_sdk.schemas.sales.stages import ForecastCategory
from cerebro_sdk.schemas.shape import Shape

_DEAL = ("Deal", "Which deal: an id, a number, or `source:external-id`.")
_PIPELINE = ("Pipeline", "The pipeline of the stage; the deal's, unless told otherwise.")
_TO_STAGE = ("To stage", "The key of the stage that it came into; a file may have its label.")
_ENTERED = ("Entered", "When it came into the stage (UTC).")
_ACTOR = ("Actor", "Who moved it, as in the journal: `user:…`, `system`; of imports any text.")
_AMOUNT = ("Amount", "Its amount at that moment.")
_CURRENCY = ("Currency", "The amount's currency.")
_PROBABILITY = ("Probability", "Its probability at that moment.")
_CLOSE = ("Expected close", "Its expected close at that moment.")
_CATEGORY = ("Forecast category", "Its category at that moment.")


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
        verbs=("list", "search", "get", "import"),
    )
    deal_id: UUID = required(*_DEAL)
    pipeline_id: UUID = required(*_PIPELINE)
    from_stage: str | None = field("From stage", "The key of the stage before; null at its start.")
    from_stage_id: UUID | None = field("From stage id", "The stage before, by id.")
    to_stage: str = required(*_TO_STAGE)
    to_stage_id: UUID = required("To stage id", "The stage that it came into, by id.")
    to_status: str = required("To status", "What that made of it: open, won or lost.")
    entered_at: datetime = required(*_ENTERED)
    left_at: datetime | None = field("Left", "When it left the stage; null while it is there.")
    duration_seconds: Decimal | None = field(
        "Duration", "How long it was there, in seconds; null while it is there."
    )
    origin: str = required(
        "Origin",
        "How it is known: `moved` here, `arrived` with the deal, or `imported` from elsewhere.",
    )
    actor: str = required(*_ACTOR)
    amount: Decimal | None = field(*_AMOUNT)
    currency: str = required(*_CURRENCY)
    probability: int | None = field(*_PROBABILITY)
    expected_close: date | None = field(*_CLOSE)
    forecast_category: str = required(*_CATEGORY)


class _Sent(Shape):
    amount: Amount | None = field(*_AMOUNT)
    probability: Percent | None = field(*_PROBABILITY)
    expected_close: Day | None = field(*_CLOSE)


class DealStageCreate(Payload, _Sent, Sourced):
    """A stay of a deal in a stage, as a file has it: no other door takes one."""

    deal_id: RecordRef = required(*_DEAL)
    pipeline_id: RecordRef | None = field(*_PIPELINE)
    to_stage: Line = required(*_TO_STAGE)
    entered_at: Timestamp = required(*_ENTERED)
    actor: Line | None = field(*_ACTOR)
    currency: Currency | None = field(*_CURRENCY)
    forecast_category: ForecastCategory | None = field(*_CATEGORY)


class DealStageUpdate(Payload, _Sent, Sourced):
    """What a file says anew of a stay that came from a file."""

    deal_id: RecordRef = kept(*_DEAL)
    pipeline_id: RecordRef = kept(*_PIPELINE)
    to_stage: Line = kept(*_TO_STAGE)
    entered_at: Timestamp = kept(*_ENTERED)
    actor: Line = kept(*_ACTOR)
    currency: Currency = kept(*_CURRENCY)
    forecast_category: ForecastCategory = kept(*_CATEGORY)
