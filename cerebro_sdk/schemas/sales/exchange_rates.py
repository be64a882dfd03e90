"""Exchange rates: what currencies are worth in the base currency, from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Currency, Day, Line, Rate

_KEY = ("Key", "Currency and day, `USD@2026-11-01`; it never changes.")
_CURRENCY = ("Currency", "Three letters, `USD`; not the base currency. It never changes.")
_DAY = ("Day", "From which day on it holds (UTC), until the next rate; it never changes.")
_RATE = ("Rate", "How many units of the base currency one unit of this one is worth: `0.92`.")
_SOURCE = ("Source", "Where it is from: `ECB`.")


class ExchangeRate(Record):
    """An exchange rate as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="exchange_rates",
        singular="exchange_rate",
        component="sales",
        title="key",
        keys=("key",),
        columns=("currency", "day", "rate", "source", "updated_at"),
        verbs=(*ALL, "destroy"),
    )
    key: str = required(*_KEY)
    currency: str = required(*_CURRENCY)
    day: date = required(*_DAY)
    rate: Decimal = required(*_RATE)
    source: str | None = field(*_SOURCE)


class ExchangeRateCreate(Payload, Sourced):
    """A new exchange rate."""

    currency: Currency = required(*_CURRENCY)
    day: Day = required(*_DAY)
    rate: Rate = required(*_RATE)
    source: Line | None = field(*_SOURCE)


class ExchangeRateUpdate(Payload, Sourced):
    """The fields of an exchange rate to change; null empties a field, what is left out stays."""

    rate: Rate = kept(*_RATE)
    source: Line | None = field(*_SOURCE)
