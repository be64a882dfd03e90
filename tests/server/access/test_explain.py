"""Why, and why not."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People

URL = "/v1/access/explain"


async def test_says_what_each_role_says(api: httpx.AsyncClient, main: People) -> None:
    main.role("german", ["companies:read"], row_rules={"companies": "country = DE"})
    main.role("own", ["companies:read:own", "companies:update:own"])
    user = main.user("ada", "german", "own")
    company = {"name": "Bonn", "domain": "bonn.example", "country": "DE"}
    await api.post("/v1/companies", json=company)
    asked = {"user": "ada@cerebro.test", "record": "companies/bonn.example"}
    found = (await api.get(URL, params=asked)).json()
    assert (found["allowed"], found["user_id"]) == (True, str(user))
    assert found["detail"] == "Yes: Ada may read it through german."
    assert [(reason["role"], reason["allows"]) for reason in found["reasons"]] == [
        ("german", True),
        ("own", False),
    ]
    assert "fit `country = DE`, and this one is" in found["reasons"][0]["detail"]
    found = (await api.get(URL, params={**asked, "action": "update"})).json()
    assert found["allowed"] is False
    assert found["detail"] == "No: none of the roles of Ada has companies:update for this record."
    await api.patch("/v1/companies/bonn.example", json={"country": "FR"})
    found = (await api.get(URL, params={**asked, "action": "update"})).json()
    assert found["detail"] == "No: none of the roles of Ada lets them read this record."


async def test_agrees_with_what_happens(api: httpx.AsyncClient, main: People) -> None:
    main.team("red")
    main.role("own", ["companies:read:team", "companies:update:own", "companies:delete:team"])
    user = main.user("ada", "own", teams=["red"])
    headers = {"Authorization": f"Bearer {main.key('*', user=user)}"}
    records = [
        (await api.post("/v1/companies", json={"name": "A", **more})).json()["id"]
        for more in ({}, {"team": "red"}, {"owner_id": str(user)})
    ]
    for record in records:
        for action, method, body in (("read", "GET", None), ("update", "PATCH", {"city": "X"})):
            params = {"user": str(user), "record": f"companies/{record}", "action": action}
            said = (await api.get(URL, params=params)).json()["allowed"]
            reply = await api.request(method, f"/v1/companies/{record}", json=body, headers=headers)
            assert (reply.status_code == 200) is said, (record, action)


async def test_is_for_oneself_or_for_those_who_may(api: httpx.AsyncClient, main: People) -> None:
    headers = main.signed("ada", "agent")
    await api.post("/v1/companies", json={"name": "A", "domain": "a.example"})
    params = {"record": "companies/a.example", "action": "delete"}
    found = await api.get(URL, params=params, headers=headers)
    assert (found.status_code, found.json()["allowed"]) == (200, False)
    other = {**params, "user": str(main.owner)}
    reply = await api.get(URL, params=other, headers=headers)
    assert (reply.status_code, reply.json()["permission"]) == (403, "access:read")


async def test_names_the_fields_that_are_not_plain(api: httpx.AsyncClient, main: People) -> None:
    main.role("short", ["contacts:read"], field_rules={"contacts.phone": "masked"})
    main.user("ada", "short")
    made = (await api.post("/v1/contacts", json={"last_name": "B"})).json()
    params = {"user": "ada@cerebro.test", "record": f"contacts/{made['id']}"}
    assert (await api.get(URL, params=params)).json()["fields"] == {"phone": "masked"}


async def test_says_what_is_wrong_with_the_question(api: httpx.AsyncClient) -> None:
    await api.post("/v1/companies", json={"name": "A", "domain": "a.example"})
    for params, status in (
        ({"record": "dragons/x"}, 422),
        ({"record": "companies"}, 404),
        ({"record": "companies/none.example"}, 404),
        ({"record": "companies/a.example", "action": "fly"}, 422),
        ({"record": "companies/a.example", "user": "nobody@cerebro.test"}, 404),
    ):
        reply = await api.get(URL, params=params)
        assert reply.status_code == status, params


async def test_the_matrix_has_every_permission_and_role(
    api: httpx.AsyncClient, main: People
) -> None:
    main.role("short", ["companies:read:team"])
    rows = {
        row["permission"]: row["roles"]
        for row in (await api.get("/v1/access/matrix")).json()["rows"]
    }
    assert rows["companies:read"] == {
        **dict.fromkeys(("owner", "admin", "manager", "agent", "read_only"), "all"),
        "short": "team",
    }
    assert rows["companies:delete"] == {
        **{"owner": "all", "admin": "all", "manager": "team", "agent": "own"}
    }
    assert rows["access:read"] == {"owner": "all", "admin": "all"}
