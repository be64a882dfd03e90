"""`cerebro changes follow` as people run it: stopped, begun again, and over a server's restart."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from cerebro_sdk import Cerebro
from tests.fixtures.processes import without_ours
from tests.fixtures.server import free_port, running
from tests.fixtures.stores import Installation


class Following:
    """One process of `cerebro changes follow … --jsonl`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.err = ""

    def names(self, count: int) -> list[str]:
        """Read so many changes, as they come."""
        assert self._process.stdout is not None
        found = [json.loads(self._process.stdout.readline()) for _ in range(count)]
        return [change["diff"]["name"][1] for change in found]

    def interrupt(self) -> str:
        """Press Ctrl-C, and return the cursor that it ends with."""
        self._process.send_signal(signal.SIGINT)
        rest, self.err = self._process.communicate(timeout=30)
        assert self._process.returncode == 130, self.err
        assert not rest
        found = re.search(r"^To go on: cerebro changes follow --after (\S+)$", self.err, re.M)
        assert found, self.err
        return found[1]


@contextmanager
def following(reached_by: Mapping[str, str], folder: Path, *options: str) -> Iterator[Following]:
    bare = without_ours(os.environ)
    command = [sys.executable, "-m", "cerebro_cli", "changes", "follow", "--jsonl", *options]
    process = subprocess.Popen(
        command,
        env={**bare, **reached_by, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Following(process)
    finally:
        process.kill()
        process.communicate()


def test_each_change_is_shown_once_over_two_runs(
    running_server: Mapping[str, str], tmp_path: Path
) -> None:
    asked = ("--record-type", "companies", "--action", "created")
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        start = crm.changes.list(after="now").page().next_cursor
        assert start is not None
        with following(running_server, tmp_path, "--after", start, *asked) as first:
            for name in ("A", "B"):
                made = crm.companies.create(name=name)
                crm.companies.update(made.id, employees=3)
            assert first.names(2) == ["A", "B"]
            cursor = first.interrupt()
        crm.companies.create(name="C")
        with following(running_server, tmp_path, "--after", cursor, *asked) as second:
            assert second.names(1) == ["C"]
            crm.companies.create(name="D")
            assert second.names(1) == ["D"]


def test_it_goes_on_when_the_server_comes_back(installation: Installation, tmp_path: Path) -> None:
    port = free_port()
    with running(installation, port) as server:
        start = newest(server.reached_by)
        command = following(server.reached_by, tmp_path, "--after", start)
        follower = command.__enter__()
        create(server.reached_by, "before")
        assert follower.names(1) == ["before"]
        assert server.stop() == 0
    try:
        with running(installation, port) as server:
            create(server.reached_by, "after")
            assert follower.names(1) == ["after"]
            follower.interrupt()
    finally:
        command.__exit__(None, None, None)


def test_a_server_that_stops_ends_its_streams(installation: Installation) -> None:
    ended: list[str] = []
    begun = threading.Event()

    def read(url: str, headers: dict[str, str]) -> None:
        with httpx.stream("GET", url, headers=headers, timeout=60) as reply:
            for line in reply.iter_lines():
                begun.set()
                ended.append(line)
        ended.append("whole")  # not broken off

    with running(installation, free_port()) as server:
        url = f"{server.reached_by['CEREBRO_URL']}/v1/changes"
        token = f"Bearer {server.reached_by['CEREBRO_API_KEY']}"
        headers = {"Accept": "text/event-stream", "Authorization": token}
        thread = threading.Thread(target=read, args=(url, headers))
        thread.start()
        assert begun.wait(30)
        assert server.stop() == 0
        thread.join(30)
    assert ended[-1] == "whole"


def newest(reached_by: Mapping[str, str]) -> str:
    """Return the cursor at the end of the journal."""
    with client(reached_by) as crm:
        return crm.changes.follow().begin().cursor


def create(reached_by: Mapping[str, str], name: str) -> Any:
    with client(reached_by) as crm:
        return crm.companies.raw.create(name=name)


def client(reached_by: Mapping[str, str]) -> Cerebro:
    return Cerebro(reached_by["CEREBRO_URL"], reached_by["CEREBRO_API_KEY"])
