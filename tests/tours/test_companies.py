"""A user's first minutes with companies: on the command line, and the same from Python."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cerebro_sdk import AsyncCerebro, Cerebro
from tests.fixtures.processes import without_ours

Ran = subprocess.CompletedProcess[str]
CLI = Callable[..., Ran]


@pytest.fixture
def cerebro(running_server: Mapping[str, str], tmp_path: Path) -> CLI:
    """Run `cerebro` as a person would, with an empty home folder."""
    environment = {
        **without_ours(os.environ),
        **running_server,
        "HOME": str(tmp_path),
    }

    def run(*words: str, exits: int = 0) -> Ran:
        command = [str(Path(sys.executable).with_name("cerebro")), *words]
        ran = subprocess.run(
            command,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == exits, f"{words}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran

    return run


def test_the_commands_of_the_tour(cerebro: CLI) -> None:
    create = ("companies", "create", "name=Gravity Investments", "domain=gravity.example")
    cerebro(*create, "industry=finance", "employees=42")
    cerebro("companies", "create", "name=Small", "industry=finance", "employees=3")
    listed = cerebro(
        *("companies", "list", "--where", "industry = finance and employees > 10"),
        *("--sort", "-employees,name", "--columns", "name,domain,employees", "--json"),
    )
    assert json.loads(listed.stdout) == [
        {"name": "Gravity Investments", "domain": "gravity.example", "employees": 42}
    ]
    company = json.loads(cerebro("companies", "get", "gravity.example", "--json").stdout)
    assert (company["employees"], company["version"]) == (42, 1)
    cerebro("companies", "update", "gravity.example", "employees=43")
    cerebro("companies", "delete", "gravity.example")
    cerebro("companies", "get", "gravity.example", exits=5)
    cerebro("companies", "restore", company["id"])
    changes = cerebro("changes", "list", "--record", "companies/gravity.example", "--json")
    actions = [change["action"] for change in json.loads(changes.stdout)]
    assert actions == ["restored", "deleted", "updated", "created"]


@pytest.mark.usefixtures("running_worker")
def test_a_real_export_goes_in_once_and_comes_out_again(
    cerebro: CLI, data_folder: Path, tmp_path: Path
) -> None:
    file = str(data_folder / "salesforce" / "accountData.csv")
    words = ("companies", "import", file, "--preset", "salesforce")
    planned = cerebro(*words, "--dry-run")
    assert "423" in planned.stdout + planned.stderr
    assert json.loads(cerebro("companies", "list", "--json").stdout) == []
    assert "cp1252" in cerebro(*words, "--yes").stderr
    before = json.loads(cerebro("changes", "list", "--limit", "1", "--json").stdout)[0]["seq"]
    again = cerebro(*words, "--yes").stderr
    assert "423 unchanged" in again
    after = json.loads(cerebro("changes", "list", "--limit", "1", "--json").stdout)[0]["seq"]
    assert before == after
    where = "state in (CO, PA)"
    cerebro("companies", "export", "--where", where, "--format", "csv", "-o", "some.csv")
    with (tmp_path / "some.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == 29
    assert {row["state"] for row in rows} == {"CO", "PA"}
    assert {row["source_created_at"][:4] for row in rows} == {"2006"}


def test_wrong_input_is_named_and_ends_as_documented(cerebro: CLI, tmp_path: Path) -> None:
    cerebro("companies", "create", "name=A", "domain=a.example")
    for words, code, said in (
        (("companies", "create", "nmae=x"), 2, "name"),
        (("companies", "create", "name=x", "employees=many"), 2, "employees"),
        (("companies", "create", "name=x", "domain=a.example"), 6, "a.example"),
        (("companies", "get", "none.example"), 5, "none.example"),
        (("companies", "list", "--where", "industri = x"), 2, "industry"),
        (("companies", "list", "--sort", "nmae"), 2, "name"),
        (("companies", "import", "missing.csv", "--yes"), 2, "missing.csv"),
        (("companies", "update", "a.example", "employees=2", "--if-version", "9"), 6, "9"),
        (("companies", "delete"), 2, "REF"),
        (("compnies", "list"), 2, "companies"),
    ):
        assert said.lower() in cerebro(*words, exits=code).stderr.lower(), words
    bad = tmp_path / "bad.csv"
    bad.write_text('name,employees\nGood,1\nBad,many\n"unclosed', encoding="utf-8")
    assert "line 4" in cerebro("companies", "import", "bad.csv", "--yes", exits=2).stderr.lower()
    bad.write_text("name,employees\nGood,1\nBad,many\n", encoding="utf-8")
    said = cerebro("companies", "import", "bad.csv", "--yes", exits=1).stderr
    assert "line 3" in said.lower()
    assert "many" in said
    assert "1 created" in said


def test_the_same_from_python(running_server: Mapping[str, str], data_folder: Path) -> None:
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        made = crm.companies.create(name="Gravity", domain="gravity.example", employees=42)
        assert crm.companies.get("gravity.example") == made
        changed = crm.companies.update(made.id, version=made.version, employees=43)
        assert changed.version == 2
        crm.companies.delete("gravity.example")
        crm.companies.restore(made.id)
        file = data_folder / "salesforce" / "accountData.csv"
        report = crm.companies.import_(file, preset="salesforce")
        assert (report.created, report.encoding) == (423, "cp1252")
        names = [company.name for company in crm.companies.list("state = CO", sort="name")]
        assert names == sorted(names, key=str.lower)
        assert len(crm.companies.list(page_size=100).to_records()) == 424
        assert crm.changes.list(record="companies/gravity.example").first() is not None


async def test_the_same_from_async_python(running_server: Mapping[str, str]) -> None:
    url, key = running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]
    async with AsyncCerebro(url, key) as crm:
        made = await crm.companies.create(name="Gravity", domain="gravity.example")
        assert await crm.companies.get("gravity.example") == made
        assert [company.id async for company in crm.companies.list("name = gravity")] == [made.id]
        chunks = [chunk async for chunk in crm.companies.export(format="jsonl")]
        assert json.loads(b"".join(chunks))["name"] == "Gravity"
