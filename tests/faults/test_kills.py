"""`kill -9` of the server in the middle of an import: nothing is lost, nothing comes twice."""

from __future__ import annotations

import csv
import io
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.stores import Installation

from .conftest import Server, Store, installed, until

ROWS = 20_000
KILLS = range(20 if os.environ.get("CEREBRO_TORTURE") else 2)
# everything but ids and times, by the key that the file brings
RECORDS = (
    "select external_ids->>'crm', name, domain, website, employees, city, external_ids "
    "from ws_main.companies order by 1"
)
ACCOUNTS = {
    "every record has one journal row, its creation": (
        "select count(*) from ws_main.companies c where 1 <> (select count(*) from "
        "ws_main.changes j where j.record_id = c.id) or not exists (select from ws_main.changes j "
        "where j.record_id = c.id and j.action = 'created' and j.diff->'name'->>1 = c.name)"
    ),
    "every journal row has its record": (
        "select count(*) from ws_main.changes j where j.record_type = 'companies' and not exists "
        "(select from ws_main.companies c where c.id = j.record_id)"
    ),
    "every key has its record": (
        "select count(*) from ws_main.record_keys k where k.record_type = 'companies' "
        "and not exists (select from ws_main.companies c where c.id = k.record_id "
        "and k.value in (c.domain, c.external_ids->>'crm'))"
    ),
    "every record has its keys": (
        "select (select count(*) + count(domain) from ws_main.companies) - "
        "(select count(*) from ws_main.record_keys where record_type = 'companies')"
    ),
}
CONNECTED = (
    "select pid from pg_stat_activity where datname = current_database() "
    "and application_name = 'cerebro'"
)
Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def file() -> bytes:
    """Rows as they come: most right, some wrong, some twice, some sharing a web site."""
    dice = random.Random(2)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["external_ids.crm", "name", "domain", "website", "employees", "city"])
    for number in range(ROWS):
        key = number if dice.random() > 0.01 else dice.randrange(number + 1)
        writer.writerow(
            [
                f"C{key:05}",
                f"Company {number}" if dice.random() > 0.01 else "",
                f"c{key}.example" if dice.random() > 0.5 else "",
                f"https://w{dice.randrange(ROWS)}.example" if dice.random() > 0.7 else "",
                dice.choice(["", "12", "4711", "many" if dice.random() > 0.97 else "7"]),
                dice.choice(["", "Rome", "Zürich", 'He said "no", twice']),
            ]
        )
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def undisturbed(
    own_postgres: Store, file: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """What the file brings when nobody interferes: the report, and the records."""
    for installation in installed(own_postgres):
        server = Server(installation, tmp_path_factory.mktemp("calm") / "log").ready()
        try:
            report = send(server, file).json()
        finally:
            server.stop()
        assert report["created"] > 0.9 * ROWS
        assert report["refused"] > 0 < report["skipped"]
        yield report, ask(installation, RECORDS)


def ask(installation: Installation, statement: str) -> list[Any]:
    with psycopg.connect(installation.url) as connection:
        return connection.execute(statement.encode()).fetchall()


def send(server: Server, content: bytes) -> httpx.Response:
    with server.client() as client:
        client.timeout = httpx.Timeout(120)
        headers = {"Content-Type": "text/csv"}
        reply = client.post("/v1/companies/import", content=content, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply


class TestKillingTheServer:
    @pytest.mark.parametrize("seed", KILLS)
    def test_in_an_import_leaves_what_another_completes(
        self,
        own_database: Installation,
        serve: Serve,
        file: bytes,
        undisturbed: tuple[dict[str, Any], list[Any]],
        seed: int,
    ) -> None:
        calm, records = undisturbed
        dice = random.Random(seed)
        committed = 0 if seed == 0 else dice.randrange(ROWS * 2 // 5)
        pause = dice.uniform(0, 0.2)
        server = serve(own_database)
        with ThreadPoolExecutor() as pool:
            sending = pool.submit(send, server, file)
            until(lambda: changes(own_database) >= committed, "so much is committed")
            time.sleep(pause)
            server.kill()
            with pytest.raises(httpx.TransportError):
                sending.result()
        until(lambda: not ask(own_database, CONNECTED), "PostgreSQL noticed")
        before = changes(own_database)
        assert before < len(records), "the kill came too late to show anything"

        report = send(serve(own_database), file).json()
        assert report["created"] + report["unchanged"] == calm["created"]
        assert report["created"] == len(records) - before
        assert ask(own_database, RECORDS) == records
        wrong = {what: ask(own_database, query)[0][0] for what, query in ACCOUNTS.items()}
        assert wrong == dict.fromkeys(ACCOUNTS, 0)
        assert changes(own_database) == len(records)

    @pytest.mark.parametrize("number", KILLS)
    def test_between_commit_and_reply_is_mended_by_the_same_key(
        self, own_database: Installation, serve: Serve, number: int
    ) -> None:
        key = {"Idempotency-Key": f'"kill-{number}"', "Content-Type": "application/json"}
        server = serve(own_database)
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as unread:
            body = b'{"name": "Once"}'
            head = [b"POST /v1/companies HTTP/1.1", b"Host: x", b"Content-Length: 16"]
            signed = {**key, "Authorization": f"Bearer {own_database.api_key}"}
            head += [f"{name}: {value}".encode() for name, value in signed.items()]
            unread.sendall(b"\r\n".join([*head, b"", body]))
            until(lambda: changes(own_database) == 1, "it is committed")
            server.kill()  # and nobody has read the reply
        with serve(own_database).client() as client:
            again = client.post("/v1/companies", content=body, headers=key)
            other = client.post("/v1/companies", json={"name": "Other"}, headers=key)
            listed = client.get("/v1/companies").json()["items"]
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
        assert again.json() == listed[0]
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert [item["name"] for item in listed] == ["Once"]
        assert changes(own_database) == 1


def changes(installation: Installation) -> int:
    statement = "select count(*) from ws_main.changes where record_type = 'companies'"
    return int(ask(installation, statement)[0][0])
