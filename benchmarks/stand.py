"""The test stand: stores with fsync on, the server under test, the baseline beside it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import places, processes
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.postgres import Cluster
from cerebro_server.embedded.redis import RedisServer

SECRET = "a secret of benchmarks, long enough: 0123456789abcdef"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Stand:
    """What runs: Cerebro and the raw routes, one process each, on one PostgreSQL."""

    database_url: str
    schema: str
    port: int
    raw_port: int
    api_key: str
    """The owner's: for filling the stand."""
    seller_key: str
    """Of somebody whose role has scopes and a row rule: what is measured is signed in with it."""
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        """What signs in the requests that are measured."""
        return {"authorization": f"Bearer {self.seller_key}"}

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """Send one request to Cerebro and return its JSON; raise for anything but success."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"authorization": f"Bearer {self.api_key}"}
        connection.request(method, path, body, {**signed, **named})
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {text}")
        return json.loads(text)


@contextmanager
def stores() -> Iterator[tuple[str, str | None]]:
    """Start PostgreSQL (durable) and Redis in a temporary folder; yield their URLs."""
    account = accounts.choose(Path(os.devnull))
    folder = places.make_temporary(account)
    running = []
    try:
        cluster = Cluster(find_postgres(account), folder / "postgres", folder, account)
        cluster.initialise()
        service = cluster.service(folder / "postgres.log")
        running.append((processes.spawn(service), service))
        cluster.await_ready(running[-1][0])
        program = find_redis(account)
        redis = RedisServer(program, folder, folder, account) if program else None
        if redis:
            service = redis.service(folder / "redis.log")
            running.append((processes.spawn(service), service))
            redis.await_ready(running[-1][0])
        yield cluster.url, redis.url if redis else None
    finally:
        for process, service in reversed(running):
            process.send_signal(service.stop_signal)
            processes.stop(process, service)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(command: list[str], *, env: Mapping[str, str], port: int) -> Iterator[int]:
    """Run a server until the block ends; yield its process id once it answers."""
    log = ROOT / "benchmarks" / "results" / f"{command[2].replace('.', '-')}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=dict(env), stdout=output, stderr=output)
        try:
            await_answer(port, child)
            yield child.pid
        except BaseException:
            print(log.read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(20)
    log.unlink()


def await_answer(port: int, child: subprocess.Popen[bytes], path: str = "/readyz") -> None:
    """Wait until a server answers with success."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on port {port}")


@contextmanager
def process_alone(command: list[str], *, env: Mapping[str, str]) -> Iterator[int]:
    """Run a process that answers nobody until the block ends; yield its id."""
    log = ROOT / "benchmarks" / "results" / "process.log"
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=dict(env), stdout=output, stderr=output)
        try:
            yield child.pid
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)
    log.unlink()


@contextmanager
def stand() -> Iterator[Stand]:
    """Start everything; one uvicorn worker with uvloop and httptools on both sides."""
    from cerebro_server import registry
    from cerebro_server.kernel.config import Settings

    with stores() as (database_url, redis_url):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CEREBRO_")}
        env |= {"CEREBRO_DATABASE_URL": database_url, "CEREBRO_SECRET_KEY": SECRET}
        env |= {"CEREBRO_REDIS_URL": redis_url} if redis_url else {}
        # requests are counted as always, and the limit is one that no load reaches
        env |= {"CEREBRO_LOG_LEVEL": "warning", "CEREBRO_RATE_LIMIT_PER_MINUTE": "100000000"}
        names = ("database_url", "secret_key", "redis_url")
        chosen: dict[str, Any] = {n: env.get(f"CEREBRO_{n.upper()}") for n in names}
        installed = registry.install(Settings(**chosen))
        with psycopg.connect(database_url, autocommit=True) as connection:
            row = connection.execute("select schema_name from public.workspaces").fetchone()
        assert row is not None and installed.api_key is not None
        port, raw_port = free_port(), free_port()
        server = [sys.executable, "-m", "cerebro_server", "serve", "--port", str(port)]
        raw = [sys.executable, "-m", "benchmarks.baselines.raw_api"]
        raw_env = env | {"RAW_DATABASE_URL": database_url, "RAW_SCHEMA": row[0]}
        raw_env |= {"RAW_PORT": str(raw_port)}
        with process(server, env=env, port=port) as pid, process(raw, env=raw_env, port=raw_port):
            seller = make_seller(database_url, row[0])
            yield Stand(database_url, row[0], port, raw_port, installed.api_key, seller, pid)


def make_seller(database_url: str, schema: str) -> str:
    """Make a team, a role with scopes and a row rule, and a user with both; return their key."""
    from cerebro_server.components.identity.service.keys import new_key
    from cerebro_server.kernel.ids import uuid7

    actions = ("read:team", "create:team", "update:team")
    user_id, (text, key) = uuid7(), new_key("main")
    with psycopg.connect(database_url) as connection:
        connection.execute(f"set search_path = {schema}; set cerebro.actor = 'system'")
        connection.execute(
            "insert into teams (id, key, name) values (%s, 'sellers', 'Sellers')", (uuid7(),)
        )
        connection.execute(
            "insert into roles (id, key, name, permissions, row_rules, field_rules) "
            "values (%s, 'seller', 'Seller', %s, %s, '{}')",
            (
                uuid7(),
                [f"{noun}:{action}" for noun in ("companies", "contacts") for action in actions],
                '{"companies": "state = CO", "contacts": "source = web"}',
            ),
        )
        connection.execute(
            "insert into users (id, name, email, roles, teams) "
            "values (%s, 'Sam', 'sam@bench.example', '{seller}', '{sellers}')",
            (user_id,),
        )
        connection.execute(
            "insert into keys (id, user_id, name, prefix, lookup, secret_hash, scopes) "
            "values (%s, %s, 'bench', %s, %s, %s, '{*}')",
            (uuid7(), user_id, key.prefix, key.lookup, key.secret_hash),
        )
    return text
