"""Quotas: what somebody, a team or a territory is to sell in a month, quarter or year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import (
    Amount,
    Currency,
    Day,
    Kind,
    Of,
    RecordRef,
    TeamKey,
    UserRef,
)
from cerebro_sdk.schemas.shape import Shape

PeriodName = Annotated[Literal["month", "quarter", "year"], Of(Kind.TEXT)]

_USER = ("User", "Whose quota it is; or a team's, or a territory's, and only one of them.")
_TEAM = ("Team", "The team whose quota it is, with all teams below.")
_TERRITORY = ("Territory", "The territory whose quota it is, with all that lie in it.")
_START = ("Period start", "The first day of the period: `2026-10-01`.")
_PERIOD = ("Period", "How long it is: month, quarter or year.")
_AMOUNT = ("Amount", "What is to be sold in it; a text, so that no cent is lost.")
_CURRENCY = ("Currency", "Three letters, `EUR`; `CEREBRO_BASE_CURRENCY`, unless told otherwise.")


class Quota(Record):
    """A quota as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="quotas",
        singular="quota",
        component="sales",
        title="period_start",
        columns=("period_start", "period", "user_id", "team", "territory_id", "amount", "currency"),
        verbs=ALL,
    )
    period_start: date = required(*_START)
    period: str = required(*_PERIOD)
    user_id: UUID | None = field(*_USER)
    team: str | None = field(*_TEAM)
    territory_id: UUID | None = field(*_TERRITORY)
    amount: Decimal = required(*_AMOUNT)
    currency: str = required(*_CURRENCY)


class _Sent(Shape):
    user_id: UserRef | None = field(*_USER)
    team: TeamKey | None = field(*_TEAM)
    territory_id: RecordRef | None = field(*_TERRITORY)


class QuotaCreate(Payload, _Sent, Sourced):
    """A new quota."""

    period_start: Day = required(*_START)
    period: PeriodName = Field(default="quarter", title=_PERIOD[0], description=_PERIOD[1])
    amount: Amount = required(*_AMOUNT)
    currency: Currency | None = field(*_CURRENCY)


class QuotaUpdate(Payload, _Sent, Sourced):
    """The fields of a quota to change; null empties a field, what is left out stays."""

    period_start: Day = kept(*_START)
    period: PeriodName = kept(*_PERIOD)
    amount: Amount = kept(*_AMOUNT)
    currency: Currency = kept(*_CURRENCY)
