"""Filters that go through positions, between contacts and companies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation


async def made(api: httpx.AsyncClient, noun: str, **fields: Any) -> str:
    reply = await api.post(f"/v1/{noun}", json=fields)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


@pytest.fixture
async def firm(api: httpx.AsyncClient) -> dict[str, str]:
    """Ada is at Acme now and was at Bolt; Grace is at Bolt, whose parent is Acme; Alan is free."""
    acme = await made(api, "companies", name="Acme", industry="saas", tags=["vip"])
    bolt = await made(api, "companies", name="Bolt", industry="steel", parent_id=acme)
    people = {
        name: await made(api, "contacts", last_name=name, email=f"{name}@example.com".lower())
        for name in ("Ada", "Grace", "Alan")
    }
    for person, company, is_current in (
        ("Ada", acme, True),
        ("Ada", bolt, False),
        ("Grace", bolt, True),
    ):
        link = {"contact_id": people[person], "company_id": company, "is_current": is_current}
        await made(api, "positions", role="engineer", **link)
    return {**people, "Acme": acme, "Bolt": bolt}


async def found(api: httpx.AsyncClient, noun: str, where: str) -> list[str]:
    reply = await api.get(f"/v1/{noun}", params={"where": where})
    assert reply.status_code == 200, reply.text
    title = "last_name" if noun == "contacts" else "name"
    return sorted(item[title] for item in reply.json()["items"])


@pytest.mark.parametrize(
    ("noun", "where", "expected"),
    [
        ("contacts", "company.industry = saas", ["Ada"]),
        ("contacts", "company.name = Bolt", ["Grace"]),
        ("contacts", "companies.name = Bolt", ["Ada", "Grace"]),
        ("contacts", "not (company.name = Bolt)", ["Ada", "Alan"]),
        ("contacts", "company.industry != saas", ["Alan", "Grace"]),
        ("contacts", "company is empty", ["Alan"]),
        ("contacts", "companies has (name = Bolt and industry = steel)", ["Ada", "Grace"]),
        ("contacts", "companies has (name = Bolt and industry = saas)", []),
        ("contacts", "company.parent.name = Acme", ["Grace"]),
        ("contacts", "company.tags has vip", ["Ada"]),
        ("companies", "contacts.last_name = Ada", ["Acme", "Bolt"]),
        ("companies", "contacts.emails.address ends with example.com", ["Acme", "Bolt"]),
        ("companies", "parent.name = acme", ["Bolt"]),
        ("companies", "members.name = bolt", ["Acme"]),
        ("companies", "members is empty", ["Bolt"]),
        ("companies", "contacts is empty", []),
    ],
)
async def test_lead_there(
    api: httpx.AsyncClient, firm: dict[str, str], noun: str, where: str, expected: list[str]
) -> None:
    assert await found(api, noun, where) == expected


async def test_what_is_deleted_is_at_no_end(api: httpx.AsyncClient, firm: dict[str, str]) -> None:
    assert (await api.delete(f"/v1/companies/{firm['Acme']}")).is_success
    assert await found(api, "contacts", "company.industry = saas") == []
    assert await found(api, "contacts", "company is empty") == ["Ada", "Alan"]
    assert (await api.post(f"/v1/companies/{firm['Acme']}/restore")).is_success
    assert await found(api, "contacts", "company.industry = saas") == ["Ada"]


async def test_no_path_is_longer_than_three(api: httpx.AsyncClient) -> None:
    reply = await api.get(
        "/v1/contacts", params={"where": "company.parent.parent.parent.name = Acme"}
    )
    assert reply.status_code == 422
    assert reply.json()["code"] == "invalid_query"


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


READ = ["contacts:read", "companies:read", "positions:read"]
THROUGH_LINKS = ("company.name = Acme", "companies has (name = Acme)", "company is not empty")
UPWARDS = ("parent.name = Acme", "members.name = Bolt", "parent is not empty")


class TestLinksThatAreNotSeen:
    @pytest.mark.parametrize(
        ("permissions", "rules"),
        [
            (READ[:2], {}),
            (READ, {"field_rules": {"positions.company_id": "hidden"}}),
            (READ, {"field_rules": {"positions.contact_id": "hidden"}}),
        ],
    )
    async def test_lead_nowhere(
        self,
        api: httpx.AsyncClient,
        main: People,
        firm: dict[str, str],
        permissions: list[str],
        rules: dict[str, Any],
    ) -> None:
        main.role("limited", permissions, **rules)
        limited = main.signed("lim", "limited")
        for where in THROUGH_LINKS:
            reply = await api.get("/v1/contacts", params={"where": where}, headers=limited)
            assert (reply.status_code, reply.json()["code"]) == (422, "invalid_query"), where

    async def test_by_a_row_rule_are_as_if_they_were_not(
        self, api: httpx.AsyncClient, main: People, firm: dict[str, str]
    ) -> None:
        main.role("limited", READ, row_rules={"positions": "role = boss"})
        limited = main.signed("lim", "limited")
        asked = {"where": "companies.name in (Acme, Bolt)"}
        assert (await api.get("/v1/contacts", params=asked, headers=limited)).json()["items"] == []
        assert len((await api.get("/v1/contacts", params=asked)).json()["items"]) == 2

    @pytest.mark.parametrize("where", UPWARDS)
    async def test_by_a_hidden_column_lead_nowhere(
        self, api: httpx.AsyncClient, main: People, firm: dict[str, str], where: str
    ) -> None:
        main.role("limited", READ, field_rules={"companies.parent_id": "hidden"})
        limited = main.signed("lim", "limited")
        reply = await api.get("/v1/companies", params={"where": where}, headers=limited)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_query")
