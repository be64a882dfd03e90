"""Nobody gives what they do not hold, and nobody takes it from those who hold more."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cerebro_server.kernel.ids import uuid7
from tests.fixtures.people import People


async def test_an_administrator_makes_and_changes_everybody_but_owners(
    api: httpx.AsyncClient, main: People
) -> None:
    headers = main.signed("admin", "admin")
    body = {"name": "Bo", "email": "bo@cerebro.test", "roles": ["manager", "agent"]}
    reply = await api.post("/v1/users", json=body, headers=headers)
    assert reply.status_code == 201
    reply = await api.patch("/v1/users/bo@cerebro.test", json={"roles": ["admin"]}, headers=headers)
    assert reply.status_code == 200
    reply = await api.patch("/v1/users/bo@cerebro.test", json={"roles": ["owner"]}, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")
    owner = (await api.get(f"/v1/users/{main.owner}")).json()
    for method, path, changes in (
        ("PATCH", "", {"name": "Mine now"}),
        ("PATCH", "", {"roles": []}),
        ("DELETE", "", None),
    ):
        reply = await api.request(
            method, f"/v1/users/{main.owner}{path}", json=changes, headers=headers
        )
        assert reply.status_code == 403, method
    assert (await api.get(f"/v1/users/{main.owner}")).json() == owner


async def test_nobody_makes_a_role_that_holds_more_than_they_do(
    api: httpx.AsyncClient, main: People
) -> None:
    main.role("keeper", ["roles:read", "roles:create", "roles:update", "companies:read:team"])
    headers = main.signed("ada", "keeper")
    for permissions, status in (
        (["companies:read:own"], 201),
        (["companies:read:team"], 201),
        (["companies:read"], 403),
        (["contacts:read:own"], 403),
        (["companies:*:own"], 403),
        (["*:read:own"], 403),
        (["*"], 403),
    ):
        body = {
            "key": f"r{status}_{len(str(permissions))}",
            "name": "R",
            "permissions": permissions,
        }
        reply = await api.post("/v1/roles", json=body, headers=headers)
        assert reply.status_code == status, (permissions, reply.text)
    reply = await api.patch(
        "/v1/roles/r201_22", json={"permissions": ["companies:delete"]}, headers=headers
    )
    assert reply.status_code == 403


async def test_a_key_gives_no_more_than_it_holds(api: httpx.AsyncClient, main: People) -> None:
    headers = {"Authorization": f"Bearer {main.key('users:*', 'roles:read')}"}
    body = {"name": "Bo", "email": "bo@cerebro.test", "roles": ["agent"]}
    assert (await api.post("/v1/users", json=body, headers=headers)).status_code == 403
    body["roles"] = []
    assert (await api.post("/v1/users", json=body, headers=headers)).status_code == 201


async def test_the_last_owner_stays(api: httpx.AsyncClient, main: People) -> None:
    address = f"/v1/users/{main.owner}"
    for reply in (
        await api.patch(address, json={"roles": ["admin"]}),
        await api.delete(address),
    ):
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "last_owner")
    main.user("second", "owner")
    assert (await api.patch(address, json={"roles": ["admin"]})).status_code == 200


async def test_two_owners_who_demote_each_other_leave_one(
    api: httpx.AsyncClient, main: People
) -> None:
    for _ in range(5):
        first, second = (main.user(f"o{uuid7().hex}", "owner") for _ in range(2))
        main.connection.execute(
            "update users set roles = '{admin}' where id <> all(%s)", ([first, second],)
        )
        keys = [{"Authorization": f"Bearer {main.key('*', user=user)}"} for user in (first, second)]
        replies = await asyncio.gather(
            api.patch(f"/v1/users/{second}", json={"roles": []}, headers=keys[0]),
            api.patch(f"/v1/users/{first}", json={"roles": []}, headers=keys[1]),
        )
        assert 200 in {reply.status_code for reply in replies}
        assert {reply.status_code for reply in replies} <= {200, 401, 403, 422}
        row = main.connection.execute(
            "select count(*) from users where 'owner' = any(roles) and disabled_at is null"
        ).fetchone()
        assert row == (1,)


async def test_built_in_roles_stay_as_they_are(api: httpx.AsyncClient) -> None:
    for role in ("owner", "admin", "manager", "agent", "read_only"):
        for reply in (
            await api.patch(f"/v1/roles/{role}", json={"permissions": ["*"]}),
            await api.delete(f"/v1/roles/{role}"),
        ):
            assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "built_in")


async def test_a_role_in_use_cannot_be_deleted(api: httpx.AsyncClient, main: People) -> None:
    main.role("short", ["companies:read"])
    user = main.user("ada", "short")
    reply = await api.delete("/v1/roles/short")
    assert reply.json()["errors"][0]["code"] == "in_use"
    await api.patch(f"/v1/users/{user}", json={"roles": []})
    assert (await api.delete("/v1/roles/short")).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"roles": ["wizard"]}, "unknown_role"),
        ({"teams": ["nowhere"]}, "unknown_team"),
    ],
)
async def test_unknown_roles_and_teams_are_refused(
    api: httpx.AsyncClient, body: dict[str, list[str]], code: str
) -> None:
    person = {"name": "Bo", "email": "bo@cerebro.test", **body}
    reply = await api.post("/v1/users", json=person)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, code)


@pytest.mark.parametrize("text", ["companies", "companies:fly", "dragons:read", "companies:read:x"])
async def test_unknown_permissions_are_refused(api: httpx.AsyncClient, text: str) -> None:
    reply = await api.post("/v1/roles", json={"key": "odd", "name": "O", "permissions": [text]})
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "unknown_permission")
