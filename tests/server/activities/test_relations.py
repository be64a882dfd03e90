"""From a contact, company, deal or lead, filters reach its tasks and activities."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People

TITLES = {"contacts": "last_name", "companies": "name", "deals": "name", "leads": "last_name"}
TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "tasks": ({"subject": "Call"}, "status = open"),
    "activities": ({"type": "call", "subject": "First"}, "type = call"),
}


async def made(api: httpx.AsyncClient, noun: str, **values: Any) -> str:
    reply = await api.post(f"/v1/{noun}", json=values)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def found(api: httpx.AsyncClient, noun: str, where: str, **how: Any) -> list[str]:
    reply = await api.get(f"/v1/{noun}", params={"where": where}, **how)
    assert reply.status_code == 200, reply.text
    return [each["id"] for each in reply.json()["items"]]


@pytest.mark.parametrize("noun", TITLES)
async def test_filters_reach_what_is_told_of_a_record(api: httpx.AsyncClient, noun: str) -> None:
    singular = "company" if noun == "companies" else noun.removesuffix("s")
    one, other = [await made(api, noun, **{TITLES[noun]: name}) for name in ("Lovelace", "Hopper")]
    for told, (values, where) in TOLD.items():
        await made(api, told, **{**values, f"{singular}_id": one})
        assert await found(api, noun, f"{told} has ({where})") == [one]
        assert await found(api, noun, f"not ({told} has ({where}))") == [other]


async def test_what_may_not_be_read_is_not_there(api: httpx.AsyncClient, main: People) -> None:
    deal = await made(api, "deals", name="Fleet")
    await made(api, "tasks", subject="Call", deal_id=deal)
    main.role("reader", ["deals:read", "tasks:read:own"])
    limited = {"headers": main.signed("grace", "reader")}
    assert await found(api, "deals", "tasks has (status = open)", **limited) == []
    main.role("blind", ["deals:read"])
    headers = main.signed("eve", "blind")
    reply = await api.get(
        "/v1/deals", params={"where": "tasks has (status = open)"}, headers=headers
    )
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_query")


async def test_a_field_that_was_called_so_before_is_what_is_meant(
    api: httpx.AsyncClient, main: People
) -> None:
    made_so = {"record_type": "deals", "key": "chores", "type": "text"}
    reply = await api.post("/v1/fields", json=made_so)
    assert reply.status_code == 201, reply.text
    one, _ = [await made(api, "deals", name=n, custom={"chores": n}) for n in "AB"]
    main.connection.execute("update fields set key = 'tasks' where key = 'chores'")
    main.connection.execute(
        "update deals set custom = jsonb_build_object('tasks', custom -> 'chores')"
    )
    assert await found(api, "deals", "tasks = A") == [one]
