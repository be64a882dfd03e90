"""Definitions: made, renamed, switched off and on again, removed and brought back."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.people import People
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

from .conftest import define, make, names

URL = "/v1/fields"
TIER = {"record_type": "contacts", "key": "tier", "type": "text"}


class TestCreate:
    async def test_fills_in_what_is_left_out(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        second = await define(api, "tax_id", "text")
        assert second["path"] == "contacts.tax_id"
        assert second["label"] == "Tax id"
        assert second["position"] == 2
        assert second["is_active"] is True

    async def test_options_have_keys_and_labels(self, api: httpx.AsyncClient) -> None:
        options = ["gold", "Very high", {"key": "x1", "label": "First"}]
        found = await define(api, "tier", "select", options=options, default="very HIGH")
        assert found["options"] == [
            {"key": "gold", "label": "Gold"},
            {"key": "very_high", "label": "Very high"},
            {"key": "x1", "label": "First"},
        ]
        assert found["default"] == "very_high"

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"key": "email"}, "/key"),
            ({"key": "owner"}, "/key"),
            ({"key": "custom"}, "/key"),
            ({"key": "Tier"}, "/key"),
            ({"key": "a-b"}, "/key"),
            ({"record_type": "users"}, "/record_type"),
            ({"record_type": "contcats"}, "/record_type"),
            ({"type": "string"}, "/type"),
            ({"type": "select"}, "/options"),
            ({"type": "select", "options": ["a", "a"]}, "/options"),
            ({"options": ["a"]}, "/options"),
            ({"type": "integer", "default": "ten"}, "/default"),
            ({"type": "user", "default": "me"}, "/default"),
        ],
    )
    async def test_refuses_what_makes_no_field(
        self, api: httpx.AsyncClient, changes: dict[str, object], pointer: str
    ) -> None:
        reply = await api.post(URL, json=TIER | changes)
        assert reply.status_code == 422
        assert pointer in {error["pointer"] for error in reply.json()["errors"]}

    async def test_a_key_is_unique_per_noun(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        again = await api.post(URL, json=TIER)
        other = await api.post(URL, json=TIER | {"record_type": "companies"})
        assert (again.status_code, again.json()["code"]) == (409, "duplicate_key")
        assert other.status_code == 201

    async def test_needs_the_permission(self, api: httpx.AsyncClient, main: People) -> None:
        for role, status in (("agent", 403), ("manager", 403), ("admin", 201)):
            reply = await api.post(URL, json=TIER | {"key": role}, headers=main.signed(role, role))
            assert reply.status_code == status
        agent = main.signed("reader", "read_only")
        assert len((await api.get(URL, headers=agent)).json()["items"]) == 1


class TestUpdate:
    async def test_a_new_label_breaks_nothing(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        await make(api, tier="gold")
        reply = await api.patch(f"{URL}/contacts.tier", json={"label": "Class of service"})
        assert reply.json()["label"] == "Class of service"
        assert reply.json()["key"] == "tier"
        assert await names(api, "tier = gold") == ["Lovelace"]

    @pytest.mark.parametrize("name", ["key", "type", "record_type", "path"])
    async def test_what_others_go_by_never_changes(self, api: httpx.AsyncClient, name: str) -> None:
        await define(api, "tier", "text")
        reply = await api.patch(f"{URL}/contacts.tier", json={name: "other"})
        assert reply.json()["errors"][0]["pointer"] == f"/{name}"

    async def test_options_can_be_added_and_defaults_changed(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "select", options=["gold"])
        change = {"options": ["gold", "silver"], "default": "Silver"}
        reply = await api.patch(f"{URL}/contacts.tier", json=change)
        assert reply.json()["default"] == "silver"
        assert (await make(api))["custom"] == {"tier": "silver"}


class TestAtOnce:
    async def test_a_new_field_can_be_used_where_it_was_made(
        self, installation: Installation
    ) -> None:
        async with serving(installation, key_cache_seconds=1.0) as client:
            await make(client)
            await define(client, "tier", "text")
            assert (await make(client, tier="gold"))["custom"] == {"tier": "gold"}


class TestActive:
    async def test_inactive_is_nowhere_and_keeps_its_values(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        made = await make(api, tier="gold")
        path = f"/v1/contacts/{made['id']}"
        await api.patch(f"{URL}/contacts.tier", json={"is_active": False})
        assert (await api.get(path)).json()["custom"] == {}
        filtered = await api.get("/v1/contacts", params={"where": "tier = gold"})
        assert filtered.json()["code"] == "invalid_query"
        written = await api.patch(path, json={"custom": {"tier": "silver"}})
        assert written.json()["errors"][0]["code"] == "unknown_field"
        assert "tier" not in (await api.get("/v1/contacts/export")).text
        await api.patch(path, json={"last_name": "King"})
        await api.patch(f"{URL}/contacts.tier", json={"is_active": True})
        assert (await api.get(path)).json()["custom"] == {"tier": "gold"}


class TestDelete:
    async def test_keeps_the_values_for_a_restore(self, api: httpx.AsyncClient) -> None:
        field = await define(api, "tier", "text")
        made = await make(api, tier="gold")
        assert (await api.delete(f"{URL}/contacts.tier")).status_code == 200
        assert (await api.get(f"/v1/contacts/{made['id']}")).json()["custom"] == {}
        await api.post(f"{URL}/{field['id']}/restore")
        assert (await api.get(f"/v1/contacts/{made['id']}")).json()["custom"] == {"tier": "gold"}

    async def test_its_key_cannot_come_back_as_another_type(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        await make(api, tier="gold")
        await api.delete(f"{URL}/contacts.tier")
        other = await api.post(URL, json=TIER | {"type": "integer"})
        assert other.json()["errors"][0]["code"] == "key_used_before"
        await define(api, "tier", "text")
        assert await names(api, "tier = gold") == ["Lovelace"]
