"""What an export holds besides the record's own fields in CSV: workbooks, related records."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from cerebro_server.kernel.records.exporting import engine
from tests.fixtures.people import people
from tests.fixtures.stores import Installation

from .files import CONTACTS, URL, companies, counts, export, fill, imported, limited_key

HOSTILE = ["=1+1", "+x", "-2+3", "@SUM(A1)", "'=x", "''-y", "'plain", "-5", "http://x.example"]


async def download(api: httpx.AsyncClient, url: str = URL, **params: Any) -> bytes:
    reply = await api.get(f"{url}/export", params=params)
    assert reply.status_code == 200, reply.text
    return reply.content


async def post(api: httpx.AsyncClient, url: str, **fields: Any) -> dict[str, Any]:
    reply = await api.post(url, json=fields)
    assert reply.status_code == 201, reply.text
    record: dict[str, Any] = reply.json()
    return record


def sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


class TestFormulas:
    async def test_are_quoted_and_come_back_as_they_were(self, api: httpx.AsyncClient) -> None:
        for number, text in enumerate(HOSTILE):
            await post(
                api, URL, name=f"n{number}", description=text, city=text, tags=[text],
                external_ids={"crm": f"{text}{number}"},
            )  # fmt: skip
        before = await companies(api)
        text = await export(api, sort="name")
        for row in csv.reader(io.StringIO(text)):
            assert not any(cell.startswith(("=", "@", "-2", "+x")) for cell in row)
        assert "-5" in {
            row[0] for row in csv.reader(io.StringIO(await export(api, columns="city")))
        }
        again = await imported(api, text)
        assert counts(again) == {"rows": len(HOSTILE), "unchanged": len(HOSTILE)}
        assert await companies(api) == before

    async def test_of_custom_fields_too(self, api: httpx.AsyncClient) -> None:
        await post(api, "/v1/fields", record_type="companies", key="motto", type="text")
        await post(api, URL, name="Acme", custom={"motto": "=1+1"})
        assert await export(api, columns="motto") == "motto\n'=1+1\n"
        text = await export(api)
        assert counts(await imported(api, text)) == {"rows": 1, "unchanged": 1}


class TestWorkbooks:
    async def test_have_typed_cells_and_come_back_unchanged(self, api: httpx.AsyncClient) -> None:
        for key, kind in (("score", "decimal"), ("since", "date"), ("fan", "boolean")):
            await post(api, "/v1/fields", record_type="companies", key=key, type=kind)
        await post(
            api, URL, name="Acme", employees=12, annual_revenue="1250.50", tags=["a", "b;c"],
            phones=[{"number": "+493012345678", "type": "work"}], external_ids={"crm": "007"},
            source_created_at="2020-01-31T12:00:00.123Z", description="=HYPERLINK(1)",
            custom={"score": "4.5", "since": "2020-01-31", "fan": True},
        )  # fmt: skip
        await post(
            api, URL, name="'=x", annual_revenue="1234567890123456.50",
            source_created_at="1850-01-31T12:00:00.123456Z", website="https://x.example",
        )  # fmt: skip
        before = await companies(api)
        content = await download(api, format="xlsx", sort="name")
        header, odd, acme = (row for row in sheet(content))
        cells = dict(zip(header, acme, strict=True))
        assert (cells["employees"], cells["annual_revenue"], cells["score"]) == (12, 1250.5, 4.5)
        assert (str(cells["since"]), cells["fan"]) == ("2020-01-31", True)
        assert cells["description"] == "=HYPERLINK(1)"
        assert cells["external_ids.crm"] == "007"
        assert dict(zip(header, odd, strict=True))["annual_revenue"] == "1234567890123456.50"
        again = await imported(api, content)
        assert (counts(again), again["format"]) == ({"rows": 2, "unchanged": 2}, "xlsx")
        assert await companies(api) == before

    async def test_are_named_by_their_type(self, api: httpx.AsyncClient) -> None:
        reply = await api.get(f"{URL}/export", params={"format": "xlsx"})
        assert "spreadsheetml" in reply.headers["content-type"]
        assert reply.headers["content-disposition"] == 'attachment; filename="companies.xlsx"'

    async def test_too_long_for_a_sheet_are_refused_before_they_begin(
        self, api: httpx.AsyncClient, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "MAX_ROWS", 2)
        fill(installation, 3)
        reply = await api.get(f"{URL}/export", params={"format": "xlsx"})
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "too_many_rows")
        narrowed = await download(api, format="xlsx", where="employees < 3", columns="employees")
        assert len(sheet(narrowed)) == 3

    async def test_hold_as_many_columns_as_a_workspace_has(self, api: httpx.AsyncClient) -> None:
        columns = ",".join(f"external_ids.s{number}" for number in range(300))
        await post(api, URL, name="Acme", external_ids={"s299": "x"})
        assert sheet(await download(api, format="xlsx", columns=columns))[1][-1] == "x"

    async def test_with_a_cell_that_excel_cannot_hold_are_refused(
        self, api: httpx.AsyncClient
    ) -> None:
        street = "x" * 30_000
        await post(api, URL, name="Acme", addresses=[{"street": street}, {"street": street}])
        reply = await api.get(f"{URL}/export", params={"format": "xlsx"})
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "cell_too_long")
        assert "addresses" in reply.json()["detail"]


class TestRelated:
    async def test_columns_are_those_of_the_record_that_a_path_leads_to(
        self, api: httpx.AsyncClient
    ) -> None:
        holding = await post(api, URL, name="Holding", domain="holding.example")
        acme = await post(
            api, URL, name="=Acme", parent_id=holding["id"], external_ids={"crm": "7"}
        )
        ada = await post(api, CONTACTS, last_name="Ada")
        await post(api, CONTACTS, last_name="Bob")
        await post(api, "/v1/positions", contact_id=ada["id"], company_id=acme["id"])
        names = "last_name,company.name,company.parent.domain,company.external_ids.crm"
        text = (await download(api, CONTACTS, columns=names, sort="last_name")).decode()
        assert text == f"{names}\nAda,'=Acme,holding.example,7\nBob,,,\n"
        [line, _] = (
            await download(api, CONTACTS, columns=names, sort="last_name", format="jsonl")
        ).splitlines()
        assert json.loads(line)["company.name"] == "=Acme"
        table = sheet(await download(api, CONTACTS, columns=names, format="xlsx", sort="last_name"))
        assert table[1] == ["Ada", "=Acme", "holding.example", "7"]
        text = await export(api, columns="name,parent.domain", where="parent.name = Holding")
        assert text == "name,parent.domain\n'=Acme,holding.example\n"
        await api.delete(f"{URL}/{holding['id']}")
        text = await export(api, columns="name,parent.domain", where="name = '=Acme'")
        assert text == "name,parent.domain\n'=Acme,\n"

    async def test_columns_are_read_by_an_import_as_far_as_they_can_be(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        with people(installation.url) as main:
            main.user("ada")
        email = "ada@cerebro.test"
        acme = await post(api, URL, name="Acme", domain="acme.example", owner_id=email)
        ada = await post(api, CONTACTS, last_name="Ada", email="ada@acme.example", owner_id=email)
        await post(api, "/v1/positions", contact_id=ada["id"], company_id=acme["id"])
        names = "id,last_name,email,owner.email,company.domain,company.industry"
        text = (await download(api, CONTACTS, columns=names)).decode()
        report = await imported(api, text, url=CONTACTS)
        assert (counts(report), report["linked"]) == ({"rows": 1, "unchanged": 1}, 0)
        assert report["mapping"]["owner.email"] == "owner_id"
        await imported(
            api, text.replace(ada["id"], "").replace("ada@acme", "bob@acme"), url=CONTACTS
        )
        reply = await api.get(CONTACTS, params={"where": "company.domain = acme.example"})
        owners = {contact["owner_id"] for contact in reply.json()["items"]}
        assert (len(reply.json()["items"]), owners) == (2, {ada["owner_id"]})

    @pytest.mark.parametrize(
        ("columns", "meant"),
        [
            ("company.nmae", "name"),
            ("compny.name", "company.name"),
            ("company", None),
            ("company.parent.parent.parent.parent.name", None),
            ("owner.password_hash", None),
            ('company.name" from users --', None),
        ],
    )
    async def test_columns_that_there_are_not_are_refused(
        self, api: httpx.AsyncClient, columns: str, meant: str | None
    ) -> None:
        reply = await api.get(f"{CONTACTS}/export", params={"columns": columns})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid")
        if meant:
            assert reply.json()["suggestion"] == meant

    async def test_of_many_records_are_refused(self, api: httpx.AsyncClient) -> None:
        reply = await api.get(f"{URL}/export", params={"columns": "members.name"})
        assert reply.json()["errors"][0]["code"] == "many_records"

    async def test_what_may_not_be_read_is_not_there(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        acme = await post(api, URL, name="Acme")
        ada = await post(api, CONTACTS, last_name="Ada")
        await post(api, "/v1/positions", contact_id=ada["id"], company_id=acme["id"])
        ask = {"columns": "last_name,company.name"}
        scopes = ["contacts:read", "contacts:export"]
        api.headers["Authorization"] = f"Bearer {limited_key(installation, *scopes)}"
        reply = await api.get(f"{CONTACTS}/export", params=ask)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "unknown_field")
        own = limited_key(installation, *scopes, "positions:read", "companies:read:own")
        api.headers["Authorization"] = f"Bearer {own}"
        reply = await api.get(f"{CONTACTS}/export", params=ask)
        seen = (await api.get(URL)).json()["items"]
        assert reply.text == f"last_name,company.name\nAda,{'Acme' if seen else ''}\n"
