"""Exports through the API: what the file holds, and how it travels."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
import uvicorn

from cerebro_server.app import create_app
from cerebro_server.kernel.db import Database
from tests.fixtures.stores import Installation

from .files import URL, companies, counts, export, fill, imported, limited_key, table

CHUNK = 1 << 16
NASTY = [
    'Comma, "quote"; tab\tand\nnew line\r\n',
    "\\N",
    "\\.",
    "\\n \\x41 %s %%",
    "'; drop table companies; --",
    "Ünïcödé 東京 🏢 \u202eRTL",
    "null",
    "\u00a0inner\u00a0",
    "=1+1",
]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


async def make(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    reply = await api.post(URL, json={"name": "Acme", **fields})
    assert reply.status_code == 201, reply.text
    company: dict[str, Any] = reply.json()
    return company


def in_csv(value: Any) -> str:
    if value == []:  # of words
        return ""
    return "" if value is None else str(value)


def moment(text: str | None) -> datetime | None:
    """Read a time: JSON leaves out the zeros that end a fraction, and CSV keeps six digits."""
    return datetime.fromisoformat(text) if text else None


class TestCsv:
    async def test_has_every_field_and_external_ids_by_source(self, api: httpx.AsyncClient) -> None:
        one = await make(api, domain="acme.example", external_ids={"erp": "7", "crm": "a,b"})
        two = await make(api, name="Bolt", external_ids={"crm": "c"})
        header, *body = rows(await export(api, sort="name"))
        assert header[:3] == ["id", "name", "domain"]
        assert [name for name in header if name.startswith("external")] == [
            "external_ids.crm",
            "external_ids.erp",
        ]
        found = [dict(zip(header, row, strict=True)) for row in body]
        for company, cells in zip((one, two), found, strict=True):
            ids = company.pop("external_ids")
            given = {n.partition(".")[2]: cells.pop(n) for n in header if n.startswith("ext")}
            assert {source: value for source, value in given.items() if value} == ids
            stamps = {name: company.pop(name) for name in list(cells) if name.endswith("_at")}
            assert cells.keys() | {"custom"} == company.keys() | stamps.keys()
            assert {n: moment(cells.pop(n)) for n in stamps} == {
                n: moment(stamp) for n, stamp in stamps.items()
            }
            assert company.pop("custom") == {}  # a column for each, and there are none
            lists = {name: cells.pop(name) for name in ("phones", "addresses")}
            assert {n: json.loads(cell) for n, cell in lists.items()} == {
                name: company.pop(name) for name in lists
            }
            assert cells == {name: in_csv(value) for name, value in company.items()}

    async def test_has_times_in_iso_8601(self, api: httpx.AsyncClient) -> None:
        await make(api, source_created_at="2005-03-04T05:06:07.089+02:00")
        text = await export(api, columns="source_created_at")
        assert text == "source_created_at\n2005-03-04T03:06:07.089000Z\n"

    async def test_quotes_what_needs_it(self, api: httpx.AsyncClient) -> None:
        for text in NASTY:
            await make(api, description=text)
        found = rows(await export(api, columns="description", sort="id"))
        kept = [text.replace("\r\n", "\n").strip() for text in NASTY]
        kept[-1] = "'=1+1"  # or a spreadsheet would run it
        assert found == [["description"], *([text] for text in kept)]

    async def test_of_nothing_is_a_header(self, api: httpx.AsyncClient) -> None:
        await make(api)
        text = await export(api, where="name = nobody", columns="name,external_ids,city")
        assert text == "name,external_ids,city\n"

    async def test_names_the_sources_of_deleted_records_if_they_are_in_it(
        self, api: httpx.AsyncClient
    ) -> None:
        company = await make(api, external_ids={"old": "1"})
        await make(api, name="B", external_ids={"new": "2"})
        await api.delete(f"{URL}/{company['id']}")
        assert await export(api, columns="external_ids") == "external_ids.new\n2\n"
        text = await export(api, columns="name,external_ids", deleted="include", sort="name")
        assert text == "name,external_ids.new,external_ids.old\nAcme,,1\nB,2,\n"


class TestJsonLines:
    async def test_hold_records_as_the_api_has_them(self, api: httpx.AsyncClient) -> None:
        for text in NASTY:
            await make(
                api, description=text, external_ids={"crm": text.strip()[:20].split("\t")[0]}
            )
        lines = (await export(api, format="jsonl", sort="id")).splitlines()
        assert [json.loads(line) for line in lines] == await companies(api, sort="id")

    async def test_have_decimals_as_text(self, api: httpx.AsyncClient) -> None:
        await make(api, annual_revenue="1234567890123456.50")
        for columns in (None, "annual_revenue"):
            params = {"format": "jsonl"} | ({"columns": columns} if columns else {})
            [line] = (await export(api, **params)).splitlines()
            assert json.loads(line)["annual_revenue"] == "1234567890123456.50"

    async def test_of_nothing_are_none(self, api: httpx.AsyncClient) -> None:
        assert await export(api, format="jsonl") == ""


class TestSelection:
    async def test_takes_filter_sort_and_columns_as_a_list_does(
        self, api: httpx.AsyncClient
    ) -> None:
        for name, employees in (("b", 20), ("A", 20), ("c", 99), ("d", None)):
            await make(api, name=name, employees=employees, external_ids={"crm": name})
        params = {"where": "employees < 99 or name = '%s'", "sort": "-employees,name"}
        columns = "name, employees,external_ids.crm,name"
        text = await export(api, columns=columns, **params)
        assert text == "name,employees,external_ids.crm\nA,20,A\nb,20,b\n"
        text = await export(api, columns=columns, format="jsonl", **params)
        assert json.loads(text.splitlines()[0]) == {
            "name": "A",
            "employees": 20,
            "external_ids.crm": "A",
        }

    @pytest.mark.parametrize(
        ("params", "code", "said"),
        [
            ({"columns": "name,employes"}, "invalid", "employees"),
            ({"columns": "name,external_ids.Bad Key"}, "invalid", "external_ids"),
            ({"columns": 'name" from users --'}, "invalid", "users"),
            ({"where": "industri = x"}, "invalid_query", "industry"),
            ({"sort": "nmae"}, "invalid_query", "name"),
            ({"format": "pdf"}, "validation_failed", "format"),
            ({"limit": "5"}, "validation_failed", "limit"),
        ],
    )
    async def test_that_is_wrong_is_refused_before_anything_is_sent(
        self, api: httpx.AsyncClient, params: dict[str, str], code: str, said: str
    ) -> None:
        reply = await api.get(f"{URL}/export", params=params)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
        assert said in reply.json().get("suggestion", reply.json()["detail"])

    async def test_needs_the_permission(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        api.headers["Authorization"] = f"Bearer {limited_key(installation, 'companies:read')}"
        reply = await api.get(f"{URL}/export")
        assert (reply.status_code, reply.json()["permission"]) == (403, "companies:export")


class TestThereAndBack:
    async def test_an_export_makes_the_same_records_elsewhere(
        self, api: httpx.AsyncClient, other_api: httpx.AsyncClient
    ) -> None:
        dice = random.Random(7)
        letters = "aä東🏢,;\"'\\=%| -"
        for number in range(60):
            word = "".join(dice.choice(letters) for _ in range(dice.randint(1, 30)))
            await make(
                api,
                name=f"{number} {word}",
                domain=f"n{number}.example" if number % 3 else None,
                website=f"https://n{number}.example/?q=a,b" if number % 2 else None,
                employees=dice.choice([None, 0, 2_147_483_647]),
                description=dice.choice([*NASTY, None]),
                external_ids={s: f"{s}, {word}x{number}" for s in dice.sample("abc", number % 4)},
                source_created_at=dice.choice([None, "0099-12-31T23:59:59.999999Z"]),
            )
        text = await export(api)
        report = await imported(other_api, text)
        assert counts(report) == {"rows": 60, "created": 60}
        own = ("id", "version", "created_at", "updated_at", "deleted_at")
        assert set(report["ignored"]) <= set(own)

        def comparable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{k: v for k, v in c.items() if k not in own} for c in found]

        assert comparable(await companies(other_api)) == comparable(await companies(api))

    async def test_words_keep_what_stands_between_words(self, api: httpx.AsyncClient) -> None:
        tags = [["a, b", "c;d"], ["[x", 'y "z"'], ["plain", "words"], []]
        for number, words in enumerate(tags):
            await make(api, name=f"n{number}", tags=words)
        text = await export(api, columns="id,name,tags", sort="name")
        assert [row[2] for row in rows(text)[1:]] == [
            '["a, b","c;d"]',
            r'["[x","y \"z\""]',
            "plain,words",
            "",
        ]
        assert counts(await imported(api, text)) == {"rows": 4, "unchanged": 4}
        text = await export(api, columns="name,tags", sort="name")
        text = text.replace("\nn", "\nm")
        assert counts(await imported(api, text)) == {"rows": 4, "created": 4}
        assert [c["tags"] for c in await companies(api, where="name starts with m")] == tags

    async def test_a_word_may_begin_as_json_does(self, api: httpx.AsyncClient) -> None:
        await imported(api, table(["name", "tags"], ["A", "[vip], new; [x"]))
        assert [company["tags"] for company in await companies(api)] == [["[vip]", "new", "[x"]]

    async def test_into_itself_changes_nothing_that_has_a_key(self, api: httpx.AsyncClient) -> None:
        for number in range(5):
            await make(api, name=f"n{number}", external_ids={"crm": str(number)}, city="Rome")
        text = await export(api)
        assert counts(await imported(api, text)) == {"rows": 5, "unchanged": 5}
        assert counts(await imported(api, table(*rows(text.replace("n3", "n9"))))) == {
            "rows": 5,
            "unchanged": 4,
            "updated": 1,
        }


@asynccontextmanager
async def listening(installation: Installation) -> AsyncIterator[tuple[int, Database]]:
    """Serve on a real socket, in this loop; yields the port and the pool."""
    app = create_app(installation.settings)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1], app.state.database
        server.should_exit = True
        await task


async def begin(
    port: int, installation: Installation, *, status: bytes = b" 200 "
) -> asyncio.StreamWriter:
    """Start an export, and read no further than its status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {URL}/export HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {installation.api_key}\r\n\r\n".encode()
    )
    assert status in await reader.readuntil(b"\r\n")
    return writer


