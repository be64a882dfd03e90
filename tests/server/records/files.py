"""Files to import, and looks into the database behind the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.fixtures.people import people
from tests.fixtures.stores import Installation

URL = "/v1/companies"
CONTACTS = "/v1/contacts"
SALESFORCE = (
    "Id,IsDeleted,Name,Website,NumberOfEmployees,CreatedDate\n"
    "001,false,Acme,www.acme.example,12,2005-03-04T05:06:07.000Z\n"
    "002,false,Bolt,,,2006-04-15T03:23:15.000Z\n"
    "003,false,Çelik,,7,\n"
)


def table(header: Sequence[str], *rows: Sequence[object], **dialect: Any) -> str:
    """Write a CSV file."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n", **dialect).writerows([header, *rows])
    return target.getvalue()


async def send(
    api: httpx.AsyncClient, content: str | bytes, *, url: str = URL, **params: Any
) -> httpx.Response:
    """Import a file."""
    data = content.encode() if isinstance(content, str) else content
    headers = {"Content-Type": "text/csv"}
    return await api.post(f"{url}/import", params=params, content=data, headers=headers)


async def imported(api: httpx.AsyncClient, content: str | bytes, **params: Any) -> dict[str, Any]:
    """Import a file that is right, and return the report."""
    reply = await send(api, content, **params)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


async def refused(api: httpx.AsyncClient, content: str | bytes, **params: Any) -> dict[str, Any]:
    """Import a file that cannot be, and return the problem; nothing was written."""
    before = (await api.get("/v1/changes")).json()
    reply = await send(api, content, **params)
    assert reply.status_code == 422, reply.text
    assert (await api.get("/v1/changes")).json() == before
    problem: dict[str, Any] = reply.json()
    return problem


def counts(report: dict[str, Any]) -> dict[str, int]:
    """Return the counts of a report that are not zero."""
    names = ("rows", "created", "updated", "unchanged", "skipped", "refused")
    return {name: report[name] for name in names if report[name]}


async def export(api: httpx.AsyncClient, **params: Any) -> str:
    """Return an exported file."""
    reply = await api.get(f"{URL}/export", params=params)
    assert reply.status_code == 200, reply.text
    return reply.content.decode()


async def companies(api: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """Return companies by name, at most 500."""
    reply = await api.get(URL, params={"limit": 500, "sort": "name,id", **params})
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def ask(installation: Installation, statement: str) -> list[tuple[Any, ...]]:
    """Ask the database as its owner."""
    with psycopg.connect(installation.url) as connection:
        return connection.execute(statement.encode()).fetchall()


def journal(installation: Installation) -> tuple[int, int]:
    """Return how many rows of the journal are not the system's, and the last number drawn."""
    found = ask(installation, "select count(*) from ws_main.changes where actor <> 'system'")
    drawn = ask(installation, "select last_value from ws_main.changes_seq")
    return found[0][0], drawn[0][0]


def limited_key(installation: Installation, *scopes: str) -> str:
    """Make a key that may do only some things."""
    with people(installation.url) as main:
        return main.key(*scopes)


def fill(installation: Installation, number: int, *, letters: int = 0) -> None:
    """Put companies into the database, past the API."""
    with psycopg.connect(installation.url) as connection:
        connection.execute("set local search_path = ws_main; set local cerebro.actor = 'system'")
        connection.execute(
            "insert into companies (id, name, employees, description, external_ids) select "
            "gen_random_uuid(), 'Company ' || n, n, nullif(repeat('x', %s), ''), "
            "jsonb_build_object('erp', n::text) from generate_series(1, %s) n",
            (letters, number),
        )


async def contacts(api: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """Return contacts by name, at most 500."""
    reply = await api.get(CONTACTS, params={"limit": 500, "sort": "last_name,id", **params})
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def real(data_folder: Path, name: str) -> bytes:
    """Return a file of another program."""
    return (data_folder / name).read_bytes()
