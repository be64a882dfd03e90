"""Start PostgreSQL and Redis as anybody would by hand, wait until they answer, and stop them.

With `first` on the command line `initdb` comes before; the folder is the second argument.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import processes
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.postgres import Cluster
from cerebro_server.embedded.redis import RedisServer


def main() -> None:
    """Print `ready` when both answer, and stop them at the end of stdin."""
    folder = Path(sys.argv[1])
    account = accounts.choose(folder)
    cluster = Cluster(find_postgres(account), folder / "postgres", folder, account)
    cluster.initialise()
    running = []
    service = cluster.service(folder / "postgres.log")
    running.append((processes.spawn(service), service))
    program = find_redis(account)
    redis = RedisServer(program, folder, folder, account) if program else None
    if redis:
        service = redis.service(folder / "redis.log")
        running.append((processes.spawn(service), service))
        redis.await_ready(running[-1][0])
    cluster.await_ready(running[0][0])
    print("ready", flush=True)
    sys.stdin.read()
    for process, service in reversed(running):
        process.send_signal(service.stop_signal)
        processes.stop(process, service)


if __name__ == "__main__":
    main()
