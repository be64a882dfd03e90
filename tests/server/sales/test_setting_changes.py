"""Settings with commands of their own: the journal tells who changed them and how, and undo gives
them back."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.server.operations.doing import ask, imported
from tests.server.sales.test_mapping import define

RULES = "/v1/duplicates/contacts/rules"


async def told(api: httpx.AsyncClient, noun: str) -> list[dict[str, Any]]:
    """Return what the journal has of a noun, newest first."""
    reply = await api.get("/v1/changes", params={"record_type": noun})
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def back(api: httpx.AsyncClient, change: dict[str, Any]) -> None:
    """Take a change back."""
    undo = await ask(api, "/v1/undo", {"what": f"seq:{change['seq']}", "yes": True})
    assert (undo["state"], sum(undo["done"].values()) > 0) == ("applied", True), undo


async def test_rules_by_which_duplicates_are_found(api: httpx.AsyncClient, main: People) -> None:
    ours = (await api.get(RULES)).json()["rules"]
    for review in (0.5, 0.6):
        assert (await api.put(RULES, json={**ours, "review": review})).status_code == 200
    second, first = await told(api, "duplicate_rules")
    assert [each["action"] for each in (first, second)] == ["created", "updated"]
    old, new = second["diff"]["rules"]
    assert (old["review"], new["review"]) == (0.5, 0.6)
    assert second["actor"]["type"] == "key"
    await back(api, second)
    assert (await api.get(RULES)).json()["rules"]["review"] == 0.5
    assert (await api.delete(RULES)).status_code == 200
    [reset, *_] = await told(api, "duplicate_rules")
    assert reset["diff"]["rules"][1] is None
    await back(api, reset)
    found = (await api.get(RULES)).json()
    assert (found["rules"]["review"], found["is_default"]) == (0.5, False)
    await back(api, first)  # from when there were none of their own
    assert (await api.get(RULES)).json()["is_default"] is True
    agent = main.signed("age", "agent")
    listed = await api.get("/v1/changes?record_type=duplicate_rules", headers=agent)
    assert listed.json()["items"] == []


async def test_the_lead_mapping_key_by_key(api: httpx.AsyncClient) -> None:
    for noun, key in (("leads", "budget"), ("companies", "means"), ("deals", "worth")):
        await define(api, noun, key, "integer")
    url = "/v1/lead_mapping"
    one = {"companies": {"means": "budget"}}
    both = {**one, "deals": {"worth": "budget"}}
    for body in (one, both, both):
        assert (await api.put(url, json=body)).status_code == 200
    second, first = await told(api, "lead_mappings")
    assert second["diff"] == {"deals": {"worth": [None, "budget"]}}
    await back(api, second)
    assert (await api.get(url)).json() == {**one, "contacts": {}, "deals": {}}
    await back(api, first)
    assert (await api.get(url)).json() == {"companies": {}, "contacts": {}, "deals": {}}
    assert (await api.put(url, json=both)).status_code == 200
    assert (await api.get(url)).json() == {**both, "contacts": {}}


async def test_saved_mappings_of_files(api: httpx.AsyncClient) -> None:
    for column in ("Surname", "Family"):
        file = f"{column}\nLovelace\n"
        await imported(api, "contacts", file, map={column: "last_name"}, save_mapping="crm")
    second, first = await told(api, "import_mappings")
    assert [each["action"] for each in (first, second)] == ["created", "updated"]
    assert "Family" in second["diff"]["mapping"][1]["columns"]
    await back(api, second)
    url = "/v1/mappings/contacts/crm"
    assert (await api.get(url)).json()["columns"] == {"Surname": "last_name"}
    assert (await api.delete(url)).status_code == 200
    assert (await api.get(url)).status_code == 404
    [gone, *_] = await told(api, "import_mappings")
    assert gone["action"] == "deleted"
    await back(api, gone)
    assert (await api.get(url)).json()["columns"] == {"Surname": "last_name"}
