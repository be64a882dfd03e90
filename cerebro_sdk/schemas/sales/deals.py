"""Deals: what you may sell to whom, for how much, and how far it has come."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from cerebro_sdk.schemas.base import (
    ALL,
    Customized,
    CustomizedRecord,
    LockableRecord,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    parts,
    required,
)
from cerebro_sdk.schemas.kinds import (
    Amount,
    Currency,
    Day,
    Kind,
    Line,
    Of,
    Percent,
    RecordRef,
    Text,
    Timestamp,
    Words,
)
from cerebro_sdk.schemas.sales.stages import ForecastCategory
from cerebro_sdk.schemas.shape import Shape

AmountSource = Annotated[Literal["manual", "lines"], Of(Kind.TEXT)]

_NAME = ("Name", "What the deal is called.")
_COMPANY = ("Company", "Whom it is made with: an id, a domain, or `source:external-id`.")
_PIPELINE = ("Pipeline", "Its pipeline: an id or a name; the default one, unless told otherwise.")
_STAGE_ID = ("Stage id", "Its stage by id; `stage` names it by its key.")
_STAGE = (
    "Stage",
    "The key of its stage, `proposal`; the first open one, unless told otherwise.",
)
_AMOUNT = ("Amount", "What it is worth; a text, so that no cent is lost. Null: not known.")
_SOURCE = (
    "Amount source",
    "Where its amount comes from: `manual`, as it was sent, or `lines`, the sum of their nets; "
    "`lines`, unless an amount is sent.",
)
_BOOK = (
    "Price book",
    "What its lines take their prices from: an id or a name; the default one of its currency.",
)
_CURRENCY = ("Currency", "Three letters, `EUR`; `CEREBRO_BASE_CURRENCY`, unless told otherwise.")
_PROBABILITY = (
    "Probability",
    "How likely it is won, in per cent: set by hand, or the stage's own; null hands it back.",
)
_MANUAL = (
    "Probability is manual",
    "Whether it was set by hand, and so stays when the stage changes; false hands it back.",
)
_CATEGORY = (
    "Forecast category",
    "Where a forecast counts it: pipeline, best_case, commit, omitted or closed; that of a stage "
    "it comes into, unless told otherwise.",
)
_CLOSE = ("Expected close", "The day on which it will probably be closed.")
_OPENED = ("Opened", "Since when it is worked on (UTC); its creation, unless told otherwise.")
_CLOSED = ("Closed", "When it was won or lost (UTC); null while it is open.")
_REASON = (
    "Lost reason",
    "Why it was lost: an id or a name; only while it is lost.",
)
_PLAN = (
    "Recurring plan",
    "How often the recurring amount comes in: an id or a name, `Monthly`; only beside one.",
)
_RECURRING = (
    "Recurring amount",
    "What comes in again in each period of its recurring plan, in the deal's currency.",
)
_POSITION = (
    "Position",
    "Its place among the deals of its stage, which sort by it: new ones stand last; `move` puts it "
    "before or after another.",
)
_TERRITORY = ("Territory", "The territory that it lies in: a name or an id.")
_TAGS = ("Tags", "Words to find it by: `renewal`.")


class DealFields(Shape):
    """What a deal has besides its identity and history."""

    lost_note: Text | None = field("Lost note", "More about why it was lost.")
    next_step: Line | None = field("Next step", "What is to be done next.")
    source: Line | None = field("Source", "Where the deal came from: `fair`, `web form`.")
    utm_source: Line | None = field("UTM source", "Which site sent them: `newsletter`.")
    utm_medium: Line | None = field("UTM medium", "By which means: `email`.")
    utm_campaign: Line | None = field("UTM campaign", "Which campaign led to it: `spring`.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Deal(OwnedRecord, CustomizedRecord, LockableRecord, DealFields):
    """A deal as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="deals",
        singular="deal",
        component="sales",
        title="name",
        keys=("number",),
        columns=("number", "name", "stage", "amount", "currency", "probability", "expected_close"),
        verbs=(*ALL, "destroy", "lock", "unlock"),
    )
    name: str = required(*_NAME)
    number: int = required("Number", "Its short number in this workspace.")
    company_id: UUID | None = field(*_COMPANY)
    pipeline_id: UUID = required(*_PIPELINE)
    stage_id: UUID = required(*_STAGE_ID)
    stage: str = required(*_STAGE)
    status: str = required("Status", "What its stage makes of it: open, won or lost.")
    amount: Decimal | None = field(*_AMOUNT)
    amount_source: str = required(*_SOURCE)
    currency: str = required(*_CURRENCY)
    price_book_id: UUID | None = field(*_BOOK)
    probability: int | None = field(*_PROBABILITY)
    probability_is_manual: bool = required(*_MANUAL)
    weighted_amount: Decimal | None = field(
        "Weighted amount", "The amount times the probability, in the deal's currency."
    )
    rate: Decimal | None = field(
        "Rate",
        "What one unit of its currency is worth in the base currency: today while it is open, then "
        "on the day it was closed. Null: not known.",
    )
    rate_day: date | None = field(
        "Rate day", "Since when that rate holds; null for the base currency, whose rate is 1."
    )
    base_amount: Decimal | None = field(
        "Base amount", "The amount in the base currency, to the cent; null without a rate."
    )
    weighted_base_amount: Decimal | None = field(
        "Weighted base amount", "The base amount times the probability."
    )
    recurring_plan_id: UUID | None = field(*_PLAN)
    recurring_amount: Decimal | None = field(*_RECURRING)
    recurring_months: int | None = field(
        "Recurring months", "How many months one period of its recurring plan has."
    )
    mrr: Decimal | None = field(
        "MRR", "Monthly recurring revenue: the recurring amount by the plan's months, to the cent."
    )
    weighted_mrr: Decimal | None = field("Weighted MRR", "The MRR times the probability.")
    base_mrr: Decimal | None = field(
        "Base MRR", "The MRR in the base currency, to the cent; null without a rate."
    )
    forecast_category: str = required(*_CATEGORY)
    expected_close: date | None = field(*_CLOSE)
    opened_at: datetime = required(*_OPENED)
    closed_at: datetime | None = field(*_CLOSED)
    assigned_at: datetime | None = field(
        "Assigned", "Since when it is its owner's (UTC); null while it is nobody's."
    )
    last_stage_change_at: datetime = required(
        "Last stage change", "When it came into its stage (UTC)."
    )
    last_open_stage_id: UUID | None = field(
        "Last open stage", "The stage that it was won or lost in; null while it is open."
    )
    lost_reason_id: UUID | None = field(*_REASON)
    territory_id: UUID | None = field(*_TERRITORY)
    position: str = required(*_POSITION)
    tags: list[str] = parts(*_TAGS)


