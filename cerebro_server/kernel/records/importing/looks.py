"""What the values of a column look like: e-mail addresses, phone numbers, dates, countries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.kinds import Day, Domain, Email, Kind, Timestamp, Url

SEEN = 200
"""Rows whose values are looked at."""
_PHONE = re.compile(r"[+(]?[\d][\d ()./+-]{4,28}\d(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"-?\d[\d ]*([.,]\d+)?")


class Look(NamedTuple):
    """What values can look like."""

    words: str
    """For people, in the plural."""
    fits: Callable[[str], bool]


def _by(annotation: Any) -> Callable[[str], bool]:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def fits(text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    return fits


_is_url = _by(Url)
OF_KIND = {
    Kind.EMAIL: Look("e-mail addresses", _by(Email)),
    Kind.USER: Look("users' e-mail addresses", _by(Email)),
    Kind.URL: Look("web addresses", lambda text: "." in text and " " not in text and _is_url(text)),
    Kind.DOMAIN: Look("domains", _by(Domain)),
    Kind.PHONE: Look("phone numbers", lambda text: sum(c.isdigit() for c in text) >= 3),
    Kind.DATE: Look("dates such as 2026-01-31", _by(Day)),
    Kind.DATETIME: Look("times such as 2026-01-31T12:00:00Z", _by(Timestamp)),
    Kind.INTEGER: Look("whole numbers", lambda text: text.isdecimal()),
    Kind.DECIMAL: Look("numbers", lambda text: _NUMBER.fullmatch(text) is not None),
}
"""What values of a field must look like, where its kind says it."""
UNMISTAKABLE: Sequence[tuple[Kind | None, Look]] = (
    (Kind.EMAIL, OF_KIND[Kind.EMAIL]),
    (Kind.URL, Look("web addresses", lambda text: _URL.fullmatch(text) is not None)),
    (
        Kind.PHONE,
        Look(
            "phone numbers",
            lambda text: _PHONE.fullmatch(text) is not None and text[0] in "+(0",
        ),
    ),
    (Kind.DOMAIN, Look("domains", lambda text: "." in text and OF_KIND[Kind.DOMAIN].fits(text))),
    (None, Look("country codes", lambda text: _COUNTRY.fullmatch(text) is not None)),
)
"""What values can be told by alone, the surest first; country codes are of no kind."""


def values_of(rows: Sequence[Sequence[Any]], index: int) -> list[str]:
    """Return the texts of a column that are not blank."""
    cells = (row[index] for row in rows if index < len(row))
    return [text for cell in cells if isinstance(cell, str) and (text := cell.strip())]


def share(look: Look, values: Sequence[str]) -> float:
    """Return how many of the values look so, from 0 to 1."""
    return sum(map(look.fits, values)) / len(values) if values else 0.0
