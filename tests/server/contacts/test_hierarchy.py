"""Companies below companies, without circles; and what else a company and a contact have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation

URL = "/v1/companies"
CSV = {"content-type": "text/csv"}


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


async def chain(api: httpx.AsyncClient, length: int) -> list[str]:
    """Make companies, each below the one before it."""
    ids: list[str] = []
    for number in range(length):
        body = {"name": f"C{number}", "domain": f"c{number}.example"}
        parent = {"parent_id": f"c{number - 1}.example"} if ids else {}
        reply = await api.post(URL, json={**body, **parent})
        assert reply.status_code == 201, reply.text
        ids.append(reply.json()["id"])
    return ids


class TestParent:
    async def test_is_named_in_any_way_and_leads_to_its_members(
        self, api: httpx.AsyncClient
    ) -> None:
        ids = await chain(api, 3)
        listed = await api.get(URL, params={"where": f"parent_id = {ids[0]}"})
        assert [item["id"] for item in listed.json()["items"]] == [ids[1]]
        reply = await api.patch(f"{URL}/{ids[2]}", json={"parent_id": ids[0]})
        assert reply.json()["parent_id"] == ids[0]
        reply = await api.patch(f"{URL}/{ids[2]}", json={"parent_id": None})
        assert reply.json()["parent_id"] is None

    @pytest.mark.parametrize("length", [1, 2, 5])
    async def test_closes_no_circle_of_any_length(
        self, api: httpx.AsyncClient, length: int
    ) -> None:
        ids = await chain(api, length)
        reply = await api.patch(f"{URL}/{ids[0]}", json={"parent_id": ids[-1]})
        assert reply.status_code == 422
        [error] = reply.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/parent_id", "cycle")

    async def test_closes_no_circle_with_a_deleted_one(self, api: httpx.AsyncClient) -> None:
        ids = await chain(api, 3)
        await api.delete(f"{URL}/{ids[1]}")
        reply = await api.patch(f"{URL}/{ids[0]}", json={"parent_id": ids[2]})
        assert reply.json()["errors"][0]["code"] == "cycle"

    async def test_closes_no_circle_while_others_write(self, api: httpx.AsyncClient) -> None:
        ids = await chain(api, 1) + [
            (await api.post(URL, json={"name": f"N{n}"})).json()["id"] for n in range(3)
        ]
        for _ in range(3):
            replies = await asyncio.gather(
                *(
                    api.patch(f"{URL}/{one}", json={"parent_id": ids[(n + 1) % len(ids)]})
                    for n, one in enumerate(ids)
                )
            )
            assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 422]
            for one in ids:
                assert (await api.patch(f"{URL}/{one}", json={"parent_id": None})).is_success

    async def test_closes_no_circle_by_a_file(self, api: httpx.AsyncClient) -> None:
        await chain(api, 2)
        file = "domain,name,parent_id\nc0.example,C0,c1.example\nc1.example,C1,c0.example\n"
        report = (await api.post(f"{URL}/import", content=file, headers=CSV)).json()
        assert (report["refused"], report["unchanged"]) == (1, 1)
        assert report["errors"][0]["code"] == "cycle"
        both = "domain,name,parent_id\nx.example,X,\ny.example,Y,\n"
        await api.post(f"{URL}/import", content=both, headers=CSV)
        both = "domain,name,parent_id\nx.example,X,y.example\ny.example,Y,x.example\n"
        report = (await api.post(f"{URL}/import", content=both, headers=CSV)).json()
        assert report["refused"] == 2, "neither is above the other"

    async def test_that_is_not_there_is_unknown(self, api: httpx.AsyncClient) -> None:
        ids = await chain(api, 2)
        await api.delete(f"{URL}/{ids[1]}")
        for reference in (str(uuid4()), "nowhere.example", ids[1], "c1.example"):
            for reply in (
                await api.post(URL, json={"name": "X", "parent_id": reference}),
                await api.patch(f"{URL}/{ids[0]}", json={"parent_id": reference}),
            ):
                assert reply.status_code == 422
                [error] = reply.json()["errors"]
                assert (error["pointer"], error["code"]) == ("/parent_id", "unknown_reference")

    async def test_that_one_does_not_see_is_unknown(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        [hidden] = await chain(api, 1)
        main.role("own", ["companies:read:own", "companies:create", "companies:update"])
        headers = main.signed("own", "own")
        replies = [
            await api.post(URL, json={"name": "X", "parent_id": reference}, headers=headers)
            for reference in (hidden, str(uuid4()))
        ]
        assert [reply.status_code for reply in replies] == [422, 422]
        texts = [reply.json()["errors"][0]["code"] for reply in replies]
        assert texts == ["unknown_reference"] * 2


class TestRevenue:
    async def test_is_exact_everywhere(self, api: httpx.AsyncClient) -> None:
        exact = "9007199254740993.10"
        made = (await api.post(URL, json={"name": "A", "annual_revenue": exact})).json()
        assert made["annual_revenue"] == exact
        where = {"where": f"annual_revenue = {exact}"}
        assert len((await api.get(URL, params=where)).json()["items"]) == 1
        exported = (await api.get(f"{URL}/export", params={"columns": "annual_revenue"})).text
        assert exported.split() == ["annual_revenue", exact]
        params = {"record": f"companies/{made['id']}"}
        [item] = (await api.get("/v1/changes", params=params)).json()["items"]
        assert item["diff"]["annual_revenue"] == [None, exact]

    @pytest.mark.parametrize("amount", [1.5, "-1", "1.234", "NaN", "1e400", True])
    async def test_is_refused_where_it_is_none(
        self, api: httpx.AsyncClient, amount: object
    ) -> None:
        reply = await api.post(URL, json={"name": "A", "annual_revenue": amount})
        assert reply.status_code == 422


class TestContact:
    async def test_birthdays_go_in_and_out_and_are_filtered(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/contacts", json={"last_name": "L", "birthday": "31.01.1990"})
        said = "Write a date as 2026-01-31, not as 31.01.1990."
        assert (reply.status_code, reply.json()["errors"][0]["detail"]) == (422, said)
        body = {"last_name": "Lovelace", "birthday": "1815-12-10"}
        made = (await api.post("/v1/contacts", json=body)).json()
        assert made["birthday"] == "1815-12-10"
        for where, found in (("birthday < 1900-01-01", 1), ("birthday = 1815-12-11", 0)):
            items = (await api.get("/v1/contacts", params={"where": where})).json()["items"]
            assert len(items) == found
        reply = await api.patch(f"/v1/contacts/{made['id']}", json={"birthday": "1815-13-10"})
        assert reply.status_code == 422
        changed = await api.patch(f"/v1/contacts/{made['id']}", json={"birthday": "1815-12-11"})
        assert changed.json()["birthday"] == "1815-12-11"
        params = {"record": f"contacts/{made['id']}"}
        newest = (await api.get("/v1/changes", params=params)).json()["items"][0]
        assert newest["diff"] == {"birthday": ["1815-12-10", "1815-12-11"]}

    async def test_consent_has_the_time_of_its_change(self, api: httpx.AsyncClient) -> None:
        made = (await api.post("/v1/contacts", json={"last_name": "B"})).json()
        assert (made["consent"], made["consent_at"]) == ("none", None)
        address = f"/v1/contacts/{made['id']}"
        given_ = (await api.patch(address, json={"consent": "given"})).json()
        assert given_["consent_at"] is not None
        again = (await api.patch(address, json={"consent": "given", "source": "fair"})).json()
        assert again["consent_at"] == given_["consent_at"]
        taken = (await api.patch(address, json={"consent": "withdrawn"})).json()
        assert taken["consent_at"] > given_["consent_at"]
        for body in (
            {"consent": "perhaps"},
            {"consent": None},
            {"consent_at": "2026-01-01T00:00Z"},
        ):
            assert (await api.patch(address, json=body)).status_code == 422
        file = "id,last_name,consent\n,C,given\n"
        await api.post("/v1/contacts/import", content=file, headers=CSV)
        items = (await api.get("/v1/contacts", params={"where": "last_name = C"})).json()["items"]
        assert items[0]["consent_at"] is not None


_EMAILS = st.lists(
    st.sampled_from(["a", "b", "c", "A"]).map(lambda n: f"{n}@x.example"), max_size=3
)
_PHONES = st.lists(st.sampled_from(["+49 30 123456", "+4930123457", "+1 212 555 0100"]), max_size=3)
_CITIES = st.lists(st.fixed_dictionaries({"city": st.sampled_from(["Rome", "Bath"])}), max_size=2)
_CHANGES = st.lists(
    st.one_of(
        _EMAILS.map(lambda v: {"emails": v}),
        _PHONES.map(lambda v: {"phones": v}),
        _CITIES.map(lambda v: {"addresses": v}),
        st.sampled_from(["a@x.example", "d@x.example", None]).map(lambda v: {"email": v}),
        st.sampled_from(["+4930123456", "+49 30 999999", None]).map(lambda v: {"phone": v}),
        st.sampled_from(["Rome", "Oslo", None]).map(lambda v: {"city": v}),
    ),
    min_size=1,
    max_size=8,
)


class TestAgreement:
    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(changes=_CHANGES)
    def test_columns_are_always_the_first_of_their_lists(
        self, installation: Installation, changes: list[dict[str, object]]
    ) -> None:
        asyncio.run(self.changed(installation, changes))

    @staticmethod
    async def changed(installation: Installation, changes: list[dict[str, object]]) -> None:
        from tests.fixtures.server import serving

        async with serving(installation) as api:
            made = (await api.post("/v1/contacts", json={"last_name": "B"})).json()
            for change in changes:
                reply = await api.patch(f"/v1/contacts/{made['id']}", json=change)
                assert reply.status_code == 200, reply.text
                found = reply.json()
                for name, listed, of in (
                    ("email", "emails", "address"),
                    ("phone", "phones", "number"),
                    ("city", "addresses", "city"),
                ):
                    assert found[name] == (found[listed] or [{}])[0].get(of)
                [(name, value)] = change.items()
                if value is not None and name in ("email", "city"):
                    assert found[name] == value
                for part in found["emails"]:
                    there = await api.get(f"/v1/contacts/{part['address']}")
                    assert there.json()["id"] == made["id"]
            await api.delete(f"/v1/contacts/{made['id']}")
