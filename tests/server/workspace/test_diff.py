"""What became of a record between two moments, netted from the journal."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, bearer

URL = "/v1/companies"
VALUES: dict[str, list[Any]] = {
    "name": ["Gravity", "Levity", "Ünïted → Ltd"],
    "industry": [None, "finance", "toys"],
    "employees": [None, 0, 42, 2_000_000_000],
    "description": [None, "a\nb", "[null]"],
    "source_created_at": [None, "2024-01-01T00:00:00Z", "2025-01-01T12:30:00+02:00"],
    "external_ids": [{}, {"crm": "1"}, {"crm": "2", "erp": "x"}, {"erp": "x"}],
}
LEFT_OUT = ("version", "updated_at", "deleted_at")


async def company(api: httpx.AsyncClient, **fields: Any) -> str:
    reply = await api.post(URL, json={"name": "Gravity", "domain": "gravity.example", **fields})
    assert reply.status_code == 201
    return str(reply.json()["id"])


async def change(api: httpx.AsyncClient, record: str, **fields: Any) -> dict[str, Any]:
    reply = await api.patch(f"{URL}/{record}", json=fields)
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


async def diff(api: httpx.AsyncClient, record: str, **asked: Any) -> dict[str, Any]:
    reply = await api.get(f"{URL}/{record}/diff", params=asked)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [each["text"] for each in found["changes"]]


def applied(record: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the record as it is after the changes; each must find the value that it names."""
    found = {**record, "external_ids": dict(record.get("external_ids", {}))}
    for each in changes:
        name, _, key = each["field"].partition(".")
        target, place = (found[name], key) if key else (found, name)
        assert plain(target.get(place)) == plain(each["old"]), each
        target[place] = each["new"]
        if key and each["new"] is None:
            del target[place]
    return found


def plain(value: Any) -> Any:
    """Return a value so that equal moments are equal, however they are written."""
    if isinstance(value, str) and value[4:5] == "-" and "T" in value:
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def state(record: dict[str, Any]) -> dict[str, Any]:
    return {k: plain(v) for k, v in record.items() if k not in LEFT_OUT and v is not None}


@pytest.mark.parametrize("seed", range(6))
async def test_applied_to_the_record_as_it_was_gives_the_record_as_it_is(
    api: httpx.AsyncClient, seed: int
) -> None:
    chance = random.Random(seed)
    record = await company(api, employees=1)
    history = {1: (await api.get(f"{URL}/{record}")).json()}
    for _ in range(14):
        act = chance.random()
        if act < 0.15:
            await api.delete(f"{URL}/{record}")
            await api.post(f"{URL}/{record}/restore")
        names = chance.sample(sorted(VALUES), k=chance.randint(1, 3))
        now = await change(api, record, **{n: chance.choice(VALUES[n]) for n in names})
        history[now["version"]] = now
    versions = sorted(history)
    for first in versions:
        for last in (v for v in versions if v >= first):
            found = await diff(api, record, since=first, until=last)
            assert found["from_version"] == first
            assert found["to_version"] == last
            for each in found["changes"]:
                assert each["old"] != each["new"], "what was changed back is no difference"
            assert state(applied(history[first], found["changes"])) == state(history[last])
    whole = await diff(api, record)
    assert (whole["from_version"], whole["from_state"]) == (0, "absent")
    born = applied({}, whole["changes"])
    assert state(born).items() <= state(history[versions[-1]]).items()


class TestMoments:
    async def test_can_be_versions_numbers_of_the_journal_and_times(
        self, api: httpx.AsyncClient
    ) -> None:
        record = await company(api, employees=1)
        await asyncio.sleep(0.01)
        await change(api, record, employees=2)
        await asyncio.sleep(0.01)
        await change(api, record, employees=3)
        entries = (await api.get(f"{URL}/{record}/timeline")).json()["items"]
        second = entries[1]
        spaced = second["at"].replace("T", " ")
        for moment in ("2", "v2", f"seq:{second['seq']}", second["at"], spaced):
            assert texts(await diff(api, record, since=moment)) == ["Employees: 2 → 3"], moment
            found = await diff(api, record, since=1, until=moment)
            assert texts(found) == ["Employees: 1 → 2"], moment
        for recent in ("now - 1h", "today", f"{datetime.now(UTC):%Y-%m-%d}"):
            found = await diff(api, record, since=recent, until="today")
            assert found["from_state"] == "absent"
            assert "Employees: 3" in texts(found)
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
        assert texts(await diff(api, record, since=tomorrow)) == []

    async def test_tell_the_states(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        await api.delete(f"{URL}/{record}")
        found = await diff(api, record, since=1)
        assert (found["from_state"], found["to_state"], found["changes"]) == (
            *("living", "deleted"),
            [],
        )
        await api.post(f"{URL}/{record}/restore")
        found = await diff(api, record, since=2)
        assert (found["from_state"], found["to_state"]) == ("deleted", "living")
        found = await diff(api, record, since="2001-01-01", until="2001-12-31")
        assert (found["from_state"], found["to_version"], found["changes"]) == ("absent", 0, [])

    @pytest.mark.parametrize(
        "params",
        [
            {"since": "yesterday"},
            {"since": "2026-01-31T09:30"},
            {"since": ""},
            {"since": "now or name = x"},
            {"until": "seq:9999999999999999999"},
            {"until": "-1"},
            {"until": "x" * 90},
            {"since": "99999999999"},
            {"since": "now - 999999999y"},
            {"since": "2", "until": "1"},
        ],
    )
    async def test_that_are_none_are_refused(
        self, api: httpx.AsyncClient, params: dict[str, str]
    ) -> None:
        record = await company(api)
        await change(api, record, employees=2)
        reply = await api.get(f"{URL}/{record}/diff", params=params)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid"), reply.text
        assert reply.json()["errors"][0]["parameter"] == next(iter(params))


async def test_names_who_changed_each_field_last(api: httpx.AsyncClient, main: People) -> None:
    record = await company(api, employees=1, city="Rome")
    ada = bearer(main.key("*", user=main.user("ada", "owner")))
    await api.patch(f"{URL}/{record}", json={"employees": 2}, headers=ada)
    await change(api, record, city="Oslo")
    await api.patch(
        f"{URL}/{record}", json={"city": "Bonn", "external_ids": {"crm": "1"}}, headers=ada
    )
    await change(api, record, employees=3, external_ids={"crm": "1", "erp": "2"})
    found = await diff(api, record, since=1)
    assert {each["text"]: each["actor"]["name"] for each in found["changes"]} == {
        "Employees: 1 → 3": "Owner (first key)",
        "City: Rome → Bonn": "Ada (test)",
        "External ids crm: 1": "Ada (test)",
        "External ids erp: 2": "Owner (first key)",
    }


async def test_what_was_changed_back_is_no_difference(api: httpx.AsyncClient) -> None:
    record = await company(api, employees=1, external_ids={"crm": "1"})
    await change(api, record, employees=2, external_ids={})
    await change(api, record, employees=1, external_ids={"crm": "1"})
    assert (await diff(api, record, since=1))["changes"] == []
