"""Which records: scopes and row rules, in every read and every write."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People

URL = "/v1/companies"
EVERY = ("read", "create", "update", "delete", "restore", "import", "export")


def whole(scope: str = "all") -> list[str]:
    return [*(f"companies:{action}:{scope}" for action in EVERY), "changes:read"]


async def make(api: httpx.AsyncClient, name: str, **fields: Any) -> dict[str, Any]:
    reply = await api.post(URL, json={"name": name, **fields})
    assert reply.status_code == 201, reply.text
    company: dict[str, Any] = reply.json()
    return company


async def names(api: httpx.AsyncClient, headers: dict[str, str], **query: str) -> list[str]:
    reply = await api.get(URL, params={"sort": "name", **query}, headers=headers)
    assert reply.status_code == 200, reply.text
    return [item["name"] for item in reply.json()["items"]]


async def imported(api: httpx.AsyncClient, headers: dict[str, str], text: str) -> dict[str, Any]:
    reply = await api.post(
        f"{URL}/import", content=text, headers={**headers, "content-type": "text/csv"}
    )
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


class TestScopes:
    async def test_own_and_team_and_all(self, api: httpx.AsyncClient, main: People) -> None:
        for team in ("red", "blue"):
            main.team(team)
        main.role("own", whole("own"))
        main.role("team", whole("team"))
        ada = main.user("ada", "own", teams=["red"])
        for name, owner, team in (
            ("Hers", str(ada), "blue"),
            ("Red", None, "red"),
            ("Blue", None, "blue"),
        ):
            await make(api, name, team=team, **({"owner_id": owner} if owner else {}))
        of_ada = {"Authorization": f"Bearer {main.key('*', user=ada)}"}
        assert await names(api, of_ada) == ["Hers"]
        assert await names(api, main.signed("bob", "team", teams=["red"])) == ["Red"]
        assert await names(api, main.signed("cy", "own", "read_only")) == ["Blue", "Hers", "Red"]

    async def test_a_new_record_is_its_makers_and_of_their_first_team(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.team("red")
        headers = main.signed("ada", "agent", teams=["red"])
        reply = await api.post(URL, json={"name": "A"}, headers=headers)
        me = (await api.get("/v1/users/ada@cerebro.test")).json()
        assert (reply.json()["owner_id"], reply.json()["team"]) == (me["id"], "red")
        reply = await api.post(URL, json={"name": "B", "owner_id": "me"}, headers=headers)
        assert reply.json()["owner_id"] == me["id"]
        given = {"name": "C", "owner_id": "ADA@cerebro.test", "team": "red"}
        assert (await api.post(URL, json=given)).json()["owner_id"] == me["id"]

    async def test_who_may_change_their_own_may_not_give_it_away(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("own", whole("own"))
        headers = main.signed("ada", "own")
        record = (await api.post(URL, json={"name": "A"}, headers=headers)).json()
        reply = await api.patch(
            f"{URL}/{record['id']}", json={"owner_id": str(main.owner)}, headers=headers
        )
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")
        assert (await api.get(f"{URL}/{record['id']}")).json() == record
        given = {"name": "B", "owner_id": str(main.owner)}
        assert (await api.post(URL, json=given, headers=headers)).status_code == 403
        assert await names(api, headers) == ["A"]

    async def test_a_key_that_an_unseen_record_has_is_taken_and_names_nobody(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("own", whole("own"))
        headers = main.signed("ada", "own")
        hidden = await make(api, "Hidden", domain="hidden.example")
        reply = await api.post(
            URL, json={"name": "Mine", "domain": "hidden.example"}, headers=headers
        )
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")
        assert hidden["id"] not in reply.text

    @pytest.mark.parametrize("reference", ["hidden.example", "crm:77", "id", "end"])
    async def test_no_reference_finds_what_is_not_seen(
        self, api: httpx.AsyncClient, main: People, reference: str
    ) -> None:
        main.role("own", whole("own"))
        headers = main.signed("ada", "own")
        hidden = await make(api, "Hidden", domain="hidden.example", external_ids={"crm": "77"})
        name = {"id": hidden["id"], "end": hidden["id"][-7:]}.get(reference, reference)
        for method in ("GET", "PATCH", "DELETE"):
            body = {"name": "Taken"} if method == "PATCH" else None
            reply = await api.request(method, f"{URL}/{name}", json=body, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), method
        asked = {"record": f"companies/{name}"}
        reply = await api.get("/v1/changes", params=asked, headers=headers)
        assert reply.status_code == 404 or reply.json()["items"] == []
        assert (await api.get(f"{URL}/{hidden['id']}")).json() == hidden


class TestRowRules:
    async def test_hold_in_lists_exports_filters_and_the_journal(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("german", whole(), row_rules={"companies": "country = DE"})
        headers = main.signed("ada", "german")
        for name, country in (("Berlin", "DE"), ("Paris", "FR"), ("Bonn", "de")):
            await make(api, name, country=country)
        assert await names(api, headers) == ["Berlin", "Bonn"]
        assert await names(api, headers, where="country = FR or name = Berlin") == ["Berlin"]
        exported = await api.get(f"{URL}/export", params={"columns": "name"}, headers=headers)
        assert sorted(exported.text.split()) == ["Berlin", "Bonn", "name"]
        changes = await api.get("/v1/changes", params={"limit": 500}, headers=headers)
        assert len(changes.json()["items"]) == 2

    async def test_hold_for_what_is_written(self, api: httpx.AsyncClient, main: People) -> None:
        main.role("german", whole(), row_rules={"companies": "country = DE"})
        headers = main.signed("ada", "german")
        outside = {"name": "Paris", "country": "FR"}
        key = {"Idempotency-Key": '"once-and-for-all"'}
        for more in ({}, key):
            reply = await api.post(URL, json=outside, headers={**headers, **more})
            assert reply.status_code == 403
        mine = await api.post(URL, json={"name": "Bonn", "country": "DE"}, headers=headers)
        address = f"{URL}/{mine.json()['id']}"
        reply = await api.patch(address, json={"country": "FR"}, headers=headers)
        assert reply.status_code == 403
        assert (await api.get(address)).json()["version"] == 1
        assert await names(api, headers) == ["Bonn"]

    async def test_refuse_rows_of_a_file_one_by_one(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("german", whole(), row_rules={"companies": "country = DE"})
        headers = main.signed("ada", "german")
        await make(api, "Paris", domain="paris.example", country="FR")
        await make(api, "Bonn", domain="bonn.example", country="DE")
        text = (
            "name,domain,country\nBerlin,berlin.example,DE\nRome,rome.example,IT\n"
            "Paris 2,paris.example,DE\nBonn,bonn.example,AT\n"
        )
        for url in ("?dry_run=true", ""):
            reply = await api.post(
                f"{URL}/import{url}", content=text, headers={**headers, "content-type": "text/csv"}
            )
            report = reply.json()
            assert (report["created"], report["updated"], report["refused"]) == (1, 0, 3), report
            assert [error["line"] for error in report["errors"]] == [3, 4, 5]
            assert {error["code"] for error in report["errors"]} == {"forbidden"}
        assert await names(api, headers) == ["Berlin", "Bonn"]
        assert (await api.get(f"{URL}/paris.example")).json()["country"] == "FR"

    async def test_of_several_roles_add_up(self, api: httpx.AsyncClient, main: People) -> None:
        main.role("german", whole(), row_rules={"companies": "country = DE"})
        main.role("french", ["companies:read"], row_rules={"companies": "country = FR"})
        headers = main.signed("ada", "german", "french")
        await make(api, "Bonn", country="DE")
        paris = await make(api, "Paris", country="FR")
        await make(api, "Rome", country="IT")
        assert await names(api, headers) == ["Bonn", "Paris"]
        address = f"{URL}/{paris['id']}"
        reply = await api.patch(address, json={"name": "P"}, headers=headers)
        assert reply.status_code == 403, "the role that shows it does not let it be changed"

    @pytest.mark.parametrize(
        ("rules", "pointer"),
        [
            ({"companies": "contry = DE"}, "/row_rules/companies"),
            ({"companies": "country = "}, "/row_rules/companies"),
            ({"dragons": "country = DE"}, "/row_rules/dragons"),
        ],
    )
    async def test_that_mean_nothing_are_refused(
        self, api: httpx.AsyncClient, rules: dict[str, str], pointer: str
    ) -> None:
        body = {"key": "odd", "name": "Odd", "row_rules": rules}
        reply = await api.post("/v1/roles", json=body)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == pointer

    async def test_may_speak_of_oneself_and_ones_teams(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.team("red")
        rule = "owner = me or team = my.teams"
        main.role("mine", whole(), row_rules={"companies": rule})
        headers = main.signed("ada", "mine", teams=["red"])
        await make(api, "Ours", team="red")
        await make(api, "Theirs")
        await api.post(URL, json={"name": "Mine"}, headers=headers)
        assert await names(api, headers) == ["Mine", "Ours"]


async def test_what_changes_bites_on_the_next_request(api: httpx.AsyncClient, main: People) -> None:
    headers = main.signed("ada", "agent")
    assert (await api.get(URL, headers=headers)).status_code == 200
    reply = await api.patch("/v1/users/ada@cerebro.test", json={"roles": []})
    assert reply.status_code == 200
    assert (await api.get(URL, headers=headers)).status_code == 403
    await api.patch("/v1/users/ada@cerebro.test", json={"roles": ["read_only"]})
    assert (await api.get(URL, headers=headers)).status_code == 200
    assert (await api.post(URL, json={"name": "A"}, headers=headers)).status_code == 403
    await api.delete("/v1/users/ada@cerebro.test")
    assert (await api.get(URL, headers=headers)).status_code == 401
