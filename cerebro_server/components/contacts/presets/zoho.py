"""Zoho CRM's exports of accounts and contacts."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells


def _address(name: str, part: str, code: str) -> dict[str, str]:
    return {
        f"{name} Street": f"{part}street",
        f"{name} City": f"{part}city",
        f"{name} State": f"{part}state",
        f"{name} {code}": f"{part}postal_code",
        f"{name} Country": f"{part}country",
    }


COMPANIES = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Account Name"),),
    columns={
        "Account Name": "name",
        "Website": "website",
        "Industry": "industry",
        "Employees": "employees",
        "Annual Revenue": "annual_revenue",
        "Phone": "phone",
        **_address("Billing", "", "Code"),
        "Billing Address - City": "city",
        "Billing Address - State / Province": "state",
        "Billing Address - Country / Region": "country",
        "Parent Account.id": "parent.external_ids.zoho",
        "Parent Account": "parent.name",
        "Tag": "tags",
        "Description": "description",
        "Created Time": "source_created_at",
    },
    readers={"Annual Revenue": cells.amount, "Created Time": cells.moment},
)
CONTACTS = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Last Name"),),
    columns={
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "emails[1:work].address",
        "Secondary Email": "emails[2:other].address",
        "Phone": "phones[1:work].number",
        "Mobile": "phones[2:mobile].number",
        "Home Phone": "phones[3:home].number",
        "Other Phone": "phones[4:other].number",
        "Title": "job_title",
        "Department": "department",
        **_address("Mailing", "addresses[1:mailing].", "Zip"),
        **_address("Other", "addresses[2:other].", "Zip"),
        "Account Name.id": "company.external_ids.zoho",
        "Account Name": "company.name",
        "Lead Source": "source",
        "Date of Birth": "birthday",
        "Tag": "tags",
        "Description": "description",
        "Created Time": "source_created_at",
    },
    readers={"Date of Birth": cells.day, "Created Time": cells.moment},
)
