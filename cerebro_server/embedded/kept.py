"""A PostgreSQL for as long as a block lasts, started from any thread, in any kind of program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cerebro_server.embedded.errors import AlreadyRunningError, EmbeddedError

_KEEPER = "cerebro_server.embedded.keeping"


@dataclass(frozen=True)
class Kept:
    """Where the store is."""

    database_url: str
    secret_key: str
    sockets: Path
    """A folder that only this user can enter; it is emptied or removed at the end."""
    data_dir: Path | None
    """None where the data is temporary."""


@contextmanager
def kept(data_dir: Path | None) -> Iterator[Kept]:
    """Run PostgreSQL in a process of its own; without a data directory the data is temporary.

    However this process ends, the other one stops the store and cleans up. Raises `EmbeddedError`,
    and `AlreadyRunningError` where the data directory is in use.
    """
    place = None if data_dir is None else data_dir.expanduser().absolute()
    # -P: a folder called `psutil` where we happen to be started is not imported
    command = [sys.executable, "-P", "-m", _KEEPER, *([] if place is None else [str(place)])]
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env=_environment(),
        # Ctrl-C at the terminal reaches us only; the end of the pipe reaches the other
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101
    try:
        facts = _read(process.stdout.readline(), place)
        yield Kept(
            database_url=facts["database_url"],
            secret_key=facts["secret_key"],
            sockets=Path(facts["sockets"]),
            data_dir=place,
        )
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _read(line: bytes, place: Path | None) -> dict[str, Any]:
    if not line:
        raise EmbeddedError("PostgreSQL was not started; what went wrong stands on stderr.")
    facts: dict[str, Any] = json.loads(line)
    if "holder" in facts:
        holder = facts["holder"]
        raise AlreadyRunningError(
            f"The data of {place} is in use by process {holder.get('pid', '?')}: end it, or choose "
            "another data_dir.",
            holder=holder,
        )
    if "error" in facts:
        raise EmbeddedError(facts["error"])
    return facts


def _environment() -> dict[str, str]:
    """Return our environment without our settings, which are for other servers, and with our
    import path, so that the other process finds the same code."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CEREBRO_")}
    path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path if folder)  # noqa: PTH100
    return {**own, "PYTHONPATH": path}
