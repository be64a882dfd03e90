"""`local()`: all of Cerebro inside a program, and nothing of it afterwards."""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cerebro_sdk import AsyncCerebro, Cerebro
from cerebro_server import local, local_async
from cerebro_server.embedded import AlreadyRunningError
from tests.embedded.conftest import interpreter, nobody_left
from tests.local.conftest import Program

Start = Callable[..., Program]


def folder_of(crm: Cerebro | AsyncCerebro) -> Path:
    return Path(str(crm).partition("unix://")[2].partition("/api.sock")[0])


def keepers() -> list[psutil.Process]:
    """Return our children that keep stores, with all that they started."""
    found = [p for p in psutil.Process().children() if "keeping" in " ".join(p.cmdline())]
    return [each for keeper in found for each in (keeper, *keeper.children(recursive=True))]


def api_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "cerebro-api"]


class TestBlock:
    def test_has_an_owner_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CEREBRO_DATABASE_URL", "postgresql://nobody@nowhere.invalid/x")
        monkeypatch.setenv("CEREBRO_PORT", "not a number")
        monkeypatch.setenv("CEREBRO_URL", "http://nowhere.invalid")
        before = (logging.getLogger().handlers[:], logging.getLogger().level)
        with local() as crm:
            running, place = keepers(), folder_of(crm)
            assert len(running) >= 2
            assert place.stat().st_mode & 0o077 == 0, "nobody else can enter"
            assert crm.auth.whoami().roles == ["owner"]
            crm.companies.create(name="Acme", domain="acme.example", employees=42)
            crm.companies.update("acme.example", employees=43)
            assert [e.action for e in crm.companies.timeline("acme.example")] == [
                *("updated", "created")
            ]
            assert crm.companies.diff("acme.example", since=1).changes[0].new == 43
        assert nobody_left(running)
        assert not place.exists()
        assert not api_threads()
        assert (logging.getLogger().handlers, logging.getLogger().level) == before

    def test_that_raises_leaves_nothing_either(self) -> None:
        with pytest.raises(ZeroDivisionError), local() as crm:
            running, place = keepers(), folder_of(crm)
            raise ZeroDivisionError
        assert nobody_left(running)
        assert not place.exists()
        assert not api_threads()

    async def test_works_in_a_thread_and_under_a_running_loop(self) -> None:
        """The thread ends while the stores go on: they are another process's children."""
        entered = []
        server = local()
        thread = threading.Thread(target=lambda: entered.append(server.__enter__()))
        thread.start()
        thread.join()
        try:
            [crm] = entered
            assert crm.companies.list().first() is None  # blocking, with a loop running around it
        finally:
            server.__exit__(None, None, None)
        assert not keepers()


class TestAwaited:
    async def test_is_the_same(self) -> None:
        async with local_async() as crm:
            running, place = keepers(), folder_of(crm)
            await crm.companies.create(name="Acme")
            assert [company.name async for company in crm.companies.list()] == ["Acme"]
        assert nobody_left(running)
        assert not place.exists()

    async def test_cancelled_while_it_starts_leaves_nothing(self) -> None:
        async def use() -> None:
            async with local_async():
                await asyncio.sleep(3600)

        task = asyncio.create_task(use())
        while not keepers():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not keepers()
        assert not api_threads()


class TestDataDir:
    def test_is_kept_and_the_owner_has_one_key(self, folder: Path) -> None:
        place = folder / "data"
        with local(place) as crm:
            crm.companies.create(name="Acme", domain="acme.example")
        with local(str(place)) as crm:
            assert crm.companies.get("acme.example").name == "Acme"
            assert len(crm.keys.list().to_records()) == 1
            for key in crm.keys.list():
                crm.keys.revoke(key.id)
        assert (place / "local_key").stat().st_mode & 0o777 == 0o600
        with local(place) as crm:  # the key that it kept is none any more: it gets another
            assert crm.auth.whoami().roles == ["owner"]
        assert not keepers()

    def test_in_use_is_refused(self, folder: Path, program: Start) -> None:
        place = folder / "data"
        other = program("import time; time.sleep(600)", data_dir=place)
        with (
            pytest.raises(AlreadyRunningError, match=r"in use by process \d+: end it"),
            local(place),
        ):
            pass
        other.ends(signal.SIGTERM)
        with local(place) as crm:
            assert crm.companies.list().first() is None


class TestPrograms:
    @pytest.mark.parametrize(
        ("body", "number", "code"),
        [
            ("", None, 0),
            ("raise SystemExit(3)", None, 3),
            ("import os; os._exit(4)", None, 4),
            ("import time; time.sleep(600)", signal.SIGINT, -signal.SIGINT),
            ("import time; time.sleep(600)", signal.SIGKILL, -signal.SIGKILL),
        ],
    )
    def test_leave_nothing_however_they_end(
        self, program: Start, body: str, number: signal.Signals | None, code: int
    ) -> None:
        running = program(body)
        assert running.everyone
        assert running.ends(number) == code

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
    @pytest.mark.parametrize("kept", [False, True])
    def test_of_a_normal_user_work(self, program: Start, folder: Path, kept: bool) -> None:
        if interpreter("nobody") is None:
            pytest.skip("no Python here that another user can run")
        running = program(
            "assert crm.auth.whoami().roles == ['owner']",
            user="nobody",
            data_dir=folder / "data" if kept else None,
        )
        uid = pwd.getpwnam("nobody").pw_uid
        assert {
            process.uids().effective for process in running.everyone if process.is_running()
        } <= {uid}
        assert running.ends() == 0


def test_importing_the_package_costs_nothing() -> None:
    code = (
        "import sys, cerebro_server; heavy = {'fastapi', 'pydantic', 'psycopg', 'uvicorn'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_function_stays_the_function() -> None:
    import cerebro_server.local_server as module

    assert local is module.local
