"""The kinds of field: what a value may be, how it is normalised and how it is said wrong."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from cerebro_sdk.schemas.currencies import CURRENCIES


class Kind(StrEnum):
    """What a field holds; filters, columns, imports and forms go by it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DOMAIN = "domain"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    UUID = "uuid"
    USER = "user"
    TEAM = "team"
    TIME = "time"
    DURATION = "duration"
    SELECT = "select"
    RANGE = "range"
    KEYS = "keys"
    PARTS = "parts"
    MAP = "map"
    OBJECT = "object"
    """A value of several parts, which stands for itself."""


@dataclass(frozen=True, slots=True)
class Of:
    """Marks an annotated type with its kind; OpenAPI tells it as `x-kind`."""

    kind: Kind

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Add the kind to the JSON schema of the type."""
        schema: dict[str, Any] = handler(core_schema)
        return {**schema, "x-kind": str(self.kind)}


def _refuse(code: str, message: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError(code, message, context)


def _plain(text: str, *, allowed: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    for position, character in enumerate(text):
        category = unicodedata.category(character)
        if category in ("Cc", "Cs") and character not in allowed:
            raise _refuse(
                "control_character",
                "Control character U+{code_point} at position {position}; remove it.",
                code_point=f"{ord(character):04X}",
                position=position + 1,
            )
    return unicodedata.normalize("NFC", text)


def _line(text: str) -> str:
    return _plain(text, allowed="")


def _text(text: str) -> str:
    return _plain(text.replace("\r\n", "\n").replace("\r", "\n"), allowed="\n\t")


_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.UNICODE)


def _domain(text: str) -> str:
    """Reduce what people paste (`https://www.Acme.com/about`) to the name: `acme.com`."""
    name = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    name = re.split(r"[/?#:]", name, maxsplit=1)[0].removeprefix("www.").rstrip(".")
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise _refuse("domain", "{value} is not a domain name such as acme.com.", value=repr(text))
    return name


def _url(text: str) -> str:
    address = text if re.match(r"^[A-Za-z][A-Za-z0-9+.-]*:", text) else f"https://{text}"
    if not re.fullmatch(r"https?://[^\s/?#]+\.?[^\s]*", address, re.IGNORECASE):
        raise _refuse(
            "url", "{value} is not a web address such as https://acme.com.", value=repr(text)
        )
    return address


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if (
        not at
        or not local
        or len(local) > 64
        or re.search(r"[\s,;<>()\[\]\"@\\]|\.\.|^\.|\.$", local)
        or not _DOMAIN.fullmatch(domain.lower())
    ):
        raise _refuse(
            "email", "{value} is not an e-mail address such as ada@acme.com.", value=repr(text)
        )
    return f"{local}@{domain.lower()}"


def _phone(text: str) -> str:
    if not 3 <= sum(c.isdigit() for c in text) <= 20:
        raise _refuse("phone", "{value} is not a phone number.", value=repr(text))
    return text


def _record(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _amount(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise _refuse("decimal_text", 'Write the amount as a text, such as "1250.50".')
    return value


def whole(value: Any) -> Any:
    """Refuse truth values, which Python takes for numbers."""
    if isinstance(value, bool):
        raise _refuse("int_type", "Input should be a whole number, not true or false.")
    return value


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text):
        raise _refuse(
            "key",
            "{value} is not a key: lower-case letters, digits and _, at most 40.",
            value=repr(text),
        )
    return text


def _currency(text: str) -> str:
    if (code := text.upper()) not in CURRENCIES:
        said = "{value} is no currency: three letters by ISO 4217, such as EUR."
        raise _refuse("currency", said, value=repr(text))
    return code


def _user(text: str) -> str:
    if text.lower() == "me":
        return "me"
    try:
        return str(UUID(text)) if "@" not in text else _email(text)
    except ValueError:
        raise _refuse(
            "user", "{value} is no user's id or e-mail address, nor `me`.", value=repr(text)
        ) from None


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _source_key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text):
        raise _refuse(
            "source",
            "{value} is not a source name: lower-case letters, digits and _, at most 40.",
            value=repr(text),
        )
    return text


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DAY = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}")


def _dated(value: Any) -> Any:
    """Refuse bare numbers: pydantic takes them for Unix time, and `2026` for a time in 1970."""
    text = value.strip() if isinstance(value, str) else value
    is_text = isinstance(text, str)
    is_number = is_text and re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
    if is_number or isinstance(value, int | float):
        raise _refuse("date_number", "This is a number; write a date as 2026-01-31.")
    # which is the day and which the month is not for us to say
    if is_text and _OTHER_DAY.match(text) and not _DAY.match(text):
        said = "Write a date as 2026-01-31, not as {value}."
        raise _refuse("date_form", said, value=text[:40])
    return text


def _in_years(value: date) -> date:
    if not 1 < value.year < 9999:
        raise _refuse("date_range", "The year must lie between 2 and 9998.")
    return value


def _in_range(value: datetime) -> datetime:
    try:
        utc = value.astimezone(UTC)  # PostgreSQL takes no offset of 16 hours or more
    except OverflowError:
        utc = value
    if not 1 < utc.year < 9999:
        raise _refuse("datetime_range", "The year must lie between 2 and 9998.")
    return utc


_Stripped = StringConstraints(strip_whitespace=True, min_length=1, max_length=255)

Line = Annotated[str, _Stripped, AfterValidator(_line), Of(Kind.TEXT)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=32_000),
    AfterValidator(_text),
    Of(Kind.LONG_TEXT),
]
Domain = Annotated[str, _Stripped, AfterValidator(_line), AfterValidator(_domain), Of(Kind.DOMAIN)]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(_line),
    AfterValidator(_url),
    Of(Kind.URL),
]
Email = Annotated[str, _Stripped, AfterValidator(_line), AfterValidator(_email), Of(Kind.EMAIL)]
Phone = Annotated[str, _Stripped, AfterValidator(_line), AfterValidator(_phone), Of(Kind.PHONE)]
PhoneText = Annotated[str, _Stripped, AfterValidator(_line), Of(Kind.PHONE)]
"""A phone number as people write it; the server reads it, and says where it is none."""
Day = Annotated[date, BeforeValidator(_dated), AfterValidator(_in_years), Of(Kind.DATE)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(ge=0, max_digits=18, decimal_places=2, allow_inf_nan=False),
    Of(Kind.DECIMAL),
]
"""An amount of money, exact to the cent; a text in JSON."""
Rate = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(gt=0, max_digits=20, decimal_places=10, allow_inf_nan=False),
    Of(Kind.DECIMAL),
]
"""What one unit of a currency is worth in another, to ten places; a text in JSON."""
UnitPrice = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(ge=0, max_digits=14, decimal_places=4, allow_inf_nan=False),
    Of(Kind.DECIMAL),
]
"""What one of something costs, with up to four decimals; a text in JSON."""
Quantity = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(gt=0, max_digits=12, decimal_places=4, allow_inf_nan=False),
    Of(Kind.DECIMAL),
]
"""How much of something, with up to four decimals; a text in JSON."""
TaxRate = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(ge=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False),
    Of(Kind.DECIMAL),
]
"""A share of a hundred, with up to four decimals: a tax rate; a text in JSON."""
RecordRef = Annotated[str, _Stripped, AfterValidator(_line), AfterValidator(_record), Of(Kind.UUID)]
"""Another record: its id, a natural key, or `source:external-id`."""
WholeNumber = Annotated[
    int, BeforeValidator(whole), Field(ge=0, le=2_147_483_647), Of(Kind.INTEGER)
]
Timestamp = Annotated[
    AwareDatetime, BeforeValidator(_dated), AfterValidator(_in_range), Of(Kind.DATETIME)
]
Key = Annotated[str, AfterValidator(_key), Of(Kind.TEXT)]
"""A word that programs go by: `support`. It never changes; its label may."""
Currency = Annotated[str, _Stripped, AfterValidator(_currency), Of(Kind.TEXT)]
"""A currency by its three letters (ISO 4217): `EUR`."""
Percent = Annotated[int, BeforeValidator(whole), Field(ge=0, le=100), Of(Kind.INTEGER)]
"""A share of a hundred, in whole per cent."""
UserRef = Annotated[str, _Stripped, AfterValidator(_user), Of(Kind.USER)]
"""A user of this workspace: an id, an e-mail address, or `me`."""
TeamKey = Annotated[str, AfterValidator(_key), Of(Kind.TEAM)]
"""The key of a team of this workspace."""
Keys = Annotated[
    list[Annotated[str, AfterValidator(_key)]],
    Field(max_length=100),
    AfterValidator(_unique),
    Of(Kind.KEYS),
]
"""Several keys; the order counts, repetitions go."""
Words = Annotated[
    list[
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
            AfterValidator(_line),
        ]
    ],
    Field(max_length=500),
    AfterValidator(_unique),
    Of(Kind.KEYS),
]
"""Several short texts, such as permissions."""
Texts = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_line)], Text
    ],
    Field(max_length=500),
    Of(Kind.MAP),
]
"""Texts by name."""
ExternalIds = Annotated[
    dict[Annotated[str, AfterValidator(_source_key)], Line], Field(max_length=50), Of(Kind.MAP)
]
CustomValues = Annotated[dict[str, Any], Field(max_length=500), Of(Kind.MAP)]
"""Values of a workspace's own fields by key; each is checked as its definition says."""
