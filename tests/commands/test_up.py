"""`cerebro up`: first start, later starts, taken ports, stops and crashes."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest

from cerebro_sdk import Cerebro
from tests.commands.conftest import PATIENCE, Machine, Up, bare_machine

OFFER = b"One engine, as agreed."
PROXY = "https://crm.acme.example"


def get(url: str, path: str, key: str | None = None) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, json.loads(body or b"{}")


def shared(server: Up, machine: Machine) -> str:
    """Attach a file, and return a link to it."""
    with Cerebro(server.url, machine.profiles["profiles"]["local"]["api_key"]) as crm:
        added = crm.files.add(io.BytesIO(OFFER), "offer.txt")
        return str(crm.files.link(added.id).url)


def all_gone(processes: list[psutil.Process]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        alive = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return True
        time.sleep(0.05)
    return False


def is_told(machine: Machine, name: str, pid: int) -> bool:
    """Tell whether the lock still names a child that was killed."""
    found = json.loads((machine.data_dir / "cerebro.lock").read_text())
    return bool(found["children"].get(name, pid) == pid)


@pytest.fixture(scope="module")
def running() -> Iterator[Machine]:
    """A machine on which Cerebro was just started for the first time."""
    with bare_machine() as made:
        made.up().ready()
        yield made


class TestRunning:
    """What is asked of one that runs; the last test kills its children."""

    def test_first_start_gives_a_key_that_works(self, running: Machine) -> None:
        [server] = running.servers
        key = re.search(r"cbr_main_\w+", server.said)
        assert key is not None
        assert get(server.url, "/v1/companies", key[0])[0] == 200
        saved = running.profiles
        assert saved["current"] == "local"
        assert saved["profiles"]["local"]["api_key"] == key[0]
        assert saved["profiles"]["local"]["url"] == server.url

    def test_doctor_finds_nothing_wrong(self, running: Machine) -> None:
        told = running.run("doctor", "--json")
        found = json.loads(told.stdout)
        assert told.returncode == 0, told.stdout
        states = {check["name"]: check["state"] for check in found["checks"]}
        assert set(states.values()) == {"ok"}, told.stdout
        assert {"letters", "migrations", "api", "profile", "oldest write"} <= set(states)

    def test_links_lead_to_where_it_listens(self, running: Machine) -> None:
        [server] = running.servers
        link = shared(server, running)
        assert link.startswith(f"{server.url}/v1/attachments/main/"), link
        with urllib.request.urlopen(link, timeout=20) as reply:
            assert reply.read() == OFFER

    def test_reset_refuses_while_it_runs(self, running: Machine) -> None:
        refused = running.run("reset", "--yes")
        assert refused.returncode == 1
        assert "nothing was removed" in refused.stderr

    def test_a_second_one_with_the_same_data_is_no_failure(self, running: Machine) -> None:
        [first] = running.servers
        for port in (urlsplit(first.url).port, 0):
            again = running.run("up", "--port", str(port))
            assert again.returncode == 0
            assert f"already runs at {first.url}" in again.stderr

    def test_a_killed_child_comes_back(self, running: Machine) -> None:
        [server] = running.servers
        key = running.profiles["profiles"]["local"]["api_key"]
        for number, name in enumerate(("postgres", "redis", "api", "worker"), 1):
            lock = json.loads((running.data_dir / "cerebro.lock").read_text())
            psutil.Process(lock["children"][name]).kill()
            deadline = time.monotonic() + PATIENCE
            while server.said.count("ended unexpectedly") < number:
                assert time.monotonic() < deadline, server.said
                time.sleep(0.05)
            while (status := get(server.url, "/v1/companies", key)[0]) != 200:
                assert time.monotonic() < deadline, status
                time.sleep(0.2)
            assert get(server.url, "/readyz")[0] == 200
            while is_told(running, name, lock["children"][name]):
                assert time.monotonic() < deadline, name
                time.sleep(0.05)


class TestStarting:
    def test_ctrl_c_leaves_nothing_and_a_later_start_finds_the_data(self, machine: Machine) -> None:
        first = machine.up().ready()
        everyone = first.everyone()
        assert first.interrupt() == 0
        assert all_gone(everyone)
        assert "Traceback" not in first.said
        key = machine.profiles["profiles"]["local"]["api_key"]
        second = machine.up().ready()
        assert "cbr_main_" not in second.said
        assert get(second.url, "/v1/companies", key)[0] == 200
        assert machine.profiles["profiles"]["local"]["url"] == second.url

    def test_another_data_directory_leaves_the_current_profile_alone(
        self, machine: Machine
    ) -> None:
        machine.environment["CEREBRO_PUBLIC_URL"] = PROXY
        first = machine.up().ready()
        assert shared(first, machine).startswith(
            f"{PROXY}/v1/attachments/main/"
        )  # what is set wins
        other = machine.up(data_dir=machine.folder / "other").ready()
        assert machine.profiles["current"] == "local"
        assert set(machine.profiles["profiles"]) == {"local", "local-2"}
        assert "--profile local-2" in other.said


class TestStopping:
    def test_ctrl_c_while_starting_leaves_nothing(self, machine: Machine) -> None:
        server = machine.up()
        lock = machine.data_dir / "cerebro.lock"
        while not lock.exists():
            time.sleep(0.01)
        everyone = server.everyone()
        assert server.interrupt() == 0
        assert all_gone(everyone)

    def test_kill_leaves_nothing_and_the_next_starts_at_once(self, machine: Machine) -> None:
        first = machine.up().ready()
        everyone = first.everyone()
        first.process.kill()
        first.wait()
        second = machine.up("--port", str(urlsplit(first.url).port)).ready()
        assert all_gone(everyone)
        key = machine.profiles["profiles"]["local"]["api_key"]
        assert get(second.url, "/v1/companies", key)[0] == 200


class TestTakenPort:
    def test_by_another_names_the_holder(self, machine: Machine) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            refused = machine.run("up", "--port", str(port))
        assert refused.returncode == 1
        assert f"process {os.getpid()}" in refused.stderr
        assert f"PORT={port + 1}" in refused.stderr
        assert not (machine.data_dir / "postgres").exists()


class TestBadSurroundings:
    def test_a_data_directory_that_is_a_file(self, machine: Machine) -> None:
        machine.data_dir.write_text("")
        refused = machine.run("up", "--port", "0")
        machine.data_dir.unlink()
        assert refused.returncode == 1
        assert "cannot be used" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_a_host_that_does_not_exist(self, machine: Machine) -> None:
        refused = machine.run("up", "--port", "0", "--host", "no.such.host.invalid")
        assert refused.returncode == 1
        assert "Cannot listen on no.such.host.invalid" in refused.stderr

    def test_an_api_that_cannot_start_is_explained(self, machine: Machine) -> None:
        refused = machine.run("up", "--port", "0", CEREBRO_SECRET_KEY="short")
        assert refused.returncode == 1
        assert "CEREBRO_SECRET_KEY" in refused.stderr


def test_interrupting_twice_still_stops(machine: Machine) -> None:
    server: Up = machine.up().ready()
    everyone = server.everyone()
    os.killpg(server.process.pid, 2)
    assert server.interrupt() == 0
    assert all_gone(everyone)
