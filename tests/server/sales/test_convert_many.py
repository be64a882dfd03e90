"""Several leads converted at once: each by itself, with a result of its own."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.operations.doing import ask
from tests.server.sales.converting import ADA, converted, count, get, lead


async def many(api: httpx.AsyncClient, *leads: str, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ask(api, "/v1/leads/convert", {"leads": leads, **how}, 200)
    return found


async def test_each_has_a_result_and_one_refused_stops_none(api: httpx.AsyncClient) -> None:
    one, twin = await lead(api, **ADA), await lead(api, **ADA)
    done, other = await lead(api, last_name="Done"), await lead(api, last_name="Byron")
    await converted(api, done)
    named = (one["id"], twin["id"], done["id"], "nobody", other["id"])
    found = await many(api, *named)
    assert (found["converted"], found["refused"]) == (2, 3)
    assert [each["lead"] for each in found["results"]] == list(named)
    first, second, third, fourth, last = found["results"]
    kept = await get(api, "leads", one["id"])
    assert first["contact_id"] == kept["converted_contact_id"]
    assert first["deal_id"] == kept["converted_deal_id"]
    assert second["problem"]["code"] == "possible_duplicate"
    assert second["problem"]["candidates"][0]["id"] == first["company_id"]
    assert third["problem"]["code"] == "lead_converted"
    assert fourth["problem"]["code"] == "not_found"
    assert last["made"] == ["contact", "deal", "deal_contact"]
    assert (await get(api, "leads", twin["id"]))["converted_at"] is None


async def test_options_hold_for_each(api: httpx.AsyncClient) -> None:
    leads = [(await lead(api, last_name=name))["id"] for name in ("Byron", "King")]
    assert (await many(api, *leads, deal=False, dry_run=True))["converted"] == 2
    assert await count(api, "contacts") == 0
    assert (await many(api, *leads, deal=False))["converted"] == 2
    assert (await count(api, "contacts"), await count(api, "deals")) == (2, 0)


async def test_each_is_taken_back_by_itself(api: httpx.AsyncClient) -> None:
    leads = [(await lead(api, last_name=name))["id"] for name in ("Byron", "King")]
    await many(api, *leads)
    await ask(api, "/v1/undo", {"what": f"leads/{leads[0]}", "yes": True})
    assert (await get(api, "leads", leads[0]))["converted_at"] is None
    assert (await get(api, "leads", leads[1]))["converted_at"] is not None
    assert await count(api, "contacts") == 1


async def test_more_than_a_hundred_are_refused(api: httpx.AsyncClient) -> None:
    reply = await api.post("/v1/leads/convert", json={"leads": ["x"] * 101})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/leads"


async def test_what_is_said_for_all_is_looked_at_first(api: httpx.AsyncClient) -> None:
    one = (await lead(api, last_name="Byron"))["id"]
    for said in ({"owner_id": "nobody@x.example"}, {"team": "nowhere"}, {"status_id": one}):
        reply = await api.post("/v1/leads/convert", json={"leads": [one], **said})
        assert reply.status_code == 422, said
        assert reply.json()["errors"][0]["pointer"] == f"/{next(iter(said))}"
    assert await count(api, "contacts") == 0
