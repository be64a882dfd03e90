"""Paths in filters: what may not be seen is not there at their other end either."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People

URL = "/v1/companies"


async def found(api: httpx.AsyncClient, where: str, headers: dict[str, str]) -> httpx.Response:
    return await api.get(URL, params={"where": where, "sort": "name"}, headers=headers)


async def test_lead_to_nobody_who_may_not_be_seen(api: httpx.AsyncClient, main: People) -> None:
    main.role("lonely", ["companies:read", "users:read:own"])
    ada = main.user("ada", "lonely")
    headers = {"Authorization": f"Bearer {main.key('*', user=ada)}"}
    await api.post(URL, json={"name": "Hers", "owner_id": str(ada)})
    await api.post(URL, json={"name": "Theirs"})
    for where in (
        "owner.name = Owner",
        'owner.email = "owner@localhost"',
        "owner has (name = Owner)",
    ):
        reply = await found(api, where, headers)
        assert (reply.status_code, reply.json()["items"]) == (200, []), where
    reply = await found(api, "owner.name = ada", headers)
    assert [item["name"] for item in reply.json()["items"]] == ["Hers"]


async def test_are_unknown_without_the_right_to_read(api: httpx.AsyncClient, main: People) -> None:
    main.role("blind", ["companies:read"])
    headers = main.signed("ada", "blind")
    reply = await found(api, "owner.name = Owner", headers)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_query")
    assert (await found(api, "owner = me", headers)).status_code == 200


async def test_do_not_go_by_hidden_or_masked_fields(api: httpx.AsyncClient, main: People) -> None:
    main.role(
        "short",
        ["companies:read", "users:read"],
        field_rules={"users.email": "masked", "users.name": "hidden"},
    )
    headers = main.signed("ada", "short")
    for where in ("owner.email contains owner", "owner.name = Owner", "owner has (name = Owner)"):
        assert (await found(api, where, headers)).status_code == 422, where


async def test_of_a_row_rule_may_go_where_its_role_may_not(
    api: httpx.AsyncClient, main: People
) -> None:
    rule = 'owner.email = "ada@cerebro.test"'
    main.role("hers", ["companies:read"], row_rules={"companies": rule})
    ada = main.user("ada", "agent")
    headers = main.signed("bob", "hers")
    await api.post(URL, json={"name": "Hers", "owner_id": str(ada)})
    await api.post(URL, json={"name": "Others"})
    reply = await api.get(URL, headers=headers)
    assert [item["name"] for item in reply.json()["items"]] == ["Hers"]
    assert (await found(api, "owner.name = ada", headers)).status_code == 422
