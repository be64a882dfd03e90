"""Exports of other products: recognised by their headers, and what arrives of them.

The files in `exports` were written for this test, with the columns that docs/importing.md names the
source of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from cerebro_server.components.contacts.records import companies as company_type
from cerebro_server.components.contacts.records import contacts as contact_type
from cerebro_server.kernel.records.importing.choosing import recognised

from .files import CONTACTS, URL, companies, contacts, counts, imported

FILES = Path(__file__).parent / "exports"
ACME = {"name": "Acme", "city": "Berlin", "country": "Germany", "phone": "+493012345678"}
FIRM = {**ACME, "industry": "Tools", "employees": 120, "annual_revenue": "1500000.00"}
ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@acme.example"}
PRODUCTS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "pipedrive": (
        "pipedrive-organizations.csv",
        "pipedrive-people.csv",
        {
            **{name: FIRM[name] for name in FIRM if name != "phone"},
            "street": "Main Street 5",
            "tags": ["Customer", "Hot"],
        },
        {**ADA, "phone": "+493012345678", "job_title": "CTO", "tags": ["Hot lead"]},
    ),
    "zoho": (
        "zoho-accounts.csv",
        "zoho-contacts.csv",
        {**FIRM, "postal_code": "10115", "description": "Makes tools", "tags": ["partner"]},
        {**ADA, "job_title": "CTO", "birthday": "1815-12-10", "city": "Berlin", "source": "Fair"},
    ),
    "odoo": (
        "odoo-fields.csv",
        "odoo-fields.csv",
        {**ACME, "street": "Main Street 5\nFloor 2", "description": "Makes tools\nand & parts"},
        {**ADA, "phone": "+493012345679", "job_title": "CTO", "tags": ["VIP"]},
    ),
    "odoo by labels": (
        "odoo-labels.csv",
        "odoo-labels.csv",
        {"name": "Acme", "city": "Berlin", "website": "https://acme.example"},
        {**ADA, "phone": "+493012345679", "job_title": "CTO", "tags": ["VIP"]},
    ),
    "espocrm": (
        "espocrm-account.csv",
        "espocrm-contact.csv",
        {**ACME, "industry": "Technology", "street": "Main Street 5", "postal_code": "10115"},
        {**ADA, "phone": "+493012345679", "job_title": "CTO", "city": "Berlin"},
    ),
    "twenty": (
        "twenty-companies.csv",
        "twenty-people.csv",
        {"name": "Acme", "domain": "acme.example", "street": "Main Street 5\nFloor 2"},
        {**ADA, "phone": "+493012345679", "job_title": "CTO", "city": "Berlin"},
    ),
    "hubspot": (
        "hubspot-companies.csv",
        "hubspot-contacts.csv",
        {**FIRM, "domain": "acme.example"},
        {**ADA, "phone": "+493012345679", "job_title": "CTO"},
    ),
}


def content(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("product", PRODUCTS)
async def test_comes_in_whole_and_once(api: httpx.AsyncClient, product: str) -> None:
    firms, people, firm, person = PRODUCTS[product]
    source = product.split(maxsplit=1)[0]
    for name, url in ((firms, URL), (people, CONTACTS)):
        report = await imported(api, content(name), url=url)
        assert (report["preset"], report["errors"]) == (source, [])
    acme = (await companies(api))[0]
    assert {name: acme[name] for name in firm} == firm
    [ada, *_] = await contacts(api, where="first_name = Ada")
    assert {name: ada[name] for name in person} == person
    assert source in acme["external_ids"] and source in ada["external_ids"]
    positions = (await api.get("/v1/positions")).json()["items"]
    assert [(p["contact_id"], p["company_id"]) for p in positions] == [(ada["id"], acme["id"])]
    for name, url in ((firms, URL), (people, CONTACTS)):
        again = await imported(api, content(name), url=url)
        assert counts(again) == {
            key: again[key] for key in ("rows", "unchanged", "skipped") if again[key]
        }
        assert (again["parents_created"], again["linked"]) == (0, 0)


async def test_one_file_of_companies_and_people_is_taken_by_both(api: httpx.AsyncClient) -> None:
    report = await imported(api, content("odoo-fields.csv"))
    assert counts(report) == {"rows": 2, "created": 1, "skipped": 1}
    assert report["of_another_noun"] == 1


async def test_none_is_recognised_where_that_is_said(api: httpx.AsyncClient) -> None:
    report = await imported(api, content("hubspot-companies.csv"), preset="none")
    assert (report["preset"], report["key"]) == (None, "domain")
    [acme] = await companies(api)
    assert acme["external_ids"] == {}


def test_headers_of_real_exports_are_recognised() -> None:
    header = content("salesforce-contacts.csv").splitlines()[0].replace('"', "").split(",")
    assert recognised(contact_type, header) == "salesforce"
    loader = "ID,ISDELETED,MASTERRECORDID,NAME,TYPE,PARENTID,BILLINGSTREET,BILLINGCITY,PHONE"
    assert recognised(company_type, loader.split(",")) == "salesforce"
    outlook = "Action,ID,Name,E-mail Address,Notes,E-mail 2 Address,Mobile Phone,Business Phone"
    assert recognised(contact_type, outlook.split(",")) == "outlook"


@pytest.mark.parametrize(
    "header",
    [
        ["id", "name", "domain", "website", "phone", "created_at"],
        ["Id", "FirstName", "LastName", "Email"],
        ["First Name", "Last Name", "E-mail Address"],
        ["Name", "Email", "Company"],
    ],
)
def test_what_any_file_may_have_is_nobody_s_export(header: list[str]) -> None:
    assert recognised(contact_type, header) is None
    assert recognised(company_type, header) is None
