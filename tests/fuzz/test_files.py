"""Hostile strings out of exports and into imports again, in every format: nothing changes."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.conftest import Blocking

URL = "/v1/companies"
CSV = {"content-type": "text/csv"}


@pytest.fixture(scope="module")
def strings(data_folder: Path) -> list[str]:
    """The Big List of Naughty Strings, and the same behind what spreadsheets look for."""
    text = (data_folder / "naughty-strings" / "blns.json").read_text(encoding="utf-8")
    found: list[str] = json.loads(text)
    return [*found, *(f"{mark}{text}" for text in found[::7] for mark in "=+-@'")]


def imported(client: Blocking, content: bytes, **params: Any) -> dict[str, Any]:
    reply = client.ask("POST", f"{URL}/import", content=content, headers=CSV, params=params)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


@pytest.fixture(scope="module")
def filled(client: Blocking, strings: list[str]) -> int:
    """Import the strings as names, descriptions and tags; return how many were taken."""
    target = io.StringIO()
    rows = [[text, text, text, text] for text in strings]
    csv.writer(target).writerows([["name", "description", "city", "tags"], *rows])
    return int(imported(client, target.getvalue().encode())["created"])


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_changes_nothing(
    client: Blocking, filled: int, strings: list[str], form: str
) -> None:
    assert filled > 400
    content = client.ask("GET", f"{URL}/export", params={"format": form}).content
    report = imported(client, content, dry_run=form == "xlsx")
    lost = sum("\ufffe" in text for text in strings) if form == "xlsx" else 0  # XML has it not
    assert report["format"] == form
    assert (report["unchanged"], report["refused"]) == (report["rows"] - lost, 0)
    assert report["rows"] >= filled


def test_vcards_change_nothing(client: Blocking, strings: list[str]) -> None:
    target = io.StringIO()
    header = ["last_name", "first_name", "description", "city", "job_title", "tags"]
    csv.writer(target).writerows([header, *([text] * len(header) for text in strings)])
    url = "/v1/contacts"
    sent = client.ask("POST", f"{url}/import", content=target.getvalue().encode(), headers=CSV)
    made = sent.json()["created"]
    assert made > 400
    cards = client.ask("GET", f"{url}/export", params={"format": "vcard"}).content
    reply = client.ask("POST", f"{url}/import", content=cards, headers=CSV)
    assert reply.status_code == 200, reply.text
    report = reply.json()
    assert (report["format"], report["rows"], report["unchanged"]) == ("vcard", made, made), report


def test_no_cell_of_a_csv_begins_as_a_formula(client: Blocking, filled: int) -> None:
    assert filled
    text = client.ask("GET", f"{URL}/export", params={"columns": "name,description,city"}).text
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            # numbers and phone numbers do no harm
            is_number = re.fullmatch(r"[-+]?[0-9]+([ .,()-]*[0-9]+)*", cell) is not None
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_columns_and_maps_of_hostile_names_are_refused_or_read(
    client: Blocking, strings: list[str]
) -> None:
    for text in ["\ud800", *strings]:
        for mapped in ({text: "name"}, {"a": text}):
            content = b"a,b\nx,y\n"
            params = {"map": json.dumps(mapped), "dry_run": "true"}
            reply = client.ask("POST", f"{URL}/import", content=content, headers=CSV, params=params)
            assert reply.status_code == 422, mapped
        target = io.StringIO()
        csv.writer(target).writerows([["name", text], ["Acme", text]])
        reply = client.ask(
            "POST",
            f"{URL}/import",
            content=target.getvalue().encode("utf-8", "replace"),
            headers=CSV,
            params={"dry_run": "true"},
        )
        assert reply.status_code in (200, 422), text
