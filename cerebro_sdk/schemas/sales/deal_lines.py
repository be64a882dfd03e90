"""Deal lines: what is sold in a deal, how many and for how much."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, required
from cerebro_sdk.schemas.kinds import RecordRef
from cerebro_sdk.schemas.sales.lines import LineChange, LineNew, LineRecord

_DEAL = ("Deal", "Which deal: an id, a number, or `source:external-id`.")


class DealLine(Record, LineRecord):
    """A line of a deal as the server returns it; seen by whoever sees the deal."""

    noun: ClassVar[Noun] = Noun(
        name="deal_lines",
        singular="deal_line",
        component="sales",
        title="description",
        columns=(
            *("deal_id", "position", "description", "quantity", "unit", "unit_price"),
            *("discount", "net", "tax", "total"),
        ),
        verbs=(*ALL, "destroy"),
    )
    deal_id: UUID = required(*_DEAL)


class DealLineCreate(Payload, LineNew, Sourced):
    """A new line of a deal; one of product and description is there."""

    deal_id: RecordRef = required(*_DEAL)


class DealLineUpdate(Payload, LineChange, Sourced):
    """The fields of a line to change; null empties a field, what is left out stays. With an empty
    unit price, or another product, the price is taken from the price book anew."""
