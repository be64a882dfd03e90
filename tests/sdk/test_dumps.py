"""A folder as a dump: which of its files are sent, and what a mapping file says of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cerebro_sdk import InvalidError
from cerebro_sdk.dump_files import read_dump
from cerebro_sdk.errors import refused

MAPPING = """preset = "salesforce"

[files."Account.csv"]
noun = "companies"
values = { tags = ["a", "b"], is_current = true, employees = 3 }

[files."Account.csv".columns]
Town = "city"
Fax = false
Boss = { from = "companies.external_ids.old" }

[files."deep/notes.csv"]
skip = true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dump" / "deep").mkdir(parents=True)
    for name in ("Account.csv", "Contact.csv", "deep/notes.csv", "logo.png", ".hidden.csv"):
        (tmp_path / "dump" / name).write_text("Name\nAcme\n")
    return tmp_path / "dump"


def written(folder: Path, text: str, name: str = "dump.toml") -> Path:
    path = folder.parent / name
    path.write_text(text)
    return path


def test_says_what_the_mapping_file_says_of_each_file(folder: Path) -> None:
    dump = read_dump(folder, written(folder, MAPPING), keep_dates=True, keys={"contacts": "email"})
    found = dump.input({"Account.csv": "u1", "Contact.csv": "u2"})
    assert [file["name"] for file in found["files"] if "skip" not in file] == [
        "Account.csv",
        "Contact.csv",
    ]
    assert found["files"][0] == {
        "name": "Account.csv",
        "upload_id": "u1",
        "noun": "companies",
        "map": {"Town": "city", "Fax": None, "Boss": {"from": "companies.external_ids.old"}},
        "values": {"tags": '["a", "b"]', "is_current": "true", "employees": "3"},
    }
    assert found["files"][2]["skip"] == "The mapping file says so."
    assert found["files"][3]["skip"].startswith("It is no table")
    del found["files"]
    assert found == {"preset": "salesforce", "keep_dates": True, "keys": {"contacts": "email"}}
    as_json = '{"preset": "hubspot", "files": {"Contact.csv": {"key": "email"}}}'
    told = read_dump(folder, written(folder, as_json, "dump.json"), preset="outlook").input({})
    assert (told["preset"], told["files"][1]["key"]) == ("outlook", "email")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('presets = "x"', "dump.toml, line 1: There is no setting 'presets'. Did you mean preset?"),
        (
            'preset = "x"\n[files."Acount.csv"]\nnoun = "companies"',
            "dump.toml, line 2: The dump has no file 'Acount.csv'. Did you mean 'Account.csv'?",
        ),
        (
            '[files."Contact.csv"]\nnoun = "x"\n[files."Account.csv"]\nnuon = "companies"',
            "dump.toml, line 4: Account.csv: There is no setting 'nuon'. Did you mean noun?",
        ),
        ('[files."Account.csv".columns]\nName = 3', "dump.toml, line 2: Account.csv: Name is"),
        ('[files."Account.csv".columns]\nName = { to = "x" }', "Name needs `from`"),
        ('[files."Account.csv"]\ncolumns = "x"', "line 2: Account.csv: `columns` takes a table"),
        ('[files]\n"Account.csv" = 1', "line 2: Account.csv: it takes a table"),
        ("files = 1", "line 1: `files` takes a table."),
        ("preset =", "dump.toml: Invalid value (at"),
    ],
)
def test_names_the_line_of_what_is_wrong(folder: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read_dump(folder, written(folder, text))
    assert said in str(caught.value)


def test_names_the_line_that_the_server_refuses(folder: Path) -> None:
    dump = read_dump(folder, written(folder, MAPPING))
    for wrong, line in (
        ({"file": "Account.csv", "detail": "Column 'Town' cannot be imported as 'city'"}, 8),
        ({"file": "Account.csv", "detail": "There are no 'companies' to import"}, 4),
        ({"file": "Account.csv", "detail": "The file is broken."}, 3),
    ):
        found = dump.explained(refused("No", [wrong]))
        assert str(found).startswith(f"{folder.parent / 'dump.toml'}, line {line}: No")
    error = refused("No.", [{"file": "Contact.csv", "detail": "'Town'"}])
    assert dump.explained(error) is error


def test_takes_an_export_whole_or_not_at_all(folder: Path) -> None:
    content = (folder / "Account.csv").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    listed = {"noun": "companies", "path": "Account.csv", "rows": 1, "sha256": digest}
    manifest = {"format": "cerebro", "version": 1, "cursor": "c", "files": [listed]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "fields.json").write_text('[{"record_type": "companies", "key": "tier"}]')
    found = read_dump(folder).input({"Account.csv": "u1"})
    assert found["files"][0] == {"name": "Account.csv", "noun": "companies", "upload_id": "u1"}
    assert found["files"][1]["skip"] == "manifest.json does not name it."
    assert found["keep_ids"]
    assert found["fields"] == [{"record_type": "companies", "key": "tier"}]
    for broken, said in (
        ({**manifest, "version": 2}, "version 2"),
        ({**manifest, "files": [{**listed, "path": "gone.csv"}]}, "gone.csv, which is not there"),
        ({**manifest, "files": [{**listed, "path": "../x"}]}, "which is not there"),
        ({**manifest, "files": [{**listed, "sha256": "0"}]}, "is cut off"),
    ):
        (folder / "manifest.json").write_text(json.dumps(broken))
        with pytest.raises(InvalidError, match=said):
            read_dump(folder)


def test_there_must_be_something(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="There is no folder"):
        read_dump(tmp_path / "none")
    with pytest.raises(InvalidError, match="has no file to import"):
        read_dump(tmp_path)
