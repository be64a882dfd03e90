"""Custom fields from Python, on a real server."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cerebro_sdk import Cerebro, InvalidError


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
