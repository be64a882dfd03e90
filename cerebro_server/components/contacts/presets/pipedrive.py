"""Pipedrive's exports of organizations and people."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells


def _address(of: str, name: str, part: str) -> dict[str, str]:
    """Pipedrive takes an address apart, and says of each piece what it is a piece of."""
    return {
        f"{of} - Street/road name of {name}": f"{part}street",
        f"{of} - House number of {name}": f"{part}street+",
        f"{of} - City/town/village/locality of {name}": f"{part}city",
        f"{of} - State/county of {name}": f"{part}state",
        f"{of} - ZIP/Postal code of {name}": f"{part}postal_code",
        f"{of} - Country of {name}": f"{part}country",
    }


COMPANIES = Preset(
    source="pipedrive",
    key=None,
    marks=(("Organization - Name",),),
    joined=frozenset(["Organization - House number of Address"]),
    columns={
        "Organization - ID": "external_ids.pipedrive",
        "Organization - Name": "name",
        "Organization - Website": "website",
        "Organization - Industry": "industry",
        "Organization - Number of employees": "employees",
        "Organization - Annual revenue": "annual_revenue",
        "Organization - Phone": "phone",
        **_address("Organization", "Address", ""),
        "Organization - Labels": "tags",
        "Organization - Label": "tags",
        "Organization - Organization created": "source_created_at",
    },
    readers={
        "Organization - Annual revenue": cells.amount,
        "Organization - Organization created": cells.moment,
    },
)
CONTACTS = Preset(
    source="pipedrive",
    key=None,
    marks=(("Person - Name",), ("Person - Last name",)),
    joined=frozenset(["Person - House number of Postal address"]),
    columns={
        "Person - ID": "external_ids.pipedrive",
        "Person - First name": "first_name",
        "Person - Last name": "last_name",
        "Person - Name": "full_name",
        "Person - Email - Work": "emails[1:work].address",
        "Person - Email": "emails[1:work].address",
        "Person - Email - Home": "emails[2:home].address",
        "Person - Email - Other": "emails[3:other].address",
        "Person - Phone - Work": "phones[1:work].number",
        "Person - Phone": "phones[1:work].number",
        "Person - Phone - Mobile": "phones[2:mobile].number",
        "Person - Phone - Home": "phones[3:home].number",
        "Person - Phone - Other": "phones[4:other].number",
        "Person - Job title": "job_title",
        "Person - Organization ID": "company.external_ids.pipedrive",
        "Organization - ID": "company.external_ids.pipedrive",
        "Person - Organization": "company.name",
        "Organization - Name": "company.name",
        **_address("Person", "Postal address", "addresses[1:work]."),
        "Person - Birthday": "birthday",
        "Person - Labels": "tags",
        "Person - Label": "tags",
        "Person - Notes": "description",
        "Person - Person created": "source_created_at",
    },
    readers={"Person - Birthday": cells.day, "Person - Person created": cells.moment},
    keeps_wholes=True,
)
