"""The timeline of a record: what the journal holds of it, as people read it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cerebro_server.kernel.db import literal
from tests.fixtures.people import People, bearer

URL = "/v1/companies"
EVERY = ("read", "create", "update", "delete", "restore")
MOVE = """update companies set addresses = '[{{"city": "{}"}}]', version = version + 1"""
WHOLE = [f"companies:{action}" for action in EVERY]


async def company(api: httpx.AsyncClient, **fields: Any) -> str:
    reply = await api.post(URL, json={"name": "Gravity", "domain": "gravity.example", **fields})
    assert reply.status_code == 201
    return str(reply.json()["id"])


async def change(api: httpx.AsyncClient, record: str, **fields: Any) -> None:
    assert (await api.patch(f"{URL}/{record}", json=fields)).status_code == 200


async def timeline(api: httpx.AsyncClient, record: str, **asked: Any) -> list[dict[str, Any]]:
    headers = asked.pop("headers", {})
    reply = await api.get(f"{URL}/{record}/timeline", params=asked, headers=headers)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def texts(entry: dict[str, Any]) -> list[str]:
    return [found["text"] for found in entry["changes"]]


class TestEntries:
    async def test_are_what_people_read(self, api: httpx.AsyncClient, main: People) -> None:
        record = await company(api, employees=42, city="Rome", external_ids={"crm": "1"})
        await change(
            api,
            record,
            employees=12500,
            city=None,
            external_ids={"crm": "2", "erp": "x"},
            source_created_at="2024-02-29T09:30:15+02:00",
            description="a\nlong " + "word " * 30,
        )
        await api.delete(f"{URL}/{record}")
        await api.post(f"{URL}/{record}/restore")
        found = await timeline(api, "gravity.example")
        assert [entry["action"] for entry in found] == [
            *("restored", "deleted", "updated", "created")
        ]
        assert [entry["version"] for entry in found] == [4, 3, 2, 1]
        said = texts(found[2])
        description = said.pop(2)
        assert description.startswith("Description: a long word")
        assert description.endswith("…")
        assert said == [  # in the order in which people read the fields
            "Employees: 42 → 12,500",
            "City: Rome → (empty)",
            "External ids crm: 1 → 2",
            "External ids erp: x",
            "Created at source: 2024-02-29 07:30 UTC",
        ]
        employees = next(c for c in found[2]["changes"] if c["field"] == "employees")
        assert employees == {
            "field": "employees",
            "label": "Employees",
            "old": 42,
            "new": 12500,
            "text": "Employees: 42 → 12,500",
        }
        assert found[0]["changes"] == found[1]["changes"] == []
        assert found[2]["request_id"]

    async def test_tell_of_the_first_of_a_list_by_its_name_and_of_others_as_a_list(
        self, api: httpx.AsyncClient
    ) -> None:
        record = await company(api, phone="+49 30 901820", city="Rome")
        await change(api, record, phone="+49 30 901821")
        await change(api, record, addresses=[{"city": "Rome"}, {"city": "Oslo", "type": "other"}])
        await change(api, record, addresses=[{"city": "Oslo"}, {"city": "Oslo", "type": "other"}])
        found = await timeline(api, record)
        assert [texts(entry) for entry in found[:3]] == [
            ["City: Rome → Oslo"],
            ["Addresses: added city: Oslo, type: other"],
            ["Phones: added +4930901821"],  # the one before it is kept
        ]
        assert {"Phone: +4930901820", "City: Rome"} <= set(texts(found[3]))

    async def test_name_the_person_or_the_key_and_who_is_behind_it(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await company(api)
        ada = main.user("ada", "manager", teams=[main.team("emea")])
        token = main.key("*", user=ada)
        main.connection.execute(
            "update keys set name = 'nightly export' where user_id = %s", (ada,)
        )
        await api.patch(f"{URL}/{record}", json={"city": "Rome"}, headers=bearer(token))
        main.connection.execute(f"set cerebro.actor = {literal(f'user:{ada}')}")
        main.connection.execute(MOVE.format("Oslo"))
        main.enter()
        main.connection.execute(MOVE.format("Bonn"))
        found = await timeline(api, record)
        assert [(entry["actor"]["type"], entry["actor"]["name"]) for entry in found] == [
            ("system", "system"),
            ("user", "Ada"),
            ("key", "Ada (nightly export)"),
            ("key", "Owner (first key)"),
        ]
        assert found[1]["actor"]["id"] == str(ada)

    async def test_call_owners_and_teams_by_name(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await company(api)
        ada = main.user("ada", "agent", teams=[main.team("emea")])
        await change(api, record, owner_id=str(ada), team="emea")
        found = await timeline(api, record, actions="updated")
        owner = str(main.owner)
        assert texts(found[0]) == [
            f"Owner: Owner ({owner[-8:]}) → Ada ({str(ada)[-8:]})",
            "Team: Emea (emea)",
        ]
        assert found[0]["changes"][0]["new"] == str(ada)

    async def test_of_lists_say_what_came_and_went(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        ada = main.user("ada", "agent")
        await api.patch(f"/v1/users/{ada}", json={"roles": ["manager", "read_only"]})
        reply = await api.get(f"/v1/users/{ada}/timeline", params={"actions": "updated"})
        [entry] = reply.json()["items"]
        assert texts(entry) == ["Roles: added manager, read_only, removed agent"]


class TestPages:
    async def test_hold_each_entry_once(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        for number in range(1, 8):
            await change(api, record, employees=number)
        await company(api, domain="other.example")
        seen, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            reply = await api.get(f"{URL}/{record}/timeline", params={"limit": 3, **more})
            seen += [entry["version"] for entry in reply.json()["items"]]
            await change(api, record, city=f"City {len(seen)}")  # what is new is on no later page
            cursor = reply.json()["next_cursor"]
            if cursor is None:
                break
        assert seen == [8, 7, 6, 5, 4, 3, 2, 1]

    async def test_can_be_of_some_actions_only(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        await change(api, record, employees=1)
        await api.delete(f"{URL}/{record}")
        found = await timeline(api, record, actions="deleted, created")
        assert [entry["action"] for entry in found] == ["deleted", "created"]
        assert await timeline(api, record, actions="restored") == []

    async def test_belong_to_one_record_and_filter(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        await change(api, record, employees=1)
        page = (await api.get(f"{URL}/{record}/timeline", params={"limit": 1})).json()
        other = await company(api, domain="other.example")
        for path, params in (
            (f"{URL}/{other}/timeline", {}),
            (f"{URL}/{record}/timeline", {"actions": "updated"}),
            ("/v1/changes", {"record": f"companies/{record}"}),
        ):
            asked = {**params, "cursor": page["next_cursor"]}
            reply = await api.get(path, params=asked)
            assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


class TestRights:
    async def test_hidden_fields_are_left_out_and_masked_ones_masked(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await company(api, industry="Secrets", phone="+39 06 555 0199", street="Via 1")
        await change(api, record, industry="Finance", phone="+39 06 555 0100", employees=3)
        main.role(
            "limited",
            WHOLE,
            field_rules={
                "companies.industry": "hidden",
                "companies.owner_id": "hidden",
                "companies.phone": "masked",
            },
        )
        headers = main.signed("lim", "limited")
        for path in ("timeline", "diff"):
            reply = await api.get(f"{URL}/{record}/{path}", headers=headers)
            assert reply.status_code == 200
            for secret in ("industry", "Industry", "Secrets", "Finance", "555", "owner_id"):
                assert secret not in reply.text, (path, secret)
        updated, created = await timeline(api, record, headers=headers)
        assert texts(updated) == ["Employees: 3", "Phone: ••• → •••"]
        assert "Street: Via 1" in texts(created)

    async def test_rows_that_one_may_not_read_have_none(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await company(api, city="Rome")
        main.role("own", ["companies:read:own"])
        main.role("oslo", ["companies:read"], row_rules={"companies": "city = Oslo"})
        for role in ("own", "oslo"):
            headers = main.signed(role, role)
            for reference in (record, "gravity.example", record[-8:]):
                for path in ("timeline", "diff"):
                    reply = await api.get(f"{URL}/{reference}/{path}", headers=headers)
                    assert reply.status_code == 404, (role, path)
        await change(api, record, city="Oslo")
        reply = await api.get(f"{URL}/{record}/timeline", headers=main.signed("lo", "oslo"))
        assert reply.status_code == 200

    async def test_names_that_one_may_not_see_stay_ids(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await company(api)
        main.role(
            "nameless", [*WHOLE, "users:read", "changes:read"], field_rules={"users.name": "hidden"}
        )
        headers = main.signed("nil", "nameless")
        reply = await api.get(f"{URL}/{record}/timeline", headers=headers)
        journal = await api.get(
            "/v1/changes", params={"record": f"companies/{record}"}, headers=headers
        )
        for text in (reply.text, journal.text):
            assert "first key" not in text
        [entry] = reply.json()["items"]
        assert entry["actor"]["name"] == f"key:{entry['actor']['id']}"
        assert f"Owner: {main.owner}" in texts(entry)

    async def test_reading_is_all_that_it_takes(self, api: httpx.AsyncClient, main: People) -> None:
        record = await company(api)
        reader = main.signed("ray", main.role("reader", ["companies:read"]))
        other = main.signed("oz", main.role("other", ["contacts:read"]))
        for path in ("timeline", "diff"):
            assert (await api.get(f"{URL}/{record}/{path}", headers=reader)).status_code == 200
            assert (await api.get(f"{URL}/{record}/{path}", headers=other)).status_code == 403


@pytest.mark.parametrize(
    ("reference", "params", "status", "code"),
    [
        ("none.example", {}, 404, "not_found"),
        ("0190a000-0000-7000-8000-000000000000", {}, 404, "not_found"),
        ("gravity.example", {"actions": "exploded"}, 422, "invalid"),
        ("gravity.example", {"actions": ","}, 422, "invalid"),
        ("gravity.example", {"cursor": "x"}, 422, "invalid_cursor"),
        ("gravity.example", {"kind": "x"}, 422, "validation_failed"),
    ],
)
async def test_says_what_is_wrong(
    api: httpx.AsyncClient, reference: str, params: dict[str, str], status: int, code: str
) -> None:
    await company(api)
    reply = await api.get(f"{URL}/{reference}/timeline", params=params)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


async def test_a_reference_may_hold_slashes(api: httpx.AsyncClient) -> None:
    await company(api, external_ids={"crm": "a/timeline"})
    assert len(await timeline(api, "crm:a%2Ftimeline")) == 1
