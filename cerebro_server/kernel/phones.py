"""Phone numbers: from what people type to E.164."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Number(NamedTuple):
    """A phone number in its normal form, or the text that is none."""

    text: str
    """E.164, `+493012345678`; as typed where it is no number."""
    extension: str | None
    is_valid: bool


@lru_cache(10_000)
def read(typed: str, region: str | None) -> Number:
    """Read a number as people write it; without a region it must begin with + and the country.

    Numbers of the right length count: which blocks a country has given out changes every month.
    """
    import phonenumbers  # here: its tables of every country take 0.1 s to load

    try:
        parsed = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return Number(typed, None, is_valid=False)
    if not phonenumbers.is_possible_number(parsed):
        return Number(typed, None, is_valid=False)
    form = phonenumbers.PhoneNumberFormat.E164
    text = phonenumbers.format_number(parsed, form)
    return Number(text, parsed.extension or None, is_valid=True)


def normal(typed: str, region: str | None) -> str | None:
    """Return a text's E.164 form; None where it is no number."""
    if not any(character.isdigit() for character in typed) or len(typed) > 60:
        return None
    found = read(typed, region)
    return found.text if found.is_valid else None
