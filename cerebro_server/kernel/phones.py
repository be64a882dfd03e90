"""Phone numbers: from what people type to E.164."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_INTERNATIONAL = re.compile(r"\+[1-9][0-9 ().-]{5,30}[0-9]")
_SEPARATORS = str.maketrans("", "", " ().-")


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

    if (plain := _international(typed)) is not None:
        return plain
    try:
        parsed = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return Number(typed, None, is_valid=False)
    if not phonenumbers.is_possible_number(parsed):
        return Number(typed, None, is_valid=False)
    form = phonenumbers.PhoneNumberFormat.E164
    text = phonenumbers.format_number(parsed, form)
    return Number(text, parsed.extension or None, is_valid=True)


class _Plan(NamedTuple):
    """What a country's numbers are like."""

    trunk: re.Pattern[str] | None
    """What may stand before a number inside of the country, and goes."""
    lengths: frozenset[int]


def _international(typed: str) -> Number | None:
    """Read a number that is written in full and needs nothing but its separators taken out; None
    for all others. It says what `phonenumbers` says, in a fifth of the time."""
    if _INTERNATIONAL.fullmatch(typed) is None:
        return None
    text = typed.translate(_SEPARATORS)
    for digits in (1, 2, 3):
        if (plan := _plan(int(text[1 : digits + 1]))) is not None:
            national = text[digits + 1 :]
            if len(national) not in plan.lengths or (plan.trunk and plan.trunk.match(national)):
                return None
            return Number(text, None, is_valid=True)
    return None


@lru_cache(1_000)
def _plan(country_code: int) -> _Plan | None:
    import phonenumbers

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(country_code)
    if regions is None:
        return None
    found = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(country_code, regions[0])
    if found is None or found.general_desc is None:
        return None
    trunk = found.national_prefix_for_parsing
    lengths = (n for n in found.general_desc.possible_length if n > 0)
    return _Plan(re.compile(trunk) if trunk else None, frozenset(lengths))


def normal(typed: str, region: str | None) -> str | None:
    """Return a text's E.164 form; None where it is no number."""
    if not any(character.isdigit() for character in typed) or len(typed) > 60:
        return None
    found = read(typed, region)
    return found.text if found.is_valid else None
