"""`cerebro doctor` and `cerebro reset` on machines where little or nothing runs."""

from __future__ import annotations

import json
import socket

from tests.commands.conftest import Machine


def checks(machine: Machine, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    told = machine.run("doctor", "--json", **environment)
    return told.returncode, {each["name"]: each for each in json.loads(told.stdout)["checks"]}


class TestDoctor:
    def test_works_when_nothing_was_ever_started(self, machine: Machine) -> None:
        code, found = checks(machine)
        assert code == 0
        assert "no data yet" in found["running"]["found"]
        assert "cerebro up" in found["running"]["mend"]
        assert not machine.data_dir.exists()

    def test_names_who_holds_the_port(self, machine: Machine) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            _, found = checks(machine, CEREBRO_PORT=str(taken.getsockname()[1]))
        assert found["port"]["state"] == "warn"
        assert "taken by process" in found["port"]["found"]

    def test_fails_on_secrets_that_others_can_read(self, machine: Machine) -> None:
        machine.data_dir.mkdir()
        secret = machine.data_dir / "secret_key"
        secret.write_text("open to all")
        secret.chmod(0o644)
        code, found = checks(machine)
        assert code == 1
        assert str(secret) in found["file modes"]["mend"]

    def test_fails_on_a_database_that_does_not_answer(self, machine: Machine) -> None:
        code, found = checks(machine, CEREBRO_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
        assert code == 1
        assert found["database"]["state"] == "fail"

    def test_warns_of_a_profile_whose_server_is_gone(self, machine: Machine) -> None:
        where = {"CEREBRO_URL": "http://127.0.0.1:1", "CEREBRO_API_KEY": "cbr_main_a_b"}
        code, found = checks(machine, **where)
        assert code == 0
        assert found["profile"]["state"] == "warn"

    def test_is_readable_without_json(self, machine: Machine) -> None:
        told = machine.run("doctor")
        assert "postgresql" in told.stdout
        assert told.stderr == ""


class TestReset:
    def test_without_data_there_is_nothing_to_do(self, machine: Machine) -> None:
        told = machine.run("reset", "--yes")
        assert told.returncode == 0
        assert "nothing was removed" in told.stderr

    def test_asks_nobody_without_a_terminal(self, machine: Machine) -> None:
        (machine.data_dir / "postgres").mkdir(parents=True)
        (machine.data_dir / "cerebro.lock").write_text("")
        refused = machine.run("reset")
        assert refused.returncode == 2
        assert "--yes" in refused.stderr
        assert (machine.data_dir / "postgres").exists()

    def test_removes_only_what_is_ours(self, machine: Machine) -> None:
        (machine.data_dir / "postgres").mkdir(parents=True)
        (machine.data_dir / "cerebro.lock").write_text("")
        (machine.data_dir / "thesis.txt").write_text("ten years")
        told = machine.run("reset", "--yes")
        assert told.returncode == 0
        assert f"Removed {machine.data_dir / 'postgres'}" in told.stderr
        assert [path.name for path in machine.data_dir.iterdir()] == ["thesis.txt"]

    def test_leaves_a_folder_that_is_not_ours_alone(self, machine: Machine) -> None:
        (machine.data_dir / "logs").mkdir(parents=True)
        assert machine.run("reset", "--yes").returncode == 0
        assert (machine.data_dir / "logs").exists()
