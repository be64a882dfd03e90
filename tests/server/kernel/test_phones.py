"""Numbers in full are read without the library, and as it reads them."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cerebro_server.kernel import phones

_DIGITS = st.text("0123456789", min_size=1, max_size=15)
_SEPARATORS = st.sampled_from(["", "", " ", "-", ".", " (", ") "])


@st.composite
def typed(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)))
    return f"+{code}" + "".join(draw(_SEPARATORS) + digit for digit in draw(_DIGITS))


@settings(max_examples=2_000, deadline=None)
@given(typed())
def test_reads_as_the_library(text: str) -> None:
    found = phones.read(text, None)
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        assert found == (text, None, False)
        return
    if not phonenumbers.is_possible_number(parsed):
        assert found == (text, None, False)
        return
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert found == (e164, None, True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 30 1000000", "+49301000000"),
        ("+49 (0)30 1000000", "+49301000000"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("+800 1234 5678", "+80012345678"),
    ],
)
def test_knows_trunk_prefixes_and_leading_zeros(text: str, number: str) -> None:
    assert phones.read(text, None) == (number, None, True)