class _Sent(Shape):
    company_id: RecordRef | None = field(*_COMPANY)
    amount: Amount | None = field(*_AMOUNT)
    price_book_id: RecordRef | None = field(*_BOOK)
    probability: Percent | None = field(*_PROBABILITY)
    recurring_plan_id: RecordRef | None = field(*_PLAN)
    recurring_amount: Amount | None = field(*_RECURRING)
    expected_close: Day | None = field(*_CLOSE)
    closed_at: Timestamp | None = field(*_CLOSED)
    lost_reason_id: RecordRef | None = field(*_REASON)
    territory_id: RecordRef | None = field(*_TERRITORY)
    tags: Words | None = field(*_TAGS)


class DealCreate(Payload, DealFields, _Sent, Customized, Owned, Sourced):
    """A new deal."""

    name: Line = required(*_NAME)
    pipeline_id: RecordRef | None = field(*_PIPELINE)
    stage_id: RecordRef | None = field(*_STAGE_ID)
    stage: Line | None = field(*_STAGE)
    amount_source: AmountSource | None = field(*_SOURCE)
    currency: Currency | None = field(*_CURRENCY)
    probability_is_manual: bool | None = field(*_MANUAL)
    forecast_category: ForecastCategory | None = field(*_CATEGORY)
    opened_at: Timestamp | None = field(*_OPENED)


class DealUpdate(Payload, DealFields, _Sent, Customized, Owned, Sourced):
    """The fields of a deal to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
    pipeline_id: RecordRef = kept(*_PIPELINE)
    stage_id: RecordRef = kept(*_STAGE_ID)
    stage: Line = kept(*_STAGE)
    amount_source: AmountSource = kept(*_SOURCE)
    currency: Currency = kept(*_CURRENCY)
    probability_is_manual: bool = kept(*_MANUAL)
    forecast_category: ForecastCategory = kept(*_CATEGORY)
    opened_at: Timestamp = kept(*_OPENED)
