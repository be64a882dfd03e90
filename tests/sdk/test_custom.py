"""Custom fields from Python, on a real server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from cerebro_sdk import Cerebro, InvalidError
from cerebro_sdk.schemas.custom_types import adapter, normal_form


@pytest.fixture
def crm(running_server: Mapping[str, str]) -> Cerebro:
    return Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"])


def test_are_defined_written_and_read(crm: Cerebro) -> None:
    field = crm.fields.create(
        record_type="contacts", key="tier", type="select", options=["gold", "silver"]
    )
    assert (field.path, field.options[0].label) == ("contacts.tier", "Gold")
    contact = crm.contacts.create(last_name="Lovelace", custom={"tier": "gold"})
    assert contact.custom["tier"] == "gold"
    changed = crm.contacts.update(contact.id, custom={"tier": "silver"})
    assert changed.custom == {"tier": "silver"}
    assert [found.id for found in crm.contacts.list("tier = silver")] == [contact.id]
    with pytest.raises(InvalidError) as caught:
        crm.contacts.update(contact.id, custom={"tier": "iron"})
    assert "custom.tier" in caught.value.fields
    schemas = crm.workspace.openapi()["components"]["schemas"]
    tier = schemas["ContactCreate"]["properties"]["custom"]["properties"]["tier"]
    assert "gold" in str(tier)
    crm.fields.update("contacts.tier", is_active=False)
    assert crm.contacts.get(contact.id).custom == {}


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("decimal", "0E-999999999", "0"),
        ("decimal", "0E+999999999", "0"),
        ("decimal", "-0.00", "0"),
        ("decimal", "1E+3", "1000"),
        ("percent", "0E-999999999", "0"),
        ("currency", "0 EUR", "0"),
        ("currency", "-0.00 EUR", "0.00"),
        ("currency", "12.5000000 EUR", "12.5000"),
        ("currency", {"amount": "0E-999999999", "currency": "EUR"}, "0.0000"),
        ("currency", {"amount": "1E+2", "currency": "EUR"}, "100"),
        ("range", {"from": "0E-999999999"}, {"from": "0"}),
    ],
)
def test_numbers_are_written_short_whatever_their_exponent(kind: str, sent: Any, kept: Any) -> None:
    found = normal_form(adapter(kind), sent)
    assert (found["amount"] if kind == "currency" else found) == kept


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize(
    "sent", ["2026", "0", "-5", "+7", "1.5", "20260131", " 86400 ", 86_400, 1.5]
)
def test_bare_numbers_are_no_dates(kind: str, sent: Any) -> None:
    with pytest.raises(ValidationError):
        normal_form(adapter(kind), sent)


@pytest.mark.parametrize("sent", ["0002-01-01T00:00:00+14:00", "9998-12-31T23:59:59-14:00"])
def test_the_year_counts_as_it_is_kept(sent: str) -> None:
    with pytest.raises(ValidationError, match="year"):
        normal_form(adapter("datetime"), sent)
    assert normal_form(adapter("datetime"), "0003-01-01T00:00:00+14:00") == "0002-12-31T10:00:00Z"
