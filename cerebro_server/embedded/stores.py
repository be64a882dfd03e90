"""The stores of one data directory: found, made where missing, ready to be supervised."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cerebro_server.embedded import places
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.places import Places
from cerebro_server.embedded.postgres import Cluster, major_of
from cerebro_server.embedded.processes import Service
from cerebro_server.embedded.redis import RedisServer

DATABASE, DATABASE_APP = "CEREBRO_DATABASE_URL", "CEREBRO_DATABASE_APP_URL"
REDIS, SECRET = "CEREBRO_REDIS_URL", "CEREBRO_SECRET_KEY"


@dataclass(frozen=True)
class Stores:
    """What to run; None is a store that the environment names, or that is not installed."""

    places: Places
    cluster: Cluster | None
    redis: RedisServer | None

    def services(self) -> list[Service]:
        """Return the children to run, in the order of their start."""
        stores = [store for store in (self.cluster, self.redis) if store is not None]
        return [
            store.service(self.places.log("postgres" if store is self.cluster else "redis"))
            for store in stores
        ]

    def environment(self) -> dict[str, str]:
        """Return the settings by which a server finds these stores; the environment's own win."""
        own = {name: value for name, value in os.environ.items() if value}
        found = {SECRET: own.get(SECRET) or self.places.secret_key()}
        if self.cluster is not None:
            found[DATABASE] = self.cluster.url
            own.pop(DATABASE_APP, None)  # it leads to another database
        if self.redis is not None:
            found[REDIS] = self.redis.url
        return own | found


def prepare(data_dir: Path, *, say: Callable[[str], None]) -> Stores:
    """Find the programs and make the data where there is none. The caller holds the lock."""
    found = places.find(data_dir)
    found.make()
    return Stores(found, _cluster(found, say), _redis(found, say))


def _cluster(found: Places, say: Callable[[str], None]) -> Cluster | None:
    if os.environ.get(DATABASE):
        say(f"{DATABASE} is set, so no PostgreSQL is started here.")
        return None
    binaries = find_postgres(found.account, major=major_of(found.postgres))
    cluster = Cluster(binaries, found.postgres, found.sockets, found.account)
    if cluster.initialise():
        say(f"Made a new PostgreSQL {binaries.version} in {found.postgres}.")
    return cluster


def _redis(found: Places, say: Callable[[str], None]) -> RedisServer | None:
    if os.environ.get(REDIS):
        say(f"{REDIS} is set, so no Redis is started here.")
        return None
    program = find_redis(found.account)
    if program is None:
        say(
            "No redis-server was found: everything runs without it, in one process. "
            "To have it, install the package of your system (redis-server)."
        )
        return None
    return RedisServer(program, found.redis, found.sockets, found.account)
