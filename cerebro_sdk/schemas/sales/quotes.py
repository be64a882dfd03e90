"""Quotes: what is offered for a deal, until when; read-only once they are sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import (
    ALL,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Amount, Day, RecordRef, TaxRate, Text
from cerebro_sdk.schemas.shape import Shape

_DEAL = ("Deal", "What it is an offer for: an id, a number, or `source:external-id`.")
_COMPANY = ("Company", "Whom it is for; the deal's company, unless told otherwise.")
_CONTACT = ("Contact", "To whom it goes; the deal's primary contact, unless told otherwise.")
_UNTIL = ("Valid until", "The last day on which it can be accepted; null: no end.")
_SHIPPING = ("Shipping", "What shipping costs, beside the lines; without tax.")
_PERCENT = ("Discount percent", "Per cent off the whole quote; null: none.")
_OFF = ("Discount amount", "What comes off the whole quote besides; null: nothing.")
_WINS = ("Wins deal", "Whether the deal is won by its acceptance.")


class QuoteFields(Shape):
    """What a quote has besides its identity and history."""

    terms: Text | None = field("Terms", "Conditions, as the quote prints them.")
    notes: Text | None = field("Notes", "Anything else that the quote prints.")


class Quote(OwnedRecord, QuoteFields):
    """A quote as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="quotes",
        singular="quote",
        component="sales",
        title="status",
        keys=("number",),
        columns=(
            *("number", "deal_id", "revision", "status", "total", "currency", "valid_until"),
            "sent_at",
        ),
        verbs=ALL,
    )
    number: int = required("Number", "Its short number in this workspace.")
    deal_id: UUID = required(*_DEAL)
    company_id: UUID | None = field(*_COMPANY)
    contact_id: UUID | None = field(*_CONTACT)
    revision: int = required("Revision", "1, and one more each time it is revised.")
    previous_id: UUID | None = field("Previous", "The quote that it takes the place of.")
    status: str = required(
        "Status", "draft, sent, accepted, declined, expired, or superseded by a later revision."
    )
    currency: str = required("Currency", "Three letters, `EUR`: the deal's when it was made.")
    valid_until: date | None = field(*_UNTIL)
    subtotal: Decimal = required("Subtotal", "The sum of the lines before discounts.")
    discount_percent: Decimal | None = field(*_PERCENT)
    discount_amount: Decimal | None = field(*_OFF)
    discount: Decimal = required("Discount", "All that comes off, of lines and of the whole.")
    tax: Decimal = required("Tax", "The tax of what is left.")
    shipping: Decimal | None = field(*_SHIPPING)
    total: Decimal = required("Total", "Subtotal less discount, with tax and shipping.")
    wins_deal: bool = required(*_WINS)
    sent_at: datetime | None = field("Sent", "When it was sent (UTC).")
    decided_at: datetime | None = field("Decided", "When it was accepted or declined (UTC).")
    decided_by_name: str | None = field("Decided by", "Who did, as they called themselves.")
    decided_by_email: str | None = field("Their e-mail", "The address that they gave.")
    decline_reason: str | None = field("Decline reason", "Why it was declined, as they said.")
    deal_left: str | None = field(
        "Deal left",
        "Why its acceptance did not win the deal, as it was to: lost, locked, deleted or "
        "no_won_stage.",
    )
    to_company: str | None = field("To company", "What the company was called when it was sent.")
    to_contact: str | None = field("To contact", "What the contact was called when it was sent.")


class _Sent(Shape):
    valid_until: Day | None = field(*_UNTIL)
    shipping: Amount | None = field(*_SHIPPING)
    discount_percent: TaxRate | None = field(*_PERCENT)
    discount_amount: Amount | None = field(*_OFF)


class QuoteCreate(Payload, QuoteFields, _Sent, Owned, Sourced):
    """A new quote; its lines are copies of the deal's."""

    deal_id: RecordRef = required(*_DEAL)
    company_id: RecordRef | None = field(*_COMPANY)
    contact_id: RecordRef | None = field(*_CONTACT)
    wins_deal: bool = Field(default=False, title=_WINS[0], description=_WINS[1])


class QuoteUpdate(Payload, QuoteFields, _Sent, Owned, Sourced):
    """The fields of a draft to change; null empties a field, what is left out stays. Of a quote
    that was sent, only owner and team may change."""

    wins_deal: bool = kept(*_WINS)
