"""A supervisor without the API, run as a process of its own: python keeper.py DATA_DIR [COMMAND …]

It keeps the stores of DATA_DIR running, and the command if one is given, until it is stopped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cerebro_server.embedded import EmbeddedError
from cerebro_server.embedded.lock import DataDirLock
from cerebro_server.embedded.places import make_data_dir
from cerebro_server.embedded.processes import Service
from cerebro_server.embedded.signals import Signals
from cerebro_server.embedded.stores import prepare
from cerebro_server.embedded.supervisor import Supervisor


def main() -> None:
    place = make_data_dir(Path(sys.argv[1]))
    with DataDirLock(place) as lock, Signals() as signals:
        supervisor = Supervisor(signals, say=say)
        stores = prepare(place, say=say)
        services = stores.services()
        if sys.argv[2:]:
            log = stores.places.log("extra")
            services.append(Service(name="extra", command=sys.argv[2:], log=log, stop_seconds=5))
        reports, _ = os.pipe()
        try:
            for service in services:
                supervisor.start(service)
            lock.describe(state="ready", sockets=str(stores.places.sockets))
            supervisor.watch(reports, say)
        finally:
            supervisor.stop()
            stores.places.tidy()


def say(text: object) -> None:
    print(text, flush=True)


try:
    main()
except EmbeddedError as error:
    sys.exit(f"EmbeddedError: {error}")
