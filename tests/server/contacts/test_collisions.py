"""Two changes in each other's way: one is told so, and nothing of it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.fixtures.stores import Installation
from tests.fixtures.waiting import until_it_waits


@pytest.fixture
def holder(installation: Installation) -> Iterator[psycopg.Connection]:
    """Somebody whose transaction is open."""
    with psycopg.connect(installation.url) as connection:
        connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        connection.commit()
        yield connection
        connection.rollback()


async def made(api: httpx.AsyncClient, noun: str, **fields: str) -> str:
    reply = await api.post(f"/v1/{noun}", json=fields)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def test_a_record_that_is_destroyed_meanwhile_is_an_unknown_one(
    api: httpx.AsyncClient, installation: Installation, holder: psycopg.Connection
) -> None:
    contact = await made(api, "contacts", last_name="Lovelace")
    company = await made(api, "companies", name="Acme")
    holder.execute("delete from companies")
    link = {"contact_id": contact, "company_id": company}
    call = asyncio.create_task(api.post("/v1/positions", json=link))
    await until_it_waits(installation.url, call)
    holder.commit()
    reply = await call
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "unknown_reference")
    assert (await api.get("/v1/positions")).json()["items"] == []


async def test_a_deadlock_is_a_conflict_that_may_be_tried_again(
    api: httpx.AsyncClient, installation: Installation, holder: psycopg.Connection
) -> None:
    one = await made(api, "companies", name="One", domain="one.example")
    two = await made(api, "companies", name="Two", domain="two.example")
    rename = "update companies set domain = 'other.example', version = version + 1 where id = %s"
    touch = "update companies set description = 'x', version = version + 1 where id = %s"
    holder.execute("set deadlock_timeout = '1min'")  # so that the other one is who notices
    holder.execute(rename, (one,))
    call = asyncio.create_task(api.patch(f"/v1/companies/{two}", json={"domain": "one.example"}))
    await until_it_waits(installation.url, call)  # for the key, with the record in its hands
    await asyncio.to_thread(holder.execute, touch, (two,))  # which this waits for
    reply = await call
    assert (reply.status_code, reply.json()["code"]) == (409, "conflict")
    assert reply.headers["retry-after"] == "1"
    holder.commit()
    again = await api.patch(f"/v1/companies/{two}", json={"domain": "one.example"})
    assert again.status_code == 200
