"""Assignment rules and their members, for tests."""

from __future__ import annotations

from typing import Any

import httpx

RULES, MEMBERS = "/v1/assignment_rules", "/v1/assignment_members"


async def rule(
    api: httpx.AsyncClient, name: str, members: dict[str, int | None], **fields: Any
) -> dict[str, Any]:
    """Make a rule with members: capacity by user name."""
    reply = await api.post(RULES, json={"name": name, **fields})
    assert reply.status_code == 201, reply.text
    for user, room in members.items():
        body = {"rule_id": name, "user_id": f"{user}@cerebro.test", "capacity_per_month": room}
        made = await api.post(MEMBERS, json=body)
        assert made.status_code == 201, made.text
    found: dict[str, Any] = reply.json()
    return found


async def owners(api: httpx.AsyncClient, where: str = "") -> list[str | None]:
    """Return who owns each lead, by name, in the order in which they came."""
    people = (await api.get("/v1/users", params={"limit": 500})).json()["items"]
    names = {each["id"]: each["name"] for each in people}
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"sort": "id", "limit": 500, **({"where": where} if where else {})}
    while True:
        page = (await api.get("/v1/leads", params=asked)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return [names.get(each["owner_id"]) for each in found]
        asked["cursor"] = page["next_cursor"]
