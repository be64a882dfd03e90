"""Price books: what products cost, for whom and from when until when, in one currency."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Currency, Day, Line
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What the price book is called; no two living ones share a name.")
_CURRENCY = ("Currency", "Three letters, `EUR`, of all its prices; it never changes.")
_DEFAULT = ("Is default", "Whether deals of its currency that name none go by it; one does.")
_ACTIVE = ("Is active", "Whether prices are taken from it.")


class PriceBookFields(Shape):
    """What a price book has besides its identity and history."""

    valid_from: Day | None = field("Valid from", "The first day on which it holds; null: ever.")
    valid_to: Day | None = field("Valid to", "The last day on which it holds; null: no end.")


class PriceBook(Record, PriceBookFields):
    """A price book as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="price_books",
        singular="price_book",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "currency", "is_default", "is_active", "valid_from", "valid_to"),
        verbs=ALL,
    )
    name: str = required(*_NAME)
    currency: str = required(*_CURRENCY)
    is_default: bool = required(*_DEFAULT)
    is_active: bool = required(*_ACTIVE)
    valid_from: date | None = field("Valid from", "The first day on which it holds; null: ever.")
    valid_to: date | None = field("Valid to", "The last day on which it holds; null: no end.")


class PriceBookCreate(Payload, PriceBookFields, Sourced):
    """A new price book."""

    name: Line = required(*_NAME)
    currency: Currency | None = field(
        _CURRENCY[0], "Three letters, `EUR`; `CEREBRO_BASE_CURRENCY`, unless told otherwise."
    )
    is_default: bool = Field(default=False, title=_DEFAULT[0], description=_DEFAULT[1])
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])


class PriceBookUpdate(Payload, PriceBookFields, Sourced):
    """The fields of a price book to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
    is_default: bool = kept(*_DEFAULT)
    is_active: bool = kept(*_ACTIVE)
