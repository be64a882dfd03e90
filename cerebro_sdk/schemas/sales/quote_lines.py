"""Quote lines: what a quote offers; copies of the deal's lines, to be changed until it is sent."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, required
from cerebro_sdk.schemas.kinds import RecordRef
from cerebro_sdk.schemas.sales.lines import LineChange, LineNew, LineRecord

_QUOTE = ("Quote", "Which quote: an id or a number.")


class QuoteLine(Record, LineRecord):
    """A line of a quote as the server returns it; seen by whoever sees the quote."""

    noun: ClassVar[Noun] = Noun(
        name="quote_lines",
        singular="quote_line",
        component="sales",
        title="description",
        columns=(
            *("quote_id", "position", "description", "quantity", "unit", "unit_price"),
            *("discount", "net", "tax", "total"),
        ),
        verbs=ALL,
    )
    quote_id: UUID = required(*_QUOTE)


class QuoteLineCreate(Payload, LineNew, Sourced):
    """A new line of a draft; one of product and description is there."""

    quote_id: RecordRef = required(*_QUOTE)


class QuoteLineUpdate(Payload, LineChange, Sourced):
    """The fields of a draft's line to change; null empties a field, what is left out stays. With an
    empty unit price, or another product, the price is taken from the price book anew."""
