"""Children come back when killed, and never outlive the supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable

import psutil
import pytest

from cerebro_server.embedded import places
from tests.embedded.conftest import Keeper, nobody_left, until

Keep = Callable[..., Keeper]


class TestKillingAChild:
    def test_postgres_comes_back_with_its_data(self, keep: Keep) -> None:
        keeper = keep().running()
        keeper.query("create table kept as select 42 as answer")
        before = keeper.child("postgres")
        assert before is not None
        before.kill()
        until(lambda: nobody_left([before]), "the killed one is gone")
        keeper.running()
        assert keeper.query("select answer from kept") == 42

    def test_postgres_comes_back_while_a_backend_is_busy(self, keep: Keep) -> None:
        keeper = keep().running()
        family = keeper.child("postgres")
        assert family is not None
        backends = family.children()
        os.kill(backends[0].pid, signal.SIGSTOP)  # an orphan that does not notice
        family.kill()
        until(lambda: keeper.child("postgres") not in (None, family), "it is started again")
        keeper.running()
        assert nobody_left(backends)

    def test_redis_comes_back(self, keep: Keep) -> None:
        keeper = keep().running()
        before = until(lambda: keeper.child("redis-server"), "Redis runs")
        before.kill()
        until(lambda: keeper.child("redis-server") not in (None, before), "Redis runs again")
        until(lambda: nobody_left([before]), "the killed one is gone")

    def test_any_other_child_comes_back(self, keep: Keep) -> None:
        keeper = keep("sleep", "1000").running()
        before = until(lambda: keeper.child("sleep"), "it runs")
        before.kill()
        until(lambda: keeper.child("sleep") not in (None, before), "it runs again")

    def test_gives_up_on_one_that_dies_again_and_again(self, keep: Keep) -> None:
        keeper = keep(sys.executable, "-c", "import sys; sys.exit('no such thing')")
        assert keeper.process.wait(60) == 1
        said = keeper.process.stdout.read() if keeper.process.stdout else ""
        assert "extra ended 6 times" in said
        assert "no such thing" in said


class TestEndOfTheSupervisor:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_wanted_stop_ends_with_0_and_leaves_nothing(
        self, keep: Keep, number: signal.Signals
    ) -> None:
        keeper = keep("sleep", "1000").running()
        everyone = keeper.everyone()
        sockets = places.find(keeper.data_dir).sockets
        assert sockets.exists()
        assert keeper.stop(number) == 0
        assert nobody_left(everyone)
        assert not sockets.exists()
        log = (keeper.data_dir / "logs" / "postgres.log").read_text()
        assert "not properly shut down" not in log

    def test_kill_leaves_nothing_and_the_next_finds_the_data(self, keep: Keep) -> None:
        first = keep("sleep", "1000").running()
        first.query("create table kept as select 42 as answer")
        everyone = first.everyone()
        assert len(everyone) > 3
        first.kill()
        until(lambda: nobody_left(everyone), "all children are gone")
        assert keep().running().query("select answer from kept") == 42

    def test_the_next_may_start_at_once(self, keep: Keep) -> None:
        first = keep().running()
        first.query("create table kept as select 42 as answer")
        first.process.kill()
        assert keep().running().query("select answer from kept") == 42

    def test_survives_the_death_of_supervisor_and_postgres_at_once(self, keep: Keep) -> None:
        first = keep().running()
        first.query("create table kept as select 42 as answer")
        everyone = first.everyone()
        for process in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):  # a backend follows its postmaster
                process.kill()
        first.process.wait()
        until(lambda: nobody_left(everyone), "all are gone")
        # As after a reboot, or in a container: somebody else has the process id by now.
        pid_file = first.data_dir / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        assert keep().running().query("select answer from kept") == 42


class TestSecondSupervisor:
    def test_is_refused(self, keep: Keep) -> None:
        first = keep().running()
        second = keep()
        assert second.process.wait(60) == 1
        assert second.process.stdout is not None
        assert "is in use" in second.process.stdout.read()
        assert first.answers()