async def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it did not happen that {what}")


class TestThirtyThousand:
    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    async def test_travel_in_small_chunks(self, installation: Installation, form: str) -> None:
        fill(installation, 30_000)
        sizes: list[int] = []
        lines = 0
        app = create_app(installation.settings)

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def send(message: Any) -> None:
            nonlocal lines
            sizes.append(len(message.get("body", b"")))
            lines += message.get("body", b"").count(b"\n")

        async with app.router.lifespan_context(app):
            await app(_request(f"{URL}/export?format={form}", installation), receive, send)
        assert lines == 30_000 + (form == "csv")
        assert max(sizes) < CHUNK + 1_000, "a chunk, and at most one row more"
        assert len(sizes) > sum(sizes) // (CHUNK + 1_000)

    async def test_leave_the_pool_whole_when_the_client_goes(
        self, installation: Installation
    ) -> None:
        fill(installation, 30_000, letters=1_000)
        async with listening(installation) as (port, database):
            for _ in range(installation.settings.pool_size + 1):
                writer = await begin(port, installation)
                stats = database.stats()
                assert stats["pool_available"] < stats["pool_size"], "the export runs"
                writer.transport.abort()
                await until(
                    lambda: database.stats()["pool_available"] == database.stats()["pool_size"],
                    "the connection is free again",
                )
            assert database.stats()["requests_waiting"] == 0

    async def test_leave_half_of_the_pool_to_others_while_readers_stall(
        self, installation: Installation
    ) -> None:
        fill(installation, 30_000, letters=1_000)
        async with listening(installation) as (port, _):
            readers = [await begin(port, installation) for _ in range(4)]
            late = [begin(port, installation, status=b" 503 ") for _ in range(6)]
            readers += await asyncio.gather(*late)
            headers = {"Authorization": f"Bearer {installation.api_key}"}
            async with httpx.AsyncClient(headers=headers) as client:
                reply = await client.get(f"http://127.0.0.1:{port}{URL}")
            assert reply.status_code == 200
            for writer in readers:
                writer.transport.abort()


def _request(target: str, installation: Installation) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"authorization", f"Bearer {installation.api_key}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
