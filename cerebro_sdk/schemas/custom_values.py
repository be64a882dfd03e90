"""The values of custom fields: what each may be, and its normal form.

Texts are read leniently, since command lines and files have nothing else: `12.50 EUR`, `1h30m`,
`a, b`, or JSON for what has several parts. What is kept is one form for each value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.kinds import Day, Kind, Line, Of, Text, whole


def refuse(code: str, message: str, value: object = "") -> PydanticCustomError:
    """Return the error for a value that does not fit; a long one is not repeated."""
    shown = repr(value)
    return PydanticCustomError(code, message, {"value": shown if len(shown) < 80 else "this"})


def or_json(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a reader of texts: JSON where one begins like it, else as `read` does."""

    def reader(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lstrip()[:1] in ("{", "["):
            try:
                return json.loads(value)
            except (ValueError, RecursionError):
                raise refuse("json", "{value} is not JSON.", value) from None
        return read(value.strip())

    return reader


def words(text: str) -> list[str]:
    """Split `a, b`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _plain_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise refuse("decimal_type", "Input should be a number, not true or false.")
    return str(value) if isinstance(value, float) else value


def _normal(number: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    if not number:
        return "0"  # of any exponent: `0E-999999999` would be a gigabyte of zeros
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exact(number: Decimal) -> str:
    """Write an amount with its own decimals, four at most."""
    exponent = number.as_tuple().exponent
    places = min(_DECIMALS, max(0, -exponent)) if isinstance(exponent, int) else 0
    return format(number if number else abs(number), f".{places}f")


_DECIMALS = 4
Number = Annotated[
    Decimal,
    Field(max_digits=38, decimal_places=12, allow_inf_nan=False),
    BeforeValidator(_plain_number),
    PlainSerializer(_normal, return_type=str),
    Of(Kind.DECIMAL),
]
_Amount = Annotated[
    Decimal,
    Field(max_digits=30, decimal_places=_DECIMALS, allow_inf_nan=False),
    BeforeValidator(_plain_number),
    PlainSerializer(_exact, return_type=str),
]
_MOST = 2**53 - 1
Whole = Annotated[int, BeforeValidator(whole), Field(ge=-_MOST, le=_MOST), Of(Kind.INTEGER)]
Rating = Annotated[int, BeforeValidator(whole), Field(ge=1, le=5), Of(Kind.INTEGER)]
Percent = Annotated[
    Decimal,
    Field(ge=-1_000_000, le=1_000_000, decimal_places=6, allow_inf_nan=False),
    BeforeValidator(
        lambda v: _plain_number(v.strip().removesuffix("%") if isinstance(v, str) else v)
    ),
    PlainSerializer(_normal, return_type=str),
    Of(Kind.DECIMAL),
]
_TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def truth(value: Any) -> Any:
    """Read true and false as people write them."""
    found = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise refuse("bool_type", "{value} is neither true nor false.", value)
    return found


def clock(text: str) -> str:
    """Return a time of day as `HH:MM:SS`. Raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time of day such as 14:30")
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour, minute, second).isoformat()


_LENGTHS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def seconds(text: str) -> int:
    """Return the seconds of `90`, `1h30m`, `2d` or ISO 8601's `PT1H30M`. Raises ValueError."""
    plain = text.strip().lower()
    if re.fullmatch(r"[0-9]{1,12}", plain):
        return int(plain)
    iso = re.fullmatch(r"p((?:[0-9]{1,9}[wd])*)(?:t((?:[0-9]{1,9}[hms])+))?", plain)
    parts = "".join(part or "" for part in iso.groups()) if iso else plain.replace(" ", "")
    if not re.fullmatch(r"(?:[0-9]{1,9}[wdhms])+", parts):
        raise ValueError(f"{text!r} is no duration such as 90, 1h30m or PT1H30M")
    found = re.findall(r"([0-9]+)([wdhms])", parts)
    return sum(int(amount) * _LENGTHS[unit] for amount, unit in found)


