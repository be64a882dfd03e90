"""Companies through the API: the eight routes that every noun has."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.stores import Installation

URL = "/v1/companies"


async def make(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    reply = await api.post(URL, json={"name": "Acme", **fields})
    assert reply.status_code == 201, reply.text
    company: dict[str, Any] = reply.json()
    return company


async def names(api: httpx.AsyncClient, **params: Any) -> list[str]:
    reply = await api.get(URL, params=params)
    assert reply.status_code == 200, reply.text
    return [item["name"] for item in reply.json()["items"]]


class TestCreate:
    async def test_returns_the_record_with_its_etag_and_address(
        self, api: httpx.AsyncClient
    ) -> None:
        reply = await api.post(URL, json={"name": "Gravity", "employees": 42})
        company = reply.json()
        assert reply.status_code == 201
        assert (company["name"], company["employees"], company["version"]) == ("Gravity", 42, 1)
        assert reply.headers["etag"] == '"1"'
        assert reply.headers["location"] == f"{URL}/{company['id']}"
        assert (await api.get(reply.headers["location"])).json() == company

    async def test_normalises_what_people_paste(self, api: httpx.AsyncClient) -> None:
        company = await make(api, name="  Acme  ", domain="https://WWW.Acme.example/about")
        assert (company["name"], company["domain"]) == ("Acme", "acme.example")

    async def test_derives_the_domain_from_the_website(self, api: httpx.AsyncClient) -> None:
        assert (await make(api, website="www.acme.example/x"))["domain"] == "acme.example"

    async def test_leaves_a_derived_domain_that_is_taken(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        assert (await make(api, website="acme.example"))["domain"] is None

    async def test_refuses_a_domain_that_another_has(self, api: httpx.AsyncClient) -> None:
        first = await make(api, domain="acme.example")
        reply = await api.post(URL, json={"name": "Other", "domain": "ACME.example"})
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (409, "duplicate_key")
        assert problem["candidates"] == [first["id"]]
        assert problem["errors"][0]["pointer"] == "/domain"
        assert await names(api) == ["Acme"]

    async def test_refuses_an_external_id_that_another_has(self, api: httpx.AsyncClient) -> None:
        await make(api, external_ids={"salesforce": "001"})
        reply = await api.post(URL, json={"name": "B", "external_ids": {"salesforce": "001"}})
        assert reply.status_code == 409
        assert reply.json()["errors"][0]["pointer"] == "/external_ids/salesforce"
        await make(api, external_ids={"hubspot": "001"})

    @pytest.mark.parametrize(
        ("body", "pointer", "code"),
        [
            ({}, "/name", "missing"),
            ({"name": ""}, "/name", "string_too_short"),
            ({"name": "a\u0000b"}, "/name", "control_character"),
            ({"name": "a\u001b[31mb"}, "/name", "control_character"),
            ({"name": "x" * 256}, "/name", "string_too_long"),
            ({"name": "a", "nmae": "b"}, "/nmae", "extra_forbidden"),
            ({"name": "a", "employees": "many"}, "/employees", "int_parsing"),
            ({"name": "a", "employees": -1}, "/employees", "greater_than_equal"),
            ({"name": "a", "employees": True}, "/employees", "int_type"),
            ({"name": "a", "employees": 10**400}, "/employees", "less_than_equal"),
            ({"name": "a", "domain": "not a domain"}, "/domain", "domain"),
            ({"name": "a", "website": "javascript:alert(1)"}, "/website", "url"),
            (
                {"name": "a", "source_created_at": "2020-01-01T00:00:00"},
                "/source_created_at",
                "timezone_aware",
            ),
            ({"name": "a", "external_ids": {"Bad Key": "1"}}, "/external_ids/Bad Key", "source"),
            ({"name": "a", "id": "x", "version": 7}, "/id", "extra_forbidden"),
        ],
    )
    async def test_names_the_field_that_is_wrong(
        self, api: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str
    ) -> None:
        reply = await api.post(URL, json=body)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (422, "validation_failed")
        assert problem["errors"][0]["pointer"].startswith(pointer)
        assert problem["errors"][0]["code"] == code
        assert pointer.split("/")[1] in problem["detail"]
        assert await names(api) == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"{", 400),
            (b'{"name": "\\ud800"}', 400),
            (b"[]", 422),
            (b'{"name": NaN}', 422),
            (b'"text"', 422),
            (b"\xff\xfe", 400),
            (b'{"name":' * 300, 400),
            (b"[" * 100_000, 400),
        ],
    )
    async def test_refuses_what_is_no_json_object(
        self, api: httpx.AsyncClient, body: bytes, status: int
    ) -> None:
        reply = await api.post(URL, content=body, headers={"content-type": "application/json"})
        assert reply.status_code == status, reply.text

    async def test_refuses_another_media_type(self, api: httpx.AsyncClient) -> None:
        reply = await api.post(URL, data={"name": "Acme"})
        assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")

    async def test_refuses_a_body_that_is_too_large(self, api: httpx.AsyncClient) -> None:
        reply = await api.post(URL, json={"name": "a", "description": "x" * 1_100_000})
        assert (reply.status_code, reply.json()["code"]) == (413, "payload_too_large")


class TestGet:
    @pytest.mark.parametrize(
        "reference", ["{id}", "acme.example", "ACME.Example", "salesforce:00/1", "{end}"]
    )
    async def test_finds_by_every_kind_of_reference(
        self, api: httpx.AsyncClient, reference: str
    ) -> None:
        company = await make(api, domain="acme.example", external_ids={"salesforce": "00/1"})
        given = reference.format(id=company["id"], end=company["id"][-8:])
        reply = await api.get(f"{URL}/{given.replace('/', '%2F')}")
        assert reply.json() == company

    @pytest.mark.parametrize(
        "reference",
        ["nothing.example", "01a202cd-76fb-7e0e-8575-dd843ea38113", "a:b", "%00", "%ff", "ffffff"],
    )
    async def test_says_what_it_looked_at(self, api: httpx.AsyncClient, reference: str) -> None:
        reply = await api.get(f"{URL}/{reference}")
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
        assert "domain" in reply.json()["detail"]

    async def test_lists_candidates_when_several_fit(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        twins = [f"01a202cd-76fb-7e0e-8575-00000{n}abcdef" for n in range(2)]
        with psycopg.connect(installation.url) as connection:
            connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
            for twin in twins:
                connection.execute("insert into companies (id, name) values (%s, 'Twin')", (twin,))
        reply = await api.get(f"{URL}/abcdef")
        assert (reply.status_code, reply.json()["code"]) == (409, "ambiguous_reference")
        assert reply.json()["candidates"] == twins
        assert (await api.get(f"{URL}/0abcdef")).json()["id"] == twins[0]


class TestUpdate:
    async def test_changes_only_what_is_sent(self, api: httpx.AsyncClient) -> None:
        company = await make(api, domain="acme.example", employees=1)
        reply = await api.patch(f"{URL}/acme.example", json={"employees": 2})
        assert reply.headers["etag"] == '"2"'
        changed = reply.json()
        assert {k for k in changed if changed[k] != company[k]} == {
            "employees",
            "version",
            "updated_at",
        }

    async def test_null_empties_a_field(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example", employees=1)
        reply = await api.patch(f"{URL}/acme.example", json={"employees": None})
        assert reply.json()["employees"] is None

    async def test_refuses_null_for_a_required_field(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        reply = await api.patch(f"{URL}/acme.example", json={"name": None})
        assert reply.json()["errors"][0]["pointer"] == "/name"

    async def test_equal_values_write_nothing(self, api: httpx.AsyncClient) -> None:
        company = await make(api, domain="acme.example", employees=1)
        for body in ({"employees": 1}, {}, {"name": "Acme", "domain": "acme.example"}):
            reply = await api.patch(f"{URL}/acme.example", json=body)
            assert reply.json() == company
        changes = (await api.get("/v1/changes?record_type=companies")).json()["items"]
        assert len(changes) == 1

    async def test_refuses_a_stale_etag_and_shows_the_record(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        current = (await api.patch(f"{URL}/acme.example", json={"employees": 5})).json()
        reply = await api.patch(
            f"{URL}/acme.example", json={"employees": 6}, headers={"If-Match": '"1"'}
        )
        assert (reply.status_code, reply.json()["code"]) == (412, "version_mismatch")
        assert reply.json()["current"] == current

    async def test_refuses_an_etag_that_is_none(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        reply = await api.patch(
            f"{URL}/acme.example", json={"employees": 6}, headers={"If-Match": "three"}
        )
        assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")

    async def test_refuses_a_key_that_another_has(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        await make(api, name="B", domain="b.example")
        reply = await api.patch(f"{URL}/b.example", json={"domain": "acme.example"})
        assert reply.json()["code"] == "duplicate_key"

    async def test_of_many_writers_with_one_etag_exactly_one_wins(
        self, api: httpx.AsyncClient
    ) -> None:
        company = await make(api)
        replies = await asyncio.gather(
            *(
                api.patch(
                    f"{URL}/{company['id']}", json={"employees": n}, headers={"If-Match": '"1"'}
                )
                for n in range(1, 101)
            )
        )
        statuses = sorted(reply.status_code for reply in replies)
        assert statuses == [200] + [412] * 99


class TestDelete:
    async def test_hides_the_record_and_frees_its_keys(self, api: httpx.AsyncClient) -> None:
        company = await make(api, domain="acme.example", external_ids={"crm": "1"})
        reply = await api.delete(f"{URL}/acme.example")
        assert reply.json()["deleted_at"]
        assert (await api.get(f"{URL}/acme.example")).status_code == 404
        gone = await api.get(f"{URL}/{company['id']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "record_deleted")
        shown = await api.get(f"{URL}/{company['id']}", params={"deleted": "include"})
        assert shown.json() == reply.json()
        assert await names(api) == []
        assert await names(api, deleted="only") == ["Acme"]
        await make(api, name="New", domain="acme.example", external_ids={"crm": "1"})

    async def test_twice_is_not_found(self, api: httpx.AsyncClient) -> None:
        company = await make(api)
        await api.delete(f"{URL}/{company['id']}")
        assert (await api.delete(f"{URL}/{company['id']}")).json()["code"] == "record_deleted"

    async def test_honours_if_match(self, api: httpx.AsyncClient) -> None:
        company = await make(api)
        reply = await api.delete(f"{URL}/{company['id']}", headers={"If-Match": '"9"'})
        assert reply.status_code == 412


class TestRestore:
    async def test_brings_the_record_and_its_keys_back(self, api: httpx.AsyncClient) -> None:
        company = await make(api, domain="acme.example")
        await api.delete(f"{URL}/acme.example")
        reply = await api.post(f"{URL}/{company['id'][-8:]}/restore")
        assert (reply.json()["deleted_at"], reply.json()["version"]) == (None, 3)
        assert (await api.get(f"{URL}/acme.example")).status_code == 200

    async def test_finds_by_the_key_that_the_record_had(self, api: httpx.AsyncClient) -> None:
        await make(api, domain="acme.example")
        await api.delete(f"{URL}/acme.example")
        changes = await api.get("/v1/changes", params={"record": "companies/acme.example"})
        assert len(changes.json()["items"]) == 2
        assert (await api.get(f"{URL}/acme.example", params={"deleted": "include"})).is_success
        assert (await api.post(f"{URL}/acme.example/restore")).json()["version"] == 3

    async def test_is_refused_while_a_key_is_taken(self, api: httpx.AsyncClient) -> None:
        company = await make(api, domain="acme.example")
        await api.delete(f"{URL}/acme.example")
        other = await make(api, name="B", domain="acme.example")
        reply = await api.post(f"{URL}/{company['id']}/restore")
        assert (reply.status_code, reply.json()["candidates"]) == (409, [other["id"]])

    async def test_of_a_living_record_changes_nothing(self, api: httpx.AsyncClient) -> None:
        company = await make(api)
        assert (await api.post(f"{URL}/{company['id']}/restore")).json() == company


class TestList:
    async def test_filters_and_sorts(self, api: httpx.AsyncClient) -> None:
        for name, industry, employees in (
            ("b", "finance", 20),
            ("A", "Finance", 20),
            ("c", "retail", 99),
            ("d", "finance", 5),
        ):
            await make(api, name=name, industry=industry, employees=employees)
        where = "industry = finance and employees > 10"
        assert await names(api, where=where, sort="-employees,name") == ["A", "b"]

    async def test_is_newest_first(self, api: httpx.AsyncClient) -> None:
        for name in "abc":
            await make(api, name=name)
        assert await names(api) == ["c", "b", "a"]

    async def test_walks_all_pages(self, api: httpx.AsyncClient) -> None:
        for number in range(7):
            await make(api, name=f"n{number}", employees=None if number % 2 else 1)
        seen: list[str] = []
        cursor = None
        while True:
            params = {"limit": 2, "sort": "employees,-name"} | (
                {"cursor": cursor} if cursor else {}
            )
            page = (await api.get(URL, params=params)).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["n6", "n4", "n2", "n0", "n5", "n3", "n1"]

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"where": "nmae = x"}, "invalid_query"),
            ({"where": "name >"}, "invalid_query"),
            ({"where": "employees = lots"}, "invalid_query"),
            ({"where": "name ~ x"}, "invalid_query"),
            ({"where": "name = 'a\u0000'"}, "invalid_query"),
            ({"where": "x" * 5000}, "query_too_large"),
            ({"sort": "nmae"}, "invalid_query"),
            ({"limit": 0}, "validation_failed"),
            ({"limit": 501}, "validation_failed"),
            ({"limit": "many"}, "validation_failed"),
            ({"deleted": "perhaps"}, "validation_failed"),
            ({"cursor": "nonsense"}, "invalid_cursor"),
            ({"cursor": "\u00e9"}, "invalid_cursor"),
        ],
    )
    async def test_says_what_is_wrong(
        self, api: httpx.AsyncClient, params: dict[str, Any], code: str
    ) -> None:
        reply = await api.get(URL, params=params)
        assert (reply.status_code, reply.json()["code"]) == (422, code)

    async def test_suggests_the_field_that_was_meant(self, api: httpx.AsyncClient) -> None:
        problem = (await api.get(URL, params={"where": "industri = x"})).json()
        assert (problem["suggestion"], problem["position"]) == ("industry", 1)

    async def test_a_cursor_is_good_for_its_own_list_only(self, api: httpx.AsyncClient) -> None:
        for name in "abc":
            await make(api, name=name)
        page = (await api.get(URL, params={"limit": 1})).json()
        cursor = page["next_cursor"]
        for params in ({"sort": "name"}, {"where": "name = b"}, {"deleted": "include"}):
            reply = await api.get(URL, params={"limit": 1, "cursor": cursor, **params})
            assert reply.json()["code"] == "invalid_cursor"
        changed = cursor[:-2] + ("aa" if cursor[-2:] != "aa" else "bb")
        assert (await api.get(URL, params={"cursor": changed})).json()["code"] == "invalid_cursor"


class TestTimes:
    async def test_of_any_offset_are_kept_in_utc(self, api: httpx.AsyncClient) -> None:
        company = await make(api, source_created_at="2005-03-04T05:06:07+22:21")
        assert company["source_created_at"] == "2005-03-03T06:45:07+00:00"
