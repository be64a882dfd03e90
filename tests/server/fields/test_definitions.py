"""Definitions: made, renamed, switched off and on again, removed and brought back."""

from __future__ import annotations

import asyncio

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
            ({"key": "firstname"}, "/key"),
            ({"key": "e_mail"}, "/key"),
            ({"key": "owner_"}, "/key"),
            ({"key": "not"}, "/key"),
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
            ({"type": "team", "default": "support"}, "/default"),
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

    async def test_files_can_tell_a_key_from_others(self, api: httpx.AsyncClient) -> None:
        await define(api, "tax_id", "text")
        alike = TIER | {"key": "taxid"}
        reply = await api.post(URL, json=alike)
        assert reply.json()["errors"][0]["code"] == "key_alike"
        assert (await api.post(URL, json=alike | {"record_type": "companies"})).is_success
        await api.delete(f"{URL}/contacts.tax_id")
        assert (await api.post(URL, json=alike)).is_success
        back = await api.post(f"{URL}/contacts.tax_id/restore")
        assert (back.status_code, back.json()["errors"][0]["code"]) == (422, "key_alike")

    @pytest.mark.parametrize("key", ["and", "or", "in", "is", "has", "me", "now", "empty", "true"])
    async def test_a_key_can_stand_in_a_filter(self, api: httpx.AsyncClient, key: str) -> None:
        await define(api, key, "text")
        await make(api, "Yes", **{key: "x"})
        assert await names(api, f"{key} = x and not ({key} is empty)", f"-{key}") == ["Yes"]

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

    async def test_comes_back_where_there_is_room_for_it(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await define(api, "tier", "text")
        await api.delete(f"{URL}/contacts.tier")
        main.connection.execute(
            "insert into fields (id, record_type, key, type, label) select "
            "gen_random_uuid(), 'contacts', 'k' || n, 'text', 'K' from generate_series(1, 500) n"
        )
        back = await api.post(f"{URL}/contacts.tier/restore")
        assert (back.status_code, back.json()["errors"][0]["code"]) == (422, "too_many")
        main.connection.execute("delete from fields where key = 'k1'")
        assert (await api.post(f"{URL}/contacts.tier/restore")).is_success

    async def test_and_another_type_at_once_leave_one_of_them(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        await make(api, tier="no id")
        removed, made = await asyncio.gather(
            api.delete(f"{URL}/contacts.tier"), api.post(URL, json=TIER | {"type": "user"})
        )
        assert (removed.status_code, made.status_code) in ((200, 409), (200, 422))

    async def test_its_key_cannot_come_back_as_another_type(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text")
        await make(api, tier="gold")
        await api.delete(f"{URL}/contacts.tier")
        other = await api.post(URL, json=TIER | {"type": "integer"})
        assert other.json()["errors"][0]["code"] == "key_used_before"
        await define(api, "tier", "text")
        assert await names(api, "tier = gold") == ["Lovelace"]


async def test_values_of_another_type_stay_in_the_journal(
    api: httpx.AsyncClient, main: People
) -> None:
    ada = main.user("ada", "agent")
    await define(api, "tier", "text")
    made = await make(api, tier="no id")
    main.connection.execute("update fields set type = 'user' where key = 'tier'")
    path = f"/v1/contacts/{made['id']}"
    changed = await api.patch(path, json={"custom": {"tier": str(ada)}})
    assert changed.is_success
    reply = await api.get(f"{path}/timeline")
    assert reply.status_code == 200
    texts = [change["text"] for item in reply.json()["items"] for change in item["changes"]]
    assert any("no id" in text and "ada" in text.lower() for text in texts), texts