def _said(read: Callable[[str], Any], code: str) -> Callable[[Any], Any]:
    def reader(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except ValueError as error:
            raise PydanticCustomError(code, "{said}.", {"said": str(error)[:200]}) from None

    return reader


Clock = Annotated[str, BeforeValidator(_said(clock, "time")), Of(Kind.TIME)]
Duration = Annotated[
    int,
    BeforeValidator(_said(seconds, "duration")),
    BeforeValidator(whole),
    Field(ge=0, le=_MOST),
    Of(Kind.DURATION),
]


def _color(text: str) -> str:
    found = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", text.lower())
    if found is None:
        raise refuse("color", "{value} is no color such as #0a7cff.", text)
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return f"#{digits}"


def _barcode(text: str) -> str:
    """Hold an EAN or UPC to its check digit (GS1 General Specifications, 7.9)."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits):
        raise refuse(
            "barcode", "{value} is no EAN or UPC: those have 8, 12, 13 or 14 digits.", text
        )
    weighted = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(digits[-2::-1]))
    if (10 - weighted % 10) % 10 != int(digits[-1]):
        raise refuse("check_digit", "The check digit of {value} is wrong.", text)
    return digits


Color = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(_color), Of(Kind.TEXT)
]
Barcode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    AfterValidator(_barcode),
    Of(Kind.TEXT),
]


class Money(Payload):
    """An amount in a currency."""

    amount: _Amount = Field(description="The amount, as a decimal string.")
    currency: Annotated[
        str, StringConstraints(to_upper=True, strip_whitespace=True, pattern=r"^[A-Za-z]{3}$")
    ] = Field(description="ISO 4217 code: EUR.")


def money_of(text: str) -> Any:
    """Read `12.50 EUR`."""
    found = re.fullmatch(r"([+-]?[0-9.]+)\s*([A-Za-z]{3})|([A-Za-z]{3})\s*([+-]?[0-9.]+)", text)
    if found is None:
        raise refuse("currency", "{value} is no amount with a currency such as 12.50 EUR.", text)
    return {"amount": found[1] or found[4], "currency": found[2] or found[3]}


class PersonName(Payload):
    """A person's name in its parts."""

    prefix: Line | None = Field(default=None, description="Dr.")
    first: Line | None = Field(default=None, description="Given name.")
    middle: Line | None = Field(default=None, description="Middle name.")
    last: Line | None = Field(default=None, description="Family name.")
    suffix: Line | None = Field(default=None, description="Jr.")
    full: str | None = Field(default=None, description="All of it; written by the server.")

    @model_validator(mode="after")
    def _put_together(self) -> PersonName:
        parts = (self.prefix, self.first, self.middle, self.last, self.suffix)
        self.full = " ".join(part for part in parts if part) or None
        return self


def name_of(text: str) -> Any:
    """Read a name: its last word is the family name."""
    first, _, last = text.rpartition(" ")
    return {"first": first.strip() or None, "last": last or None}


class Address(Payload):
    """A postal address."""

    street: Text | None = Field(default=None, description="Street and house number.")
    city: Line | None = Field(default=None, description="City.")
    state: Line | None = Field(default=None, description="State or region.")
    postal_code: Line | None = Field(default=None, description="Postal code.")
    country: Line | None = Field(default=None, description="Country.")
    full: str | None = Field(default=None, description="All of it; written by the server.")

    @model_validator(mode="after")
    def _put_together(self) -> Address:
        parts = (self.street, self.postal_code, self.city, self.state, self.country)
        self.full = ", ".join(part for part in parts if part) or None
        return self


class ChecklistItem(Payload):
    """One thing to do."""

    text: Line = Field(description="What.")
    is_done: bool = Field(default=False, description="Whether it is done.")


class NumberRange(Payload):
    """From one number to another; either may be open."""

    start: Number | None = Field(default=None, alias="from", description="From, inclusive.")
    end: Number | None = Field(default=None, alias="to", description="To, inclusive.")

    @model_validator(mode="after")
    def _in_order(self) -> NumberRange:
        return _ordered(self)


class DateRange(Payload):
    """From one day to another; either may be open."""

    start: Day | None = Field(default=None, alias="from", description="First day.")
    end: Day | None = Field(default=None, alias="to", description="Last day.")

    @model_validator(mode="after")
    def _in_order(self) -> DateRange:
        return _ordered(self)


R = TypeVar("R", NumberRange, DateRange)


def _ordered(value: R) -> R:
    if value.start is not None and value.end is not None and value.start > value.end:
        raise refuse("range", "A range must not end before it begins.")
    return value


def range_of(text: str) -> Any:
    """Read `10..20`, `10..` or `..20`."""
    start, dots, end = text.partition("..")
    if not dots:
        raise refuse("range", "{value} is no range such as 10..20, 10.. or ..20.", text)
    return {"from": start.strip() or None, "to": end.strip() or None}


def items_of(value: Any) -> Any:
    """Read a list of what is to be done: texts alone are not done yet."""
    if isinstance(value, list):
        return [{"text": item} if isinstance(item, str) else item for item in value]
    return value
