"""Contacts as vCards 4.0, and the same contacts again from them."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.kernel.records.exporting.vcards import folded, written
from cerebro_server.kernel.records.importing.reading import read_table

from .files import CONTACTS, contacts, counts, imported, refused

COLUMNS = {
    "N family": "last_name",
    "N given": "first_name",
    "EMAIL": "emails",
    "TEL": "phones",
    "ADR": "addresses",
    "ORG": "company.name",
    "ORG unit": "department",
    "TITLE": "job_title",
    "URL": "website",
    "BDAY": "birthday",
    "CATEGORIES": "tags",
    "NOTE": "description",
}
KEPT = (
    *("first_name", "last_name", "emails", "phones", "addresses", "job_title", "department"),
    *("website", "birthday", "tags", "description"),
)
# texts as they are stored: trimmed, of a line, with any punctuation
_LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))
    | st.sampled_from(',;:\\"^='),
    min_size=1,
    max_size=90,
).filter(lambda text: text == text.strip())
_TEXTS = st.lists(_LINES, min_size=1, max_size=4).map("\n".join)
_KINDS = st.sampled_from(["work", "home fax", "mobile", "work mobile", "other"]) | _LINES
_TYPES = st.fixed_dictionaries({}, optional={"type": _KINDS})


def _part(**lines: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.builds(lambda part, kind: {**part, **kind}, st.fixed_dictionaries(lines), _TYPES)


_PHONE = st.builds(
    lambda part, more: {**part, **more},
    _part(number=st.from_regex(r"\+49[1-9][0-9]{5,9}", fullmatch=True) | _LINES),
    st.fixed_dictionaries({}, optional={"extension": _LINES}),
).filter(lambda part: not part["number"].lower().startswith("tel:"))
_ROWS = st.fixed_dictionaries(
    {
        "last_name": _LINES,
        "emails": st.lists(
            _part(address=st.from_regex(r"[a-z]{1,40}@[a-z]{1,40}\.example", fullmatch=True)),
            max_size=3,
        ),
        "phones": st.lists(_PHONE, max_size=3),
        "addresses": st.lists(
            _part(street=_TEXTS.filter(lambda t: "\n" not in t), city=_LINES, country=_LINES),
            max_size=2,
        ),
        "tags": st.lists(_LINES, max_size=3),
    },
    optional={
        "first_name": _LINES,
        "job_title": _LINES,
        "department": _LINES,
        "company.name": _LINES,
        "description": _TEXTS,
        "birthday": st.dates().map(str),
    },
)


def cells(content: bytes) -> list[dict[str, Any]]:
    found = read_table(io.BytesIO(content))
    rows = (dict(zip(found.header, row.cells, strict=True)) for row in found.rows())
    return [{name: cell for name, cell in row.items() if cell} for row in rows]


async def exported(api: httpx.AsyncClient, **params: Any) -> bytes:
    reply = await api.get(f"{CONTACTS}/export", params={"format": "vcard", **params})
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "text/vcard; charset=utf-8"
    assert reply.headers["content-disposition"].endswith('"contacts.vcf"')
    return reply.content


class TestWriting:
    def test_a_card_as_rfc_6350_has_it(self) -> None:
        row = {
            "id": "7", "external_ids.vcard": None, "full_name": "Ada Lovelace",
            "updated_at": "2026-01-31T12:00:00+02:00", "last_name": "Lovelace",
            "first_name": "Ada", "tags": ["a,b", "c"], "birthday": "1815-12-10",
            "emails": [{"address": "a@x.example", "type": "work"}, {"address": "b@x.example"}],
            "phones": [{"number": "+49301", "type": "work mobile", "extension": "7"}],
            "addresses": [{"street": "A; 1\nB", "city": "Rome", "type": "Summer"}],
            "company.name": "Acme, Inc.", "department": "R&D", "description": "x\\y",
        }  # fmt: skip
        assert written([json.dumps(row).encode()], COLUMNS).decode().split("\r\n") == [
            "BEGIN:VCARD",
            "VERSION:4.0",
            "PRODID:-//Cerebro//Cerebro//EN",
            "UID:urn:uuid:7",
            "X-CEREBRO-ID:7",
            "FN:Ada Lovelace",
            "N:Lovelace;Ada;;;",
            "EMAIL;TYPE=work;PREF=1:a@x.example",
            "EMAIL:b@x.example",
            "TEL;TYPE=work,cell;VALUE=uri:tel:+49301;ext=7",
            "item1.ADR:;;A\\; 1\\nB;Rome;;;",
            "item1.X-ABLabel:Summer",
            "ORG:Acme\\, Inc.;R&D",
            "NOTE:x\\\\y",
            "BDAY:18151210",
            "CATEGORIES:a\\,b,c",
            "REV:20260131T100000Z",
            "END:VCARD",
            "",
        ]

    @given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=300))
    def test_no_line_is_longer_than_75_octets(self, text: str) -> None:
        lines = folded(f"NOTE:{text}").removesuffix(b"\r\n").split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)
        assert all(line.decode() for line in lines)  # no character is cut
        unfolded = lines[0] + b"".join(line[1:] for line in lines[1:])
        assert unfolded.decode() == f"NOTE:{text}"

    @given(st.lists(_ROWS, min_size=1, max_size=3))
    def test_reads_back_whatever_was_written(self, rows: list[dict[str, Any]]) -> None:
        sent = [
            {"id": str(n), "full_name": f"{row.get('first_name', '')} {row['last_name']}", **row}
            for n, row in enumerate(rows)
        ]
        found = cells(written([json.dumps(row).encode() for row in sent], COLUMNS))
        for row, card in zip(sent, found, strict=True):
            for column, field in COLUMNS.items():
                assert card.get(column, []) == (row.get(field) or []), field
            assert card["id"] == row["id"]
            assert not card.keys() - {*COLUMNS, "id"}


class TestExport:
    @pytest.fixture
    async def filled(self, api: httpx.AsyncClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {
                "first_name": "Ada", "last_name": "von Lovelace, jr", "company": "Acme; Inc.",
                "emails": [{"address": "a@x.example", "type": "Büro; 2"}, "b@x.example"],
                "phones": [{"number": "+493012345678", "type": "work fax"},
                           {"number": "+493012345678", "extension": "7"}, {"number": "nonsense"}],
                "addresses": [{"street": "1, Main\nB", "city": "Rome", "type": "home"},
                              {"country": "IT"}],
                "tags": ["a b", "ü"], "birthday": "1815-12-10", "website": "https://x.example",
                "job_title": "Boss", "department": "R;D", "description": "a\\n\n" + "é" * 200,
                "external_ids": {"vcard": "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"},
            },
            {"last_name": "Kepler", "emails": [{"address": "k@x.example"}]},
            {"last_name": "Nobody"},
        ]  # fmt: skip
        content = "".join(f"{json.dumps(row)}\n" for row in rows)
        assert (await imported(api, content, url=CONTACTS))["created"] == 3
        return await contacts(api)

    async def test_gives_the_same_contacts_in_an_empty_workspace(
        self,
        api: httpx.AsyncClient,
        other_api: httpx.AsyncClient,
        filled: list[dict[str, Any]],
    ) -> None:
        report = await imported(other_api, await exported(api), url=CONTACTS)
        assert (counts(report), report["ignored"]) == ({"rows": 3, "created": 3}, [])
        again = await contacts(other_api)
        for before, after in zip(filled, again, strict=True):
            assert {n: after[n] for n in KEPT} == {n: before[n] for n in KEPT}
            assert after["external_ids"] == before["external_ids"]
        columns = "last_name,company.name"
        both = [
            (await each.get(f"{CONTACTS}/export", params={"columns": columns, "sort": "last_name"}))
            for each in (api, other_api)
        ]
        assert both[0].text == both[1].text
        assert "Acme; Inc." in both[0].text

    async def test_changes_nothing_where_it_came_from(
        self, api: httpx.AsyncClient, filled: list[dict[str, Any]]
    ) -> None:
        report = await imported(api, await exported(api), url=CONTACTS)
        assert counts(report) == {"rows": len(filled), "unchanged": len(filled)}

    async def test_has_what_is_asked_for(
        self, api: httpx.AsyncClient, filled: list[dict[str, Any]]
    ) -> None:
        content = await exported(api, where="last_name = Kepler", columns="emails,last_name")
        [card] = cells(content)
        assert card == {
            "N family": "Kepler",
            "EMAIL": [{"address": "k@x.example"}],
            "id": filled[0]["id"],
        }

    @pytest.mark.parametrize(
        ("url", "params", "parameter", "code"),
        [
            ("/v1/companies", {}, "format", "no_vcards"),
            (CONTACTS, {"columns": "consent"}, "columns", "no_place"),
            (CONTACTS, {"columns": "nothing"}, "columns", "unknown_field"),
        ],
    )
    async def test_refuses_what_no_card_has(
        self, api: httpx.AsyncClient, url: str, params: dict[str, str], parameter: str, code: str
    ) -> None:
        reply = await api.get(f"{url}/export", params={"format": "vcard", **params})
        assert reply.status_code == 422
        [error] = reply.json()["errors"]
        assert (error["parameter"], error["code"]) == (parameter, code)

    async def test_of_no_contacts_is_empty(self, api: httpx.AsyncClient) -> None:
        assert await exported(api) == b""
        assert "empty" in (await refused(api, b"", url=CONTACTS))["detail"]
