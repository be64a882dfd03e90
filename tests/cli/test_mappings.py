"""Mappings: suggested by `import --suggest`, told by `import`, kept under `mappings`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran
from tests.cli.operations import READ, operation
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
COLUMNS = [
    {
        "column": "Nachname",
        "field": "last_name",
        "score": 0.95,
        "reason": "German for last_name",
        "candidates": [],
        "option": None,
        "samples": ["Lovelace", "Bolt"],
    },
    {
        "column": "Titel",
        "field": None,
        "score": None,
        "reason": None,
        "candidates": [
            {"field": "job_title", "score": 0.85, "reason": "Danish for job_title, but …"}
        ],
        "option": "--map Titel=job_title",
        "samples": ["Dr."],
    },
    {"column": "Mail", "field": None, "candidates": [
        {"field": "email", "score": 0.0, "reason": "English for email; but 'E-Mail' has that field"}
    ], "option": None, "samples": []},
    {"column": "Foo", "field": None, "candidates": [], "option": None, "samples": []},
]  # fmt: skip
SUGGESTED = {**READ, "record_type": "contacts", "preset": "hubspot", "key": None}
SAVED = {
    "record_type": "contacts",
    "name": "fair",
    "preset": None,
    "key": "email",
    "columns": {"Who": "last_name", "Fax": None},
    "updated_at": "2026-05-01T09:30:00Z",
}


@pytest.fixture
def people(tmp_path: Path) -> str:
    file = tmp_path / "people.csv"
    file.write_bytes(b"Nachname\nLovelace\n")
    return str(file)


class TestSuggest:
    def test_shows_the_table_and_plans_nothing(
        self, cerebro: Cerebro, server: Script, people: str
    ) -> None:
        server.tell("PUT /v1/uploads", {"id": "u1", "name": "people.csv", "size": 20})
        server.tell("POST /v1/uploads/u1/mapping", {**SUGGESTED, "columns": COLUMNS})
        words = ("--suggest", "--save-mapping", "fair", "--map", "Fax=")
        ran = cerebro("contacts", "import", people, *words)
        assert ran.code == 0
        first, *lines = ran.out.splitlines()
        assert first.endswith("its columns are those of hubspot (if not: --preset none)")
        assert lines == [
            "  Nachname → last_name   95%  German for last_name: Lovelace | Bolt",
            "  left out, since it is not certain:",
            "    Titel: job_title? Danish for job_title, but … 85%; to take it: "
            "--map Titel=job_title",
            "    Mail: email? English for email; but 'E-Mail' has that field",
            "  not imported: Foo",
        ]
        assert "cerebro mappings show contacts fair" in ran.err
        assert server.asked[1].json == {
            "noun": "contacts",
            "map": {"Fax": None},
            "save_mapping": "fair",
        }

    def test_is_one_object_as_json(self, cerebro: Cerebro, server: Script, people: str) -> None:
        server.tell("PUT /v1/uploads", {"id": "u1", "name": "people.csv", "size": 20})
        server.tell("POST /v1/uploads/u1/mapping", {**SUGGESTED, "columns": COLUMNS})
        ran = cerebro("contacts", "import", people, "--suggest", "--json")
        assert json.loads(ran.out)["columns"] == COLUMNS

    def test_a_dry_run_tells_the_same(self, cerebro: Cerebro, server: Script, people: str) -> None:
        server.tell("PUT /v1/uploads", {"id": "u1", "name": "people.csv", "size": 20})
        report = {**READ, "columns": COLUMNS, "preset": None}
        told: dict[str, Any] = operation("planned", kind="contacts.import", report=report)
        server.tell("POST /v1/operations", told, status=202)
        ran = cerebro("contacts", "import", people, "--dry-run")
        assert "Nachname → last_name   95%  German for last_name" in ran.out
        assert "--map Titel=job_title" in ran.out


class TestSaved:
    def test_are_listed(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/mappings", {"items": [SAVED]})
        head, row = cerebro("mappings", "list", "contacts").out.splitlines()
        assert head.split("\t") == ["record_type", "name", "preset", "key", "updated_at"]
        assert row.split("\t")[:4] == ["contacts", "fair", "", "email"]
        assert server.asked[0].params == {"noun": "contacts"}

    def test_are_shown_column_by_column(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/mappings/contacts/fair", SAVED)
        out = cerebro("mappings", "show", "contacts", "fair").out
        assert "last_name" in out
        assert "(left out)" in out
        assert json.loads(cerebro("mappings", "show", "contacts", "fair", "--json").out) == SAVED

    def test_are_deleted_when_that_is_meant(self, cerebro: Cerebro, server: Script) -> None:
        assert cerebro("mappings", "delete", "contacts", "fair").code == 2
        server.tell("DELETE /v1/mappings/contacts/fair", SAVED)
        ran = cerebro("mappings", "delete", "contacts", "fair", "--yes")
        assert (ran.code, ran.err) == (0, "The mapping fair of contacts is deleted.\n")
