"""What is sent along when a quote is decided on, and what whoever has its link sees of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Payload, field, required
from cerebro_sdk.schemas.kinds import Email, Line, Text
from cerebro_sdk.schemas.sales.quotes import Quote
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "Who decides.")
_EMAIL = ("E-mail", "Their address.")
_REASON = ("Reason", "Why it is declined.")


class QuoteDecide(Payload):
    """A decision that staff enter: who took it, as far as that is known."""

    name: Line | None = field(*_NAME)
    email: Email | None = field(*_EMAIL)
    reason: Text | None = field(*_REASON)


class QuoteAnswer(Payload):
    """A decision of whoever has the link."""

    name: Line = required(*_NAME)
    email: Email = required(*_EMAIL)
    reason: Text | None = field(*_REASON)


class QuoteSent(Shape):
    """A quote that was sent, and the link to it, which is shown only now."""

    model_config = ConfigDict(extra="ignore")

    quote: Quote = Field(description="The quote.")
    token: str = Field(description="What the link ends with: whoever has it may decide.")
    url: str = Field(description="The link.")


class QuoteViewLine(Shape):
    """A line as whoever has the link sees it."""

    model_config = ConfigDict(extra="ignore")

    position: int = Field(description="Its place.")
    description: str = Field(description="What is offered.")
    unit: str | None = Field(default=None, description="What it is counted in.")
    quantity: Decimal = Field(description="How many.")
    unit_price: Decimal = Field(description="What one costs.")
    discount: Decimal = Field(description="All that comes off.")
    net: Decimal = Field(description="What it comes to without tax.")
    tax_rate: Decimal | None = Field(default=None, description="Per cent of tax.")
    tax: Decimal = Field(description="The tax.")
    total: Decimal = Field(description="What it comes to.")


class QuoteView(Shape):
    """A quote as whoever has the link sees it."""

    model_config = ConfigDict(extra="ignore")

    number: int = Field(description="Its number.")
    revision: int = Field(description="Its revision.")
    status: str = Field(description="sent, accepted or declined.")
    company: str | None = Field(default=None, description="The company that it is for.")
    contact: str | None = Field(default=None, description="The person that it goes to.")
    currency: str = Field(description="The currency of all sums.")
    valid_until: date | None = Field(default=None, description="The last day to accept it.")
    subtotal: Decimal = Field(description="The lines before discounts.")
    discount: Decimal = Field(description="All that comes off.")
    discount_percent: Decimal | None = Field(
        default=None, description="Per cent of it that come off the whole."
    )
    whole_discount: Decimal = Field(description="What of it comes off the whole.")
    tax: Decimal = Field(description="The tax of what is left.")
    shipping: Decimal | None = Field(default=None, description="What shipping costs.")
    total: Decimal = Field(description="What it comes to.")
    terms: str | None = Field(default=None, description="Conditions.")
    notes: str | None = Field(default=None, description="Anything else.")
    sent_at: datetime | None = Field(default=None, description="When it was sent.")
    decided_at: datetime | None = Field(default=None, description="When it was decided on.")
    lines: list[QuoteViewLine] = Field(description="What is offered.")
