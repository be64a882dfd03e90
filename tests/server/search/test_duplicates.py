"""The duplicate check on create: what is refused, for which reasons, and what it does not tell."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cerebro_server import registry
from tests.fixtures.people import People
from tests.server.search.conftest import make

ACME = {"name": "Acme GmbH", "city": "Bonn", "phone": "+49 228 901820"}
ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@analytical.example",
    "phone": "+44 20 7946 0999",
}


async def refused(
    api: httpx.AsyncClient,
    noun: str,
    values: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Create, and return the candidates of the refusal; none if there was none."""
    lenient = {"allow_invalid": "true"}
    reply = await api.post(f"/v1/{noun}", json=values, headers=headers, params=lenient)
    if reply.status_code == 201:
        await api.delete(f"/v1/{noun}/{reply.json()['id']}")
        return []
    assert reply.status_code == 409, reply.text
    assert reply.json()["code"] == "possible_duplicate"
    found: list[dict[str, Any]] = reply.json()["candidates"]
    return found


class TestCompanies:
    @pytest.mark.parametrize(
        ("values", "reasons"),
        [
            ({"name": "Acme GmbH", "city": "Bonn"}, ["same name", "same city"]),
            ({"name": "ACME", "city": "bonn"}, None),  # another name to the index
            ({"name": "acme gmbh", "city": "BONN"}, ["same name", "same city"]),
            ({"name": "Acme GmbH", "phone": "0228/901820"}, ["same name", "same phone"]),
            ({"name": "Acme", "phone": "(0228) 90 18 20"}, ["same name", "same phone"]),
            ({"name": "Acmee", "phone": "0049228901820"}, ["similar name", "same phone"]),
            ({"name": "Acme GmbH"}, None),
            ({"name": "Acme GmbH", "city": "Berlin"}, None),
            ({"name": "Zebra", "phone": "+49 228 901820", "city": "Bonn"}, None),
        ],
    )
    async def test_are_refused_when_name_and_more_agree(
        self, api: httpx.AsyncClient, values: dict[str, Any], reasons: list[str] | None
    ) -> None:
        record_id = await make(api, "companies", **ACME)
        candidates = await refused(api, "companies", values)
        if reasons is None:
            assert candidates == []
            return
        [candidate] = candidates
        assert (candidate["id"], candidate["title"]) == (record_id, "Acme GmbH")
        assert candidate["reasons"] == reasons
        assert 0.8 <= candidate["score"] <= 1

    async def test_with_domains_of_their_own_are_not_the_same(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", **ACME, domain="acme.example")
        assert await refused(api, "companies", {**ACME, "phone": None}) != []
        other = {"name": "Acme GmbH", "city": "Bonn", "domain": "acme-bonn.example"}
        assert await refused(api, "companies", other) == []

    async def test_with_a_taken_key_are_refused_for_the_key(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", name="Acme", domain="acme.example")
        reply = await api.post("/v1/companies", json={"name": "Other", "domain": "acme.example"})
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")


class TestContacts:
    @pytest.mark.parametrize(
        ("values", "reasons"),
        [
            (
                {"email": "a.lovelace@analytical.example", "phone": None},
                ["same name", "same domain"],
            ),
            ({"email": None}, ["same name", "same phone"]),
            ({"email": None, "last_name": "Lovelacee"}, ["similar name", "same phone"]),
            ({"email": None, "first_name": "Byron"}, None),
            ({"email": None, "phone": None}, None),
        ],
    )
    async def test_are_refused_when_name_and_more_agree(
        self, api: httpx.AsyncClient, values: dict[str, Any], reasons: list[str] | None
    ) -> None:
        await make(api, "contacts", **ADA)
        candidates = await refused(api, "contacts", {**ADA, **values})
        assert [each["reasons"] for each in candidates] == ([reasons] if reasons else [])

    @pytest.mark.parametrize(
        ("values", "reasons"),
        [
            ({"phones": ["+44 20 7946 0123"]}, ["same name", "same phone"]),
            ({"phones": ["+1 212 5550100", "+44 20 7946 0999"]}, ["same name", "same phone"]),
            ({"emails": ["a@byron.example"]}, ["same name", "same domain"]),
            ({"emails": ["a@x.example", "b@byron.example"]}, ["same name", "same domain"]),
            ({"phones": ["+1 212 5550100"], "emails": ["a@x.example"]}, None),
        ],
    )
    async def test_are_compared_by_all_their_numbers_and_addresses(
        self, api: httpx.AsyncClient, values: dict[str, Any], reasons: list[str] | None
    ) -> None:
        name = {"first_name": "Ada", "last_name": "Lovelace"}
        await make(
            api,
            "contacts",
            **name,
            phones=["+44 20 7946 0999", "+44 20 7946 0123"],
            emails=["ada@analytical.example", "ada@byron.example"],
        )
        candidates = await refused(api, "contacts", {**name, **values})
        assert [each["reasons"] for each in candidates] == ([reasons] if reasons else [])

    async def test_of_a_mail_domain_that_everybody_has_are_not_the_same(
        self, api: httpx.AsyncClient
    ) -> None:
        await make(api, "contacts", last_name="Smith", email="smith1@gmail.com")
        assert await refused(api, "contacts", {"last_name": "Smith", "email": "s2@gmail.com"}) == []


class TestAllowing:
    async def test_creates_it_all_the_same(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", **ACME)
        for text, status in (("false", 409), ("true", 201)):
            reply = await api.post("/v1/companies", json=ACME, params={"allow_duplicates": text})
            assert reply.status_code == status

    async def test_a_refused_create_writes_nothing_and_keeps_no_idempotency_key(
        self, api: httpx.AsyncClient
    ) -> None:
        await make(api, "companies", **ACME)
        key = {"Idempotency-Key": '"k"'}
        reply = await api.post("/v1/companies", json=ACME, headers=key)
        assert reply.status_code == 409
        assert len((await api.get("/v1/companies")).json()["items"]) == 1
        reply = await api.post(
            "/v1/companies", json=ACME, headers=key, params={"allow_duplicates": "true"}
        )
        assert reply.status_code == 201

    @pytest.mark.parametrize("params", [{"allow_duplicates": "maybe"}, {"allow": "true"}])
    async def test_refuses_other_parameters(
        self, api: httpx.AsyncClient, params: dict[str, str]
    ) -> None:
        reply = await api.post("/v1/companies", json=ACME, params=params)
        assert reply.status_code == 422

    async def test_an_import_matches_by_keys_only(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", **ACME)
        reply = await api.post(
            "/v1/companies/import",
            content="name,city\nAcme GmbH,Bonn\n",
            headers={"content-type": "text/csv"},
        )
        assert reply.json()["created"] == 1


async def test_deleted_records_are_no_candidates(api: httpx.AsyncClient) -> None:
    record_id = await make(api, "companies", **ACME)
    await api.delete(f"/v1/companies/{record_id}")
    assert await refused(api, "companies", ACME) == []


async def test_lists_the_surest_first_and_five_at_most(api: httpx.AsyncClient) -> None:
    for _ in range(7):
        reply = await api.post(
            "/v1/companies",
            json={"name": "Acme GmbH", "city": "Bonn"},
            params={"allow_duplicates": "true"},
        )
        assert reply.status_code == 201
    reply = await api.post("/v1/companies", json=ACME, params={"allow_duplicates": "true"})
    candidates = await refused(api, "companies", ACME)
    assert len(candidates) == 5
    assert candidates[0]["id"] == reply.json()["id"]
    assert [each["score"] for each in candidates] == [1.0, 0.8, 0.8, 0.8, 0.8]


class TestSeeing:
    async def test_records_that_may_not_be_read_neither_block_nor_show(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("own", ["companies:read:own", "companies:create", "companies:delete:own"])
        main.role("writer", ["companies:create", "companies:delete"])
        await make(api, "companies", **ACME)
        for role in ("own", "writer"):
            headers = main.signed(f"somebody_{role}", role)
            reply = await api.post("/v1/companies", json=ACME, headers=headers)
            assert reply.status_code == 201
            params = {"allow_duplicates": "true"}
            again = await api.post("/v1/companies", json=ACME, headers=headers, params=params)
            assert again.status_code == 201
        assert len(await refused(api, "companies", ACME)) == 5

    @pytest.mark.parametrize("level", ["hidden", "masked"])
    async def test_fields_that_are_not_seen_are_not_compared(
        self, api: httpx.AsyncClient, main: People, level: str
    ) -> None:
        main.role(
            "limited",
            ["companies:read", "companies:create", "companies:delete"],
            field_rules={"companies.city": level, "companies.phone": level},
        )
        limited = main.signed("lim", "limited")
        await make(api, "companies", **ACME, street="Am Hof 1")
        probe = {"name": "Acme GmbH", "website": None}
        assert await refused(api, "companies", probe, limited) == []
        seen = {"name": "Acme GmbH", "street": "am hof 1"}
        [candidate] = await refused(api, "companies", seen, limited)
        assert candidate["reasons"] == ["same name", "same street"]

    async def test_a_name_that_is_masked_is_not_compared(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role(
            "nameless",
            ["contacts:read", "contacts:create"],
            field_rules={"contacts.full_name": "masked"},
        )
        await make(api, "contacts", **ADA)
        body = {**ADA, "email": "ada2@analytical.example"}
        reply = await api.post("/v1/contacts", json=body, headers=main.signed("nell", "nameless"))
        assert reply.status_code == 201, "phone and domain alone are too little"


def test_rules_name_fields_that_there_are() -> None:
    for record_type in registry.record_types():
        if record_type.duplicates is None:
            continue
        rules = record_type.duplicates
        named = {*rules.blocks, *(each.field for each in rules.compared)}
        assert named <= set(record_type.fields)
        said = {each.field: each.weight for each in rules.compared if each.field != "email"}
        assert max(said.values()) < rules.threshold, "one is not enough, but for an address"
