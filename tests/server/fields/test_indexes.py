"""Indexes of custom fields: built beside the traffic, used by filters and sorts, and unique."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from cerebro_server.kernel.fields import Definition
from cerebro_server.kernel.query import Env, compile_sql, parse
from cerebro_server.kernel.query.sorting import SortKey
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.records import custom_indexes
from tests.fixtures.people import People
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.fields.conftest import define, make, names
from tests.server.jobs.conftest import Desk, desk, until
from tests.server.operations.doing import imported

__all__ = ["desk"]
VALUES = {
    "text": "gold",
    "integer": 7,
    "decimal": "7.5",
    "percent": "7",
    "currency": {"amount": "7", "currency": "EUR"},
    "boolean": True,
    "date": "2026-05-01",
    "datetime": "2026-05-01T10:00:00Z",
    "time": "10:00:00",
    "duration": 60,
    "email": "ada@example.com",
    "phone": "+4930123456",
    "domain": "example.com",
    "select": "gold",
    "rating": 3,
    "barcode": "4006381333931",
    "color": "#ff0000",
}


@pytest.fixture
async def working(desk: Desk) -> AsyncIterator[Desk]:
    async with desk.working({}):
        yield desk


async def field(api: httpx.AsyncClient, key: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/v1/fields/contacts.{key}")).json()
    return found


async def state(api: httpx.AsyncClient, key: str, wanted: str | None) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        found = await field(api, key)
        return found if found["index_state"] == wanted else None

    found: dict[str, Any] = await until(reached, f"the index of {key} is {wanted}")
    return found


def indexes(desk: Desk) -> set[str]:
    rows = desk.rows(
        "select indexname from pg_indexes where schemaname = 'ws_main' "
        "and starts_with(indexname, 'custom_')"
    )
    return {name for (name,) in rows}


def plan(desk: Desk, condition: str, order: str = "", params: tuple[Any, ...] = ()) -> str:
    desk.rows("select 1")
    where = f"{condition} and t.deleted_at is null"
    with desk.owner.transaction():
        desk.owner.execute("set local enable_seqscan = off")
        rows = desk.owner.execute(
            f"explain select t.id from contacts t where {where} {order}", params or None
        ).fetchall()
    return "\n".join(row[0] for row in rows)


class TestBuilding:
    async def test_is_usable_at_once_and_ready_later(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        made = await define(api, "tier", "text", is_indexed=True)
        assert made["index_state"] == "building"
        await make(api, "Lovelace", tier="gold")
        assert await names(api, "tier = gold") == ["Lovelace"]
        async with desk.working({}):
            await state(api, "tier", "ready")
            await until(lambda: desk.states() == {}, "the job is done")
        assert await names(api, "tier = gold") == ["Lovelace"]

    @pytest.mark.parametrize("kind", sorted(VALUES))
    async def test_serves_what_filters_and_sorts_compare(
        self, api: httpx.AsyncClient, working: Desk, kind: str
    ) -> None:
        more = {"options": ["gold"]} if kind == "select" else {}
        await define(api, "tier", kind, is_indexed=True, **more)
        await make(api, tier=VALUES[kind])
        await state(api, "tier", "ready")
        definition = Definition("tier", kind, "Tier")
        compared = custom_indexes.whole(definition)
        side, key = comparable(compared), SortKey(compared).sql
        name = custom_indexes.stem("contacts", "tier")
        equal = side if kind == "boolean" else f"{side} = (select {side} from contacts t limit 1)"
        assert name in plan(working, equal)
        sort = plan(working, "true", f"order by {key}, t.id limit 10")
        assert name in sort
        assert "Sort Key" not in sort

    @pytest.mark.parametrize("text", ["tier = gold", "tier in (gold, silver)"])
    async def test_serves_a_filter_as_it_is_compiled(
        self, api: httpx.AsyncClient, working: Desk, text: str
    ) -> None:
        await define(api, "tier", "select", options=["gold", "silver"], is_indexed=True)
        await state(api, "tier", "ready")
        definition = Definition(
            "tier", "select", "Tier", options=(("gold", "Gold"), ("silver", "Silver"))
        )
        about = {field.name: field for field in definition.fields()}
        compiled = compile_sql(parse(text), about, Env(now=datetime.now(UTC)))
        shown = plan(working, compiled.text, params=compiled.params)
        assert "Index Cond" in shown
        assert custom_indexes.stem("contacts", "tier") in shown

    async def test_goes_when_the_flag_or_the_field_goes(
        self, api: httpx.AsyncClient, working: Desk
    ) -> None:
        await define(api, "tier", "text", is_indexed=True)
        await state(api, "tier", "ready")
        assert len(indexes(working)) == 2
        await api.patch("/v1/fields/contacts.tier", json={"is_indexed": False})
        await until(lambda: not indexes(working), "the index is dropped")
        assert (await field(api, "tier"))["index_state"] is None
        await api.patch("/v1/fields/contacts.tier", json={"is_indexed": True})
        await until(lambda: len(indexes(working)) == 2, "it is there again")
        await api.delete("/v1/fields/contacts.tier")
        await until(lambda: not indexes(working), "it goes with the field")
        await api.post("/v1/fields/contacts.tier/restore")
        await state(api, "tier", "ready")

    async def test_what_was_left_half_built_is_built_anew(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        await define(api, "tier", "text", is_indexed=True)
        name = custom_indexes.stem("contacts", "tier")
        desk.rows("select 1")
        desk.owner.execute(f"create index {name} on contacts (last_name)")
        desk.owner.execute(
            "update pg_index set indisvalid = false where indexrelid = %s::regclass", (name,)
        )
        async with desk.working({}):
            await state(api, "tier", "ready")
        [(definition,)] = desk.rows("select indexdef from pg_indexes where indexname = %s", name)
        assert "tier" in definition

    @pytest.mark.parametrize("kind", ["long_text", "address", "checklist", "range"])
    async def test_types_without_one_value_have_none(
        self, api: httpx.AsyncClient, kind: str
    ) -> None:
        payload = {"record_type": "contacts", "key": "x", "type": kind, "is_indexed": True}
        reply = await api.post("/v1/fields", json=payload)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/is_indexed"

    async def test_a_worker_without_the_owners_login_leaves_it_to_others(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        await define(api, "tier", "text", is_indexed=True)

        async def noop(work: Any) -> None: ...

        app = SecretStr(desk.url)
        async with desk.working({"noop": noop}, database_url=None, database_app_url=app):
            await desk.ask("noop")
            await until(lambda: desk.states() == {"pending": 1}, "it runs what it can")
        assert (await field(api, "tier"))["index_state"] == "building"


class TestUnique:
    @pytest.fixture
    async def number(self, api: httpx.AsyncClient, working: Desk) -> Desk:
        await define(api, "number", "text", is_unique=True)
        await state(api, "number", "ready")
        return working

    async def test_a_second_record_is_refused_and_the_first_named(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        first = await make(api, number="A-1")
        payload = {"last_name": "Hopper", "custom": {"number": "a-1"}}
        reply = await api.post("/v1/contacts", json=payload)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (409, "duplicate_key")
        assert problem["candidates"] == [first["id"]]
        assert problem["errors"][0]["pointer"] == "/custom/number"
        assert "Number" in problem["detail"]

    async def test_a_change_to_a_taken_value_is_refused(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        first, second = await make(api, number="A-1"), await make(api, "Hopper", number="A-2")
        url = f"/v1/contacts/{second['id']}"
        reply = await api.patch(url, json={"custom": {"number": "A-1"}})
        assert (reply.status_code, reply.json()["candidates"]) == (409, [first["id"]])
        assert (await api.patch(url, json={"custom": {"number": "a-2"}})).status_code == 200

    async def test_the_index_holds_it_where_the_check_came_too_early(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        """A deleted record frees its value; restoring it is no write of the value."""
        first = await make(api, number="A-1")
        await api.delete(f"/v1/contacts/{first['id']}")
        second = await make(api, "Hopper", number="A-1")
        reply = await api.post(f"/v1/contacts/{first['id']}/restore")
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")
        assert reply.json()["candidates"] == [second["id"]]

    async def test_records_without_a_value_are_many(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        await make(api)
        await make(api, "Hopper")
        assert len(await names(api, "number is empty")) == 2

    async def test_an_import_refuses_row_by_row(self, api: httpx.AsyncClient, number: Desk) -> None:
        await make(api, number="A-1")
        text = "last_name,number\nHopper,A-1\nCurie,A-2\nMeitner,a-2\nNoether,A-3\n"
        reply = await api.post(
            "/v1/contacts/import", content=text, headers={"Content-Type": "text/csv"}
        )
        report = reply.json()
        assert (report["created"], report["refused"]) == (2, 2)
        assert [(each["line"], each["code"]) for each in report["errors"]] == [
            (2, "duplicate_key"),
            (4, "duplicate_key"),
        ]
        assert await names(api, "number starts with A") == ["Curie", "Lovelace", "Noether"]

    async def test_an_import_finds_records_by_it_where_told(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        await make(api, number="A-1")
        text = "last_name,number,city\nLovelace,a-1,Rome\nCurie,A-2,Paris\nAgain,a-2,Bonn\n"
        reply = await api.post(
            "/v1/contacts/import?key=number", content=text, headers={"Content-Type": "text/csv"}
        )
        report = reply.json()
        assert (report["updated"], report["created"], report["skipped"]) == (1, 1, 1), report
        assert await names(api, "city = Rome") == ["Lovelace"]
        assert await names(api, "number starts with A") == ["Curie", "Lovelace"]
        reply = await api.post(
            "/v1/contacts/import?key=city", content=text, headers={"Content-Type": "text/csv"}
        )
        assert "custom.number" in reply.json()["detail"]

    async def test_an_import_deletes_records_by_it_where_told(
        self, api: httpx.AsyncClient, number: Desk
    ) -> None:
        await make(api, number="A-1")
        await make(api, "Hopper", number="A-2")
        text = "Action,Last Name,number\ndelete,Lovelace,a-1\ndelete,Nobody,A-9\n"
        op = await imported(api, "contacts", text, preset="outlook", key="number", deletes=True)
        assert (op["done"]["deleted"], op["plan"]["skip"]) == (1, 1)
        assert await names(api, "number starts with A") == ["Hopper"]

    async def test_what_is_taken_twice_is_listed(
        self, api: httpx.AsyncClient, working: Desk
    ) -> None:
        await define(api, "number", "text")
        records = [await make(api, number="A-1"), await make(api, "Hopper", number="A-1")]
        reply = await api.patch("/v1/fields/contacts.number", json={"is_unique": True})
        assert reply.json()["index_state"] == "building"
        found = await state(api, "number", "invalid")
        await until(lambda: working.states() == {"dead": 1}, "the job is given up")
        [(said,)] = working.rows("select last_error from jobs")
        assert said == found["index_error"]
        assert all(record["id"] in said for record in records)
        assert indexes(working) == set()
        # mended, the job runs again
        await api.delete(f"/v1/contacts/{records[1]['id']}")
        [job] = (await api.get("/v1/jobs")).json()["items"]
        await api.post(f"/v1/jobs/{job['id']}/retry")
        assert (await state(api, "number", "ready"))["index_error"] is None

    async def test_has_no_default(self, api: httpx.AsyncClient) -> None:
        payload = {"record_type": "contacts", "key": "x", "type": "text", "default": "a"}
        reply = await api.post("/v1/fields", json={**payload, "is_unique": True})
        assert reply.json()["errors"][0]["pointer"] == "/default"

    async def test_whose_value_it_is_stays_unsaid_to_whoever_may_not_read_it(
        self, api: httpx.AsyncClient, number: Desk, main: People, installation: Installation
    ) -> None:
        await make(api, number="A-1")
        main.role("narrow", ["contacts:create", "contacts:read:own", "users:read"])
        signed = main.signed("ada", "narrow")
        async with serving(installation, key_cache_seconds=0.0) as other:
            payload = {"last_name": "Hopper", "custom": {"number": "A-1"}}
            reply = await other.post("/v1/contacts", json=payload, headers=signed)
        assert reply.status_code == 409
        assert not reply.json().get("candidates")
