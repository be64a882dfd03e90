"""PostgreSQL killed or frozen, Redis gone, while requests run: refused politely, then healed."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from tests.fixtures.stores import Installation

from .conftest import Server, Store, until

URL = "/v1/companies"
Serve = Callable[..., Server]


class Traffic:
    """Clients that write and read all the time, and remember every answer."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._end = threading.Event()
        self._numbers = itertools.count()
        self.statuses: Counter[int] = Counter()
        self.created: list[str] = []
        self.asked: list[str] = []
        self.wrong: list[str] = []

    @contextmanager
    def running(self, clients: int = 4) -> Iterator[Traffic]:
        threads = [threading.Thread(target=self._run) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._end.set()
            for thread in threads:
                thread.join()

    def _run(self) -> None:
        with self._server.client() as client:
            while not self._end.is_set():
                try:
                    self._round(client)
                except httpx.HTTPError as error:  # timed out, or cut off
                    self.wrong.append(repr(error))
                time.sleep(0.01)

    def _round(self, client: httpx.Client) -> None:
        name = f"Company {next(self._numbers)}"
        self.asked.append(name)
        reply = client.post(URL, json={"name": name, "external_ids": {"crm": name}})
        self._look(reply, 201)
        if reply.status_code == 201:
            self.created.append(name)
            reply = client.get(f"{URL}/crm:{name}")
            self._look(reply, 200)
            if reply.status_code == 200:
                assert reply.json()["name"] == name
        self._look(client.get(URL, params={"limit": 3}), 200)

    def _look(self, reply: httpx.Response, wanted: int) -> None:
        self.statuses[reply.status_code] += 1
        polite = (
            reply.status_code == 503
            and reply.headers["content-type"] == "application/problem+json"
            and reply.json()["code"] in ("unavailable", "timeout")
            and int(reply.headers["retry-after"]) > 0
            and reply.headers["x-request-id"]
        )
        if reply.status_code != wanted and not polite:
            self.wrong.append(f"{reply.request.method} {reply.status_code}: {reply.text}")

    def flows(self) -> bool:
        """Say whether requests are answered now."""
        before = len(self.created)
        time.sleep(0.2)
        return len(self.created) > before + 3

    def account(self, installation: Installation) -> None:
        """Hold what the clients were told against what the database has."""
        assert self.wrong == []
        with psycopg.connect(installation.url) as connection:
            found = [n for (n,) in connection.execute("select name from ws_main.companies")]
            journal = connection.execute(
                "select diff->'name'->>1 from ws_main.changes "
                "where action = 'created' and record_type = 'companies'"
            ).fetchall()
        assert set(self.created) <= set(found) <= set(self.asked)
        assert sorted(found) == sorted(name for (name,) in journal), "once each, all journaled"
        assert len(set(found)) == len(found)


class TestPostgresKilled:
    def test_requests_are_refused_until_it_is_back(
        self, own_postgres: Store, own_database: Installation, serve: Serve
    ) -> None:
        server = serve(own_database)
        with Traffic(server).running() as traffic:
            until(lambda: len(traffic.created) > 20, "requests are answered")
            time.sleep(random.Random(5).uniform(0, 0.2))
            own_postgres.kill()
            try:
                until(lambda: traffic.statuses[503], "a request is refused")
                assert (server.probe("livez"), server.probe("readyz")) == (200, 503)
                assert server.probe("metrics") == 200
            finally:
                own_postgres.start()
            until(traffic.flows, "requests are answered again, without a restart of the server")
            until(lambda: server.probe("readyz") == 200, "the server is ready again")
        traffic.account(own_database)

    def test_an_import_and_an_export_end(
        self, own_postgres: Store, own_database: Installation, serve: Serve
    ) -> None:
        server = serve(own_database)
        rows = "".join(f"{n},Company {n}\n" for n in range(20_000))
        content = f"external_ids.crm,name\n{rows}".encode()
        with psycopg.connect(own_database.url) as connection, server.client() as client:
            client.timeout = httpx.Timeout(60)
            killer = threading.Thread(target=_kill_when_written, args=(own_postgres, connection))
            killer.start()
            try:
                headers = {"Content-Type": "text/csv"}
                reply = client.post(f"{URL}/import", content=content, headers=headers)
            finally:
                killer.join()
                own_postgres.start()
            assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
            until(lambda: client.get(URL).status_code == 200, "the pool is healed")
            reply = client.post(f"{URL}/import", content=content, headers=headers)
            assert reply.json()["created"] + reply.json()["unchanged"] == 20_000
            assert reply.json()["unchanged"] >= 2_000  # the first chunk

            with pytest.raises(httpx.TransportError):  # cut off, so that nobody takes it for whole
                self._export(client, own_postgres)
            own_postgres.start()
            until(lambda: client.get(URL).status_code == 200, "the pool is healed")

    def _export(self, client: httpx.Client, store: Store) -> None:
        with client.stream("GET", f"{URL}/export") as reply:
            assert reply.status_code == 200
            store.kill()
            for _ in reply.iter_bytes():
                pass


def _kill_when_written(store: Store, connection: psycopg.Connection) -> None:
    connection.autocommit = True
    until(
        lambda: (
            connection.execute("select exists (select from ws_main.companies)").fetchone()
            == (True,)
        ),
        "the first chunk is written",
    )
    store.kill()


class TestPostgresFrozen:
    def test_requests_wait_or_are_refused(
        self, own_postgres: Store, own_database: Installation, serve: Serve
    ) -> None:
        server = serve(own_database)
        with Traffic(server).running() as traffic:
            until(lambda: len(traffic.created) > 20, "requests are answered")
            with own_postgres.frozen():
                time.sleep(0.5)
                assert server.probe("livez") == 200
                assert server.probe("readyz") == 503
                answered = sum(traffic.statuses.values())
            until(traffic.flows, "requests are answered again")
            assert sum(traffic.statuses.values()) > answered
            until(lambda: server.probe("readyz") == 200, "the server is ready again")
        traffic.account(own_database)


class TestRedisGone:
    def test_is_said_and_hurts_nobody(
        self, own_redis: Store, own_database: Installation, serve: Serve
    ) -> None:
        server = serve(own_database, CEREBRO_REDIS_URL=own_redis.url)
        with server.client() as client:
            assert client.get("/readyz").json()["checks"]["redis"] == "ok"
            own_redis.kill()
            reply = client.get("/readyz")
            assert (reply.status_code, reply.json()["status"]) == (200, "ok")
            assert reply.json()["checks"] == {"database": "ok", "redis": "does not answer"}
            assert client.post(URL, json={"name": "Acme"}).status_code == 201
            assert client.get(URL).json()["items"][0]["name"] == "Acme"
            own_redis.start()
            assert client.get("/readyz").json()["checks"]["redis"] == "ok"
