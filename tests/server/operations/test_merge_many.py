"""Many merges in one operation: planned as a set, undone whole or one by one."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, everything, undone
from .test_merge import KIND, got, made, positions, refused


async def crowd(api: httpx.AsyncClient) -> list[str]:
    """Make six contacts, each with a position; return their ids."""
    acme = await made(api, "companies", name="Acme")
    found = []
    for number, name in enumerate(("Ada", "Bob", "Cyd", "Dan", "Eve", "Fay")):
        fields: dict[str, Any] = {"tags": [name], "city": "Rome" if number % 2 else None}
        found.append(await contact(api, name, **fields))
        role = {"contact_id": found[-1], "company_id": acme, "role": "CTO"}
        await made(api, "positions", **role)
    return found


class TestPairs:
    async def test_are_what_single_merges_are_and_split_as_one(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada, bob, cyd, dan, *_ = await crowd(api)
        before = everything(installation)
        pairs = [{"into": ada, "records": ["bob@x.example"]}, {"into": cyd, "records": [dan]}]
        pairs[1] |= {"take": {"last_name": dan}, "values": {"job_title": "Boss"}}
        op = await done(api, KIND, pairs=pairs)
        assert op["report"]["groups"] == 2
        together = everything(installation)
        assert [(await got(api, ref))["id"] for ref in (bob, dan)] == [ada, cyd]
        record = await got(api, cyd)
        assert (record["last_name"], record["job_title"]) == ("Dan", "Boss")
        assert [len(await positions(api, each)) for each in (ada, cyd)] == [1, 1]
        await undone(api, op)
        assert everything(installation) == before
        for pair in ({"into": ada, "records": [bob]}, {**pairs[1], "into": cyd}):
            await done(api, KIND, **pair)
        assert everything(installation) == together

    async def test_that_share_a_record_are_one(self, api: httpx.AsyncClient) -> None:
        ada, bob, cyd, dan, eve, fay = await crowd(api)
        pairs = [(bob, [cyd]), (ada, [bob]), (dan, [cyd]), (eve, [fay])]
        asked = [{"into": into, "records": records} for into, records in pairs]
        op = await done(api, KIND, pairs=asked)
        assert op["input"]["pairs"] == [
            {"into": ada, "records": [bob, cyd, dan]},
            {"into": eve, "records": [fay]},
        ]
        assert (await got(api, ada))["tags"] == ["Ada", "Bob", "Cyd", "Dan"]

    async def test_one_of_them_is_split_and_the_others_stay(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada, bob, cyd, dan, *_ = await crowd(api)
        await done(api, KIND, into=cyd, records=[dan])
        one_way = everything(installation)
        await undone(api, (await merges(api, cyd))[0])
        pairs = [{"into": ada, "records": [bob]}, {"into": cyd, "records": [dan]}]
        op = await done(api, KIND, pairs=pairs)
        path = f"{URL}/{op['id']}/undo"
        undo = await ask(api, path, {"yes": True, "record": "contacts/bob@x.example"})
        assert undo["state"] == "applied"
        assert everything(installation) == one_way
        assert (await got(api, dan))["id"] == cyd
        again = {"yes": True, "record": f"contacts/{bob}"}
        assert "in force" in (await ask(api, path, again, 404))["detail"]
        assert (await merges(api, cyd))[0]["id"] == op["id"]
        await ask(api, path, {"yes": True, "record": f"contacts/{dan}"})
        assert (await got(api, dan))["id"] == dan

    async def test_of_companies_that_are_above_one_another(self, api: httpx.AsyncClient) -> None:
        one, two = [await made(api, "companies", name=name) for name in ("One", "Two")]
        low = await made(api, "companies", name="Low", parent_id=two)
        lower = await made(api, "companies", name="Lower", parent_id=low)
        twin = await made(api, "companies", name="Twin", parent_id=one)
        pairs = [{"into": one, "records": [two]}, {"into": low, "records": [twin]}]
        await done(api, "companies.merge", pairs=pairs)
        assert (await got(api, low, "companies"))["parent_id"] == one
        assert (await got(api, lower, "companies"))["parent_id"] == low
        # each would come to be above the other
        ends = [await made(api, "companies", name=name) for name in ("End", "Tip")]
        up = await made(api, "companies", name="Up", parent_id=ends[0])
        down = await made(api, "companies", name="Down", parent_id=ends[1])
        pairs = [{"into": ends[0], "records": [down]}, {"into": ends[1], "records": [up]}]
        await done(api, "companies.merge", pairs=pairs)
        above = [(await got(api, each, "companies"))["parent_id"] for each in ends]
        assert above.count(None) >= 1

    async def test_errors_name_the_pair(self, api: httpx.AsyncClient) -> None:
        ada, bob, cyd, dan, *_ = await crowd(api)
        good, more = {"into": ada, "records": [bob]}, {"into": cyd, "records": [dan]}
        for wrong, code, place in (
            ({"into": cyd, "records": [cyd]}, "same_record", "/input/pairs/1/records/0"),
            ({**more, "take": {"x": cyd}}, "unknown_field", "/input/pairs/1/take/x"),
            ({"into": cyd}, "missing", "/pairs/1/records"),
        ):
            problem = await refused(api, 422, pairs=[good, wrong])
            assert (problem["errors"][0]["code"], problem["errors"][0]["pointer"]) == (code, place)
        await refused(api, 422, pairs=[good], into=ada)
        await refused(api, 422, duplicates={})
        await refused(api, 404, duplicates={"above": 0.5})


async def merges(api: httpx.AsyncClient, record: str) -> list[dict[str, Any]]:
    """Return the merges that touched a contact, newest first."""
    params = {"record": f"contacts/{record}", "kind": KIND}
    found: list[dict[str, Any]] = (await api.get(URL, params=params)).json()["items"]
    return found
