"""`cerebro workspaces`: what it prints, what it asks, and where it finds the database."""

from __future__ import annotations

import json
import subprocess

from cerebro_server.commands import probe
from tests.commands.conftest import Machine
from tests.fixtures.stores import SECRET, Installation

ADA = ("--owner-email", "ada@acme.example", "--owner-name", "Ada")


class Operator:
    """Somebody with the URL of a database."""

    def __init__(self, machine: Machine, installation: Installation) -> None:
        self._machine = machine
        self._environment = {
            "CEREBRO_DATABASE_URL": installation.url,
            "CEREBRO_SECRET_KEY": SECRET,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._machine.run("workspaces", *arguments, **self._environment)

    def slugs(self) -> list[str]:
        return [each["slug"] for each in json.loads(self.run("list", "--json").stdout)]


def test_made_listed_and_removed(machine: Machine, installation: Installation) -> None:
    operator = Operator(machine, installation)
    made = operator.run("create", "acme", *ADA)
    assert made.returncode == 0, made.stderr
    owner, key = made.stdout.splitlines()
    assert owner.split() == ["owner", "ada@acme.example"]
    assert key.split()[-1].startswith("cbr_acme_")
    assert "once" in made.stderr
    assert "cbr_" not in made.stderr
    listed = json.loads(operator.run("list", "--json").stdout)
    assert [each["slug"] for each in listed] == ["acme", "main"]
    assert listed[0].keys() == {"slug", "schema", "revision", "created_at", "users", "size_bytes"}
    table = operator.run("list").stdout.splitlines()
    assert table[0].split("\t") == ["slug", "schema", "revision", "created", "users", "MB"]
    assert table[1].split("\t")[:2] == ["acme", "ws_acme"]
    refused = operator.run("remove", "acme")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--yes" in refused.stderr
    removed = operator.run("remove", "acme", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert operator.slugs() == ["main"]


def test_refusals_say_why(machine: Machine, installation: Installation) -> None:
    operator = Operator(machine, installation)
    for arguments, word in (
        (("create", "main", *ADA), "already"),
        (("create", "journal", *ADA), "reserved"),
        (("create", "A", *ADA), "letters"),
        (("create", "acme", "--owner-email", "ada"), "email"),
        (("remove", "main", "--yes"), "cerebro reset"),
        (("remove", "acme", "--yes"), "no workspace"),
    ):
        done = operator.run(*arguments)
        assert done.returncode != 0
        assert done.stdout == ""
        assert word in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    assert operator.slugs() == ["main"]


def test_json_is_the_key_and_nothing_else(machine: Machine, installation: Installation) -> None:
    made = Operator(machine, installation).run("create", "acme", *ADA, "--json")
    found = json.loads(made.stdout)
    assert found.keys() == {"workspace", "owner", "api_key"}
    assert (found["workspace"], found["owner"]) == ("acme", "ada@acme.example")


def test_without_a_database_or_a_running_server_it_says_so(machine: Machine) -> None:
    done = machine.run("workspaces", "list")
    assert done.returncode != 0
    assert "cerebro up" in done.stderr
    assert not machine.data_dir.exists()


def test_works_on_the_data_of_a_running_up(machine: Machine) -> None:
    server = machine.up().ready()
    made = machine.run("workspaces", "create", "acme", *ADA, "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)["api_key"]
    assert probe.get(server.url, "/v1/companies", api_key=key).status == 200
    assert machine.run("workspaces", "remove", "acme", "--yes").returncode == 0
    assert probe.get(server.url, "/v1/companies", api_key=key).status == 401
    listed = json.loads(machine.run("workspaces", "list", "--json").stdout)
    assert [each["slug"] for each in listed] == ["main"]
