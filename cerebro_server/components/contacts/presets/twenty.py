"""Twenty's exports of companies and people: labels, with a slash before their parts."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

_COMPANIES = {
    "Name": "name",
    "Domain Name / Link URL": "domain",
    "Employees": "employees",
    "Annual Revenue / Amount": "annual_revenue",
    "ARR / Amount": "annual_revenue",
    "Address / Address 1": "street",
    "Address / Address 2": "street+",
    "Address / Address 3": "street+",
    "Address / City": "city",
    "Address / State": "state",
    "Address / Post Code": "postal_code",
    "Address / Country": "country",
    "Creation date": "source_created_at",
}
_PEOPLE = {
    "Name / First Name": "first_name",
    "Name / Last Name": "last_name",
    "Emails / Primary Email": "emails[1].address",
    "Emails / Additional Emails": "emails[2].address",
    "Phones / Primary Phone Calling Code": "phones[1].number",
    "Phones / Primary Phone Number": "phones[1].number+",
    "Job Title": "job_title",
    "City": "city",
    "Company Id": "company.external_ids.twenty",
    "Company / Id": "company.external_ids.twenty",
    "Creation date": "source_created_at",
}
COMPANIES = Preset(
    source="twenty",
    key="Id",
    marks=(("Id", "Name", "Domain Name / Link URL"), ("Id", "Name", "Address / Address 1")),
    columns=_COMPANIES,
    readers={
        **dict.fromkeys(_COMPANIES, cells.unmarked),
        "Annual Revenue / Amount": cells.amount,
        "ARR / Amount": cells.amount,
        "Creation date": cells.moment,
    },
)
CONTACTS = Preset(
    source="twenty",
    key="Id",
    marks=(("Id", "Name / Last Name"),),
    columns=_PEOPLE,
    readers={
        **dict.fromkeys(_PEOPLE, cells.unmarked),
        "Emails / Additional Emails": cells.first_of_json,
        "Creation date": cells.moment,
    },
)
