"""Rules for rows and fields hold for custom fields, too."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.people import People

from .conftest import define, make

URL = "/v1/contacts"
EVERY = ("read", "create", "update", "import", "export")
WHOLE = [*(f"contacts:{action}" for action in EVERY), "changes:read", "fields:read"]


async def rule(api: httpx.AsyncClient, main: People, **rules: dict[str, str]) -> dict[str, str]:
    """Make a role through the API, and somebody who has it."""
    payload = {"key": "limited", "name": "Limited", "permissions": WHOLE, **rules}
    reply = await api.post("/v1/roles", json=payload)
    assert reply.status_code == 201, reply.text
    return main.signed("lim", "limited")


class TestHidden:
    async def test_is_nowhere(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "tier", "text", is_required=True)
        await define(api, "score", "integer")
        lim = await rule(api, main, field_rules={"contacts.tier": "hidden"})
        made = await make(api, tier="Platinum", score=7)
        await api.patch(f"{URL}/{made['id']}", json={"custom": {"tier": "Titanium"}})
        replies = [
            await api.get(path, headers=lim)
            for path in (
                *(URL, f"{URL}/{made['id']}", f"{URL}/export", "/v1/changes", "/v1/openapi"),
                f"{URL}/export?format=jsonl",
            )
        ]
        for reply in replies:
            assert reply.status_code == 200
            assert "tanium" not in reply.text
            assert "Platinum" not in reply.text
        assert replies[1].json()["custom"] == {"score": 7}
        properties = replies[4].json()["components"]["schemas"]["Contact"]["properties"]
        assert set(properties["custom"]["properties"]) == {"score"}
        journal = replies[3].json()["items"]
        [made_first] = [e for e in journal if (e["record_type"], e["version"]) == ("contacts", 1)]
        assert made_first["diff"]["custom"] == {"score": [None, 7]}

    @pytest.mark.parametrize(
        ("path", "params"),
        [
            ("", {"where": "tier = gold"}),
            ("", {"sort": "tier"}),
            ("/export", {"columns": "tier"}),
            ("/export", {"columns": "custom.tier"}),
        ],
    )
    async def test_is_unknown(
        self, api: httpx.AsyncClient, main: People, path: str, params: dict[str, str]
    ) -> None:
        await define(api, "tier", "text")
        lim = await rule(api, main, field_rules={"contacts.tier": "hidden"})
        assert (await api.get(f"{URL}{path}", params=params)).status_code == 200
        assert (await api.get(f"{URL}{path}", params=params, headers=lim)).status_code == 422

    async def test_cannot_be_written(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "tier", "text", is_required=True)
        lim = await rule(api, main, field_rules={"contacts.tier": "hidden"})
        body = {"last_name": "X", "custom": {"tier": "gold"}}
        reply = await api.post(URL, json=body, headers=lim)
        assert reply.json()["errors"][0]["code"] == "unknown_field"
        plain = await api.post(URL, json={"last_name": "X"}, headers=lim)
        assert plain.status_code == 201
        csv = {"content-type": "text/csv", **lim}
        report = await api.post(f"{URL}/import", content="last_name,tier\nY,gold\n", headers=csv)
        assert report.json()["ignored"] == ["tier"]

    async def test_all_of_them_at_once(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "tier", "text")
        lim = await rule(api, main, field_rules={"contacts.custom": "hidden"})
        made = await make(api, tier="gold")
        one = await api.get(f"{URL}/export?format=jsonl", headers=lim)
        assert "gold" not in one.text
        assert "gold" not in (await api.get("/v1/changes", headers=lim)).text
        filtered = await api.get(URL, params={"where": "tier = gold"}, headers=lim)
        assert filtered.status_code == 422
        assert made["custom"] == {"tier": "gold"}


class TestMaskedAndReadOnly:
    async def test_masked_shows_its_end(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "iban", "text")
        lim = await rule(api, main, field_rules={"contacts.iban": "masked"})
        made = await make(api, iban="DE89370400440532013000")
        path = f"{URL}/{made['id']}"
        assert (await api.get(path, headers=lim)).json()["custom"] == {"iban": "•••000"}
        for url in (f"{URL}/export", "/v1/changes", f"{URL}/export?format=jsonl&columns=iban"):
            assert "DE8937" not in (await api.get(url, headers=lim)).text
        journal = (await api.get("/v1/changes", headers=lim)).json()["items"]
        of_contact = [each for each in journal if each["record_type"] == "contacts"]
        assert of_contact[0]["diff"]["custom"] == {"iban": ["•••", "•••"]}
        written = await api.patch(path, json={"custom": {"iban": "x"}}, headers=lim)
        assert written.json()["errors"][0]["code"] == "read_only"
        found = await api.get(URL, params={"where": "iban is empty"}, headers=lim)
        assert found.status_code == 422

    async def test_read_only_is_read(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "tier", "text")
        lim = await rule(api, main, field_rules={"contacts.tier": "read_only"})
        made = await make(api, tier="gold")
        path = f"{URL}/{made['id']}"
        assert (await api.get(path, headers=lim)).json()["custom"] == {"tier": "gold"}
        written = await api.patch(path, json={"custom": {"tier": "x"}}, headers=lim)
        assert written.json()["errors"][0]["code"] == "read_only"

    @pytest.mark.parametrize(
        ("path", "level"),
        [
            ("contacts.nothing", "hidden"),
            ("contacts.score", "masked"),
            ("contacts.home", "masked"),
            ("contacts.home.city", "hidden"),
        ],
    )
    async def test_a_rule_must_make_sense(
        self, api: httpx.AsyncClient, path: str, level: str
    ) -> None:
        await define(api, "score", "integer")
        await define(api, "home", "address")
        payload = {"key": "odd", "name": "Odd", "field_rules": {path: level}}
        assert (await api.post("/v1/roles", json=payload)).status_code == 422


class TestRows:
    async def test_a_row_rule_goes_by_a_custom_field(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await define(api, "tier", "text")
        lim = await rule(api, main, row_rules={"contacts": "tier = gold"})
        await make(api, "Seen", tier="gold")
        other = await make(api, "Unseen", tier="iron")
        listed = (await api.get(URL, headers=lim)).json()["items"]
        assert [each["last_name"] for each in listed] == ["Seen"]
        assert (await api.get(f"{URL}/{other['id']}", headers=lim)).status_code == 404
        moved = await api.patch(
            f"{URL}/{listed[0]['id']}", json={"custom": {"tier": "iron"}}, headers=lim
        )
        assert moved.status_code == 403
        made = await api.post(URL, json={"last_name": "X", "custom": {"tier": "iron"}}, headers=lim)
        assert made.status_code == 403
        explained = await api.get(
            "/v1/access/explain",
            params={"record": f"contacts/{other['id']}", "user": "lim@cerebro.test"},
        )
        assert explained.json()["allowed"] is False


class TestRowRules:
    async def test_keep_the_fields_that_they_go_by(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        tier = await define(api, "tier", "select", options=["gold", "silver"])
        other = await define(api, "score", "integer")
        lim = await rule(api, main, row_rules={"contacts": "tier = gold"})
        await make(api, "Seen", tier="gold")
        await make(api, "Unseen", tier="silver")
        url = f"/v1/fields/{tier['id']}"
        for reply in (
            await api.delete(url),
            await api.patch(url, json={"is_active": False}),
            await api.patch(url, json={"options": ["silver"]}),
        ):
            assert reply.status_code == 422, reply.text
            assert [error["code"] for error in reply.json()["errors"]] == ["in_use"]
            assert "limited" in reply.json()["detail"]
        assert (await api.patch(url, json={"options": ["gold", "bronze"]})).status_code == 200
        assert (await api.delete(f"/v1/fields/{other['id']}")).is_success
        seen = (await api.get(URL, headers=lim)).json()["items"]
        assert [contact["last_name"] for contact in seen] == ["Seen"]

    async def test_show_nothing_once_they_fit_no_longer(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await define(api, "tier", "text")
        lim = await rule(api, main, row_rules={"contacts": "tier = gold"})
        await make(api, "Seen", tier="gold")
        main.connection.execute("update fields set is_active = false, version = version + 1")
        assert (await api.get(URL, headers=lim)).json()["items"] == []
        found = await api.get("/v1/search", params={"q": "seen"}, headers=lim)
        assert (found.status_code, found.json()["items"]) == (200, [])

    async def test_are_looked_at_again_when_their_role_comes_back(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        tier = await define(api, "tier", "text")
        payload = {"key": "gone", "name": "Gone", "permissions": WHOLE}
        role = await api.post("/v1/roles", json=payload | {"row_rules": {"contacts": "tier = x"}})
        url = f"/v1/roles/{role.json()['id']}"
        assert (await api.delete(url)).is_success
        assert (await api.delete(f"/v1/fields/{tier['id']}")).is_success
        reply = await api.post(f"{url}/restore")
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (
            *(422, "/row_rules/contacts"),
        )


class TestDefinitions:
    async def test_of_hidden_fields_are_hidden(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "salary", "integer")
        await define(api, "score", "integer")
        lim = await rule(api, main, field_rules={"contacts.salary": "hidden"})
        for path in ("/v1/fields", "/v1/changes", "/v1/openapi"):
            assert "salary" not in (await api.get(path, headers=lim)).text
            assert "score" in (await api.get(path, headers=lim)).text

    async def test_are_of_nouns_that_one_has_to_do_with(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await define(api, "salary", "integer")
        main.role("elsewhere", ["companies:read"])
        reply = await api.get("/v1/openapi", headers=main.signed("els", "elsewhere"))
        assert "salary" not in reply.text

    async def test_and_their_defaults_are_not_told_to_who_only_writes(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await define(api, "salary", "integer", default=7)
        main.role("writer", ["contacts:create"], field_rules={"contacts.salary": "hidden"})
        headers = main.signed("wri", "writer")
        reply = await api.post(URL, json={"last_name": "B"}, headers=headers)
        assert reply.status_code == 201
        assert reply.json()["custom"] == {}
