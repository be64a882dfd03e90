"""A user's first minutes with operations: files in, many records changed, all of it taken back."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cerebro_sdk import Cerebro
from tests.fixtures.processes import without_ours
from tests.fixtures.stores import Installation
from tests.server.operations.doing import everything

Ran = subprocess.CompletedProcess[str]
CLI = Callable[..., Ran]
PEOPLE = """First Name,Last Name,E-mail,Mobile Phone,Company
Ada,Lovelace,ada@engine.example,+49 171 1234567,Acme Inc.
Grace,Hopper,grace@navy.example,+1 202 555 0143,Acme Inc.
Bad,Row,this is no address,+49 171 1234568,
Bob,Ross,bob@paint.example,,Bob's Paint
"""


@pytest.fixture
def cerebro(running_server: Mapping[str, str], running_worker: None, tmp_path: Path) -> CLI:
    """Run a line as a person would, from a folder of their own."""
    bare = without_ours(os.environ)
    path = f"{Path(sys.executable).parent}{os.pathsep}{bare['PATH']}"
    environment = {**bare, **running_server, "HOME": str(tmp_path), "PATH": path}

    def run(line: str, exits: int = 0) -> Ran:
        ran = subprocess.run(
            ["bash", "-c", f"cerebro {line}"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == exits, f"{line}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran

    return run


def operation_of(ran: Ran) -> str:
    """Return the operation that a command names as the way back."""
    found = re.search(r"^To undo: cerebro operations undo (\w+)$", ran.stderr, re.MULTILINE)
    assert found, ran.stderr
    return found[1]


def test_the_commands_of_the_tour(
    cerebro: CLI, installation: Installation, data_folder: Path, tmp_path: Path
) -> None:
    accounts = data_folder / "salesforce" / "accountData.csv"
    contacts = data_folder / "outlook" / "outlook.csv"
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    cerebro("fields add contacts tier --type select --options gold,silver")
    states = [everything(installation)]

    planned = cerebro(f"companies import {accounts} --preset salesforce --dry-run")
    assert "423 to create" in planned.stderr
    assert everything(installation) == states[0]

    companies = cerebro(f"companies import {accounts} --preset salesforce --yes")
    assert "423 created" in companies.stderr
    states.append(everything(installation))
    again = cerebro(f"companies import {accounts} --preset salesforce --yes")
    assert "423 unchanged" in again.stderr
    assert "undo" not in again.stderr
    assert everything(installation) == states[1]

    outlook = cerebro(f"contacts import {contacts} --preset outlook --yes")
    states.append(everything(installation))
    people = cerebro("contacts import people.csv --key email --yes", exits=1)
    assert "line 4, column E-mail" in people.stderr
    mended = (tmp_path / "people.errors.csv").read_text(encoding="utf-8-sig")
    assert "this is no address" in mended
    assert "Lovelace" not in mended
    states.append(everything(installation))

    adam = json.loads(cerebro("contacts get adam.glacius@anycom.com --json").stdout)
    assert (adam["job_title"], adam["custom"].get("tier")) == ("Sales Planner", None)
    gold = cerebro("""contacts update --where 'company.name = "Acme Inc."' tier=gold --yes""")
    assert "3 updated" in gold.stderr
    cerebro("contacts export --where 'tier = gold' --format csv -o gold.csv")
    with (tmp_path / "gold.csv").open(encoding="utf-8-sig", newline="") as file:
        names = sorted(row["last_name"] for row in csv.DictReader(file))
    assert names == ["Glacius", "Hopper", "Lovelace"]
    listed = cerebro("operations list").stdout
    assert all(operation_of(ran) in listed for ran in (companies, outlook, people, gold))

    assert len({repr(state) for state in states}) == 4
    for ran, state in ((gold, 3), (people, 2), (outlook, 1), (companies, 0)):
        cerebro(f"operations undo {operation_of(ran)} --yes")
        assert everything(installation) == states[state]


def test_what_was_changed_since_is_left_and_said(
    cerebro: CLI, installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    before = everything(installation)
    people = operation_of(cerebro("contacts import people.csv --key email --yes", exits=1))
    cerebro("contacts update ada@engine.example job_title=Countess")
    planned = cerebro(f"operations undo {people} --dry-run", exits=1)
    assert "job_title: planned None, now 'Countess'" in planned.stderr
    undo = json.loads(cerebro(f"operations undo {people} --yes --json", exits=1).stdout)
    listed = cerebro(f"operations errors {undo['id']} --jsonl").stdout.splitlines()
    rows = [json.loads(line) for line in listed]
    codes = {row["problem"]["code"] for row in rows}
    assert codes <= {"changed", "has_children"}
    left = {f"{row['record_type']}/{row['record_id']}" for row in rows}
    assert any(name.startswith("contacts/") for name in left)
    now = everything(installation)
    kept = {name: row for name, row in now.items() if name not in left}
    kept["keys"] = [key for key in now["keys"] if f"{key[0]}/{key[3]}" not in left]
    assert kept == before


def test_the_same_from_python(
    running_server: Mapping[str, str],
    running_worker: None,
    installation: Installation,
    data_folder: Path,
) -> None:
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        before = everything(installation)
        file = data_folder / "salesforce" / "accountData.csv"
        op = crm.companies.import_plan(file, preset="salesforce")
        assert (op.state, op.data.plan.create) == ("planned", 423)
        assert everything(installation) == before
        assert op.apply().summary == "423 created"
        change = crm.companies.update_plan("state = CO", city="Denver").apply()
        assert change.data.done.updated > 0
        assert change.undo().data.done.updated == change.data.done.updated
        assert op.undo().data.done.deleted == 423
        assert everything(installation) == before
        assert op.redo().data.done.restored == 423
        assert len(crm.companies.list(page_size=200).to_records()) == 423
