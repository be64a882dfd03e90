"""Public collections of hostile JSON and hostile strings."""

from __future__ import annotations

import json
import unicodedata
import urllib.parse
from pathlib import Path

import pytest

from tests.fuzz.conftest import Blocking

URL = "/v1/companies"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def strings(data_folder: Path) -> list[str]:
    """The Big List of Naughty Strings."""
    found: list[str] = json.loads((data_folder / "naughty-strings" / "blns.json").read_text())
    return found


@pytest.fixture(scope="module")
def documents(data_folder: Path) -> dict[str, bytes]:
    """JSONTestSuite: `y_` is JSON, `n_` is none, about `i_` parsers differ."""
    folder = data_folder / "json-parsing" / "test_parsing"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


class TestDocuments:
    def test_as_bodies(self, client: Blocking, documents: dict[str, bytes]) -> None:
        assert len(documents) > 300
        for name, content in documents.items():
            for method, path in (("POST", URL), ("PATCH", f"{URL}/none.example")):
                reply = client.ask(method, path, content=content, headers=JSON)
                expected = (400, 422) if name.startswith("n_") else (400, 404, 422)
                assert reply.status_code in expected, name

    def test_as_values_of_fields(self, client: Blocking, documents: dict[str, bytes]) -> None:
        for name, content in documents.items():
            for field in (b"name", b"employees", b"external_ids", b"x"):
                body = b'{"name": "Acme", "%s": %s}' % (field, content)
                reply = client.ask("POST", URL, content=body, headers=JSON)
                assert reply.status_code in (201, 400, 409, 422), name
                if name.startswith("n_") and b"," not in content:
                    assert reply.status_code != 201, name


class TestStrings:
    def test_as_names_read_back_equal(self, client: Blocking, strings: list[str]) -> None:
        assert len(strings) > 400
        accepted = 0
        for text in strings:
            reply = client.ask("POST", URL, json={"name": text, "description": text or None})
            assert reply.status_code in (201, 422), text
            if reply.status_code == 422:
                codes = {error["code"] for error in reply.json()["errors"]}
                assert codes <= {"control_character", "string_too_short", "string_too_long"}, text
                continue
            accepted += 1
            company = reply.json()
            assert company["name"] == unicodedata.normalize("NFC", text.strip())
            assert client.ask("GET", f"{URL}/{company['id']}").json() == company
            quoted = '"' + company["name"].replace("\\", "\\\\").replace('"', '\\"') + '"'
            found = client.ask("GET", URL, params={"where": f"name = {quoted}"})
            assert company["id"] in [item["id"] for item in found.json()["items"]], text
        assert accepted > 400

    def test_as_values_of_every_field(self, client: Blocking, strings: list[str]) -> None:
        fields = ("domain", "website", "industry", "phone", "street", "source_created_at", "x")
        for text in strings:
            body = {"name": "Acme", **dict.fromkeys(fields, text)}
            reply = client.ask("POST", URL, json=body)
            assert reply.status_code == 422, text
            for error in reply.json()["errors"]:
                body.pop(error["pointer"].lstrip("/"), None)
            reply = client.ask("POST", URL, json=body)
            if reply.status_code == 422:  # numbers are read when the rest is right
                assert [error["code"] for error in reply.json()["errors"]] == ["phone"], text
                body.pop("phone")
                reply = client.ask("POST", URL, json=body)
            assert reply.status_code in (201, 409), text

    def test_as_filters_sorts_and_columns(self, client: Blocking, strings: list[str]) -> None:
        for text in strings:
            for name in ("where", "sort"):
                reply = client.ask("GET", URL, params={name: text, "limit": 1})
                assert reply.status_code in (200, 422), text
            reply = client.ask("GET", f"{URL}/export", params={"columns": text, "where": "name=a"})
            assert reply.status_code in (200, 422), text
            reply = client.ask("GET", URL, params={"where": f'name contains "{text}"', "limit": 1})
            assert reply.status_code in (200, 422), text

    def test_as_references(self, client: Blocking, strings: list[str]) -> None:
        for text in strings:
            reference = urllib.parse.quote(text, safe="").replace(".", "%2E")
            if reference:
                reply = client.ask("GET", f"{URL}/{reference}")
                assert reply.status_code in (200, 404, 409), text  # 1.00 is a domain
            reply = client.ask("GET", "/v1/changes", params={"record": text})
            assert reply.status_code in (404, 422), text

    def test_as_external_ids_find_their_record(self, client: Blocking, strings: list[str]) -> None:
        for number, text in enumerate(strings):
            body = {"name": "Acme", "external_ids": {text: "x"}}
            reply = client.ask("POST", URL, json=body)
            assert reply.status_code in (201, 409, 422), text
            body = {"name": "Acme", "external_ids": {f"blns{number}": text}}
            reply = client.ask("POST", URL, json=body)
            assert reply.status_code in (201, 422), text
            if reply.status_code == 201:
                stored = reply.json()["external_ids"][f"blns{number}"]
                reference = urllib.parse.quote(f"blns{number}:{stored}", safe="")
                found = client.ask("GET", f"{URL}/{reference}")
                assert found.status_code in (200, 404), text
                assert found.status_code == 200 or not stored.isprintable(), text

    def test_as_headers(self, client: Blocking, strings: list[str]) -> None:
        for text in strings:
            value = text.encode()
            if b"\r" in value or b"\n" in value or b"\0" in value:
                continue  # no server takes these for part of a value
            for name in (b"x-request-id", b"if-match", b"idempotency-key", b"content-type"):
                headers = [(name, value)]
                reply = client.ask("DELETE", f"{URL}/none.example", headers=headers)
                assert reply.status_code in (400, 404), text
                assert reply.headers["x-request-id"].isascii()
            keyed = [(b"idempotency-key", value), (b"content-type", b"application/json")]
            reply = client.ask("POST", URL, content=b"{}", headers=keyed)
            assert reply.status_code in (400, 422), text
            reply = client.ask("GET", URL, headers=[(b"authorization", b"Bearer " + value)])
            assert reply.status_code == 401, text
