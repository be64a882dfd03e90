"""Other products' exports of contacts."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

_LINES = {
    "Street": "street",
    "City": "city",
    "State": "state",
    "PostalCode": "postal_code",
    "Country": "country",
}
_KINDS = {"Business": "work", "Home": "home", "Other": "other"}


def _salesforce(name: str, n: int, kind: str) -> dict[str, str]:
    return {f"{name}{line}": f"addresses[{n}:{kind}].{of}" for line, of in _LINES.items()}


def _outlook_address(name: str, n: int) -> dict[str, str]:
    """Outlook has an address by its lines; other programs that write its format, in one cell."""
    part = f"addresses[{n}:{_KINDS[name]}]"
    return {
        f"{name} Street": f"{part}.street",
        f"{name} Address": f"{part}.street",
        f"{name} Street 2": f"{part}.street+",
        f"{name} Street 3": f"{part}.street+",
        f"{name} City": f"{part}.city",
        f"{name} State": f"{part}.state",
        f"{name} Postal Code": f"{part}.postal_code",
        f"{name} Country/Region": f"{part}.country",
        f"{name} Country": f"{part}.country",
    }


def _google_lists() -> dict[str, str]:
    """Google numbers its values; what bore `Type` until 2024 is `Label` since."""
    found: dict[str, str] = {}
    for n in range(1, 6):
        for word in ("Label", "Type"):
            found |= {
                f"E-mail {n} - {word}": f"emails[{n}].type",
                f"Phone {n} - {word}": f"phones[{n}].type",
                f"Address {n} - {word}": f"addresses[{n}].type",
            }
        found |= {
            f"E-mail {n} - Value": f"emails[{n}].address",
            f"Phone {n} - Value": f"phones[{n}].number",
            f"Address {n} - Street": f"addresses[{n}].street",
            f"Address {n} - Extended Address": f"addresses[{n}].street+",
            f"Address {n} - City": f"addresses[{n}].city",
            f"Address {n} - Region": f"addresses[{n}].state",
            f"Address {n} - Postal Code": f"addresses[{n}].postal_code",
            f"Address {n} - Country": f"addresses[{n}].country",
        }
    return found


_GOOGLE_LISTS = _google_lists()
CONTACTS = {
    # Contact object: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/
    # object_reference/sforce_api_objects_contact.htm
    "salesforce": Preset(
        source="salesforce",
        key="Id",
        marks=cells.in_capitals_too(
            ("Id", "LastName", "IsDeleted"),
            ("Id", "LastName", "AccountId"),
            ("Id", "LastName", "MailingCity"),
            ("Id", "LastName", "SystemModstamp"),
        ),
        columns={
            "FirstName": "first_name",
            "MiddleName": "first_name+",
            "LastName": "last_name",
            "Suffix": "last_name+",
            "Name": "full_name",
            "Email": "email",
            "Phone": "phones[1:work].number",
            "MobilePhone": "phones[2:mobile].number",
            "HomePhone": "phones[3:home].number",
            "OtherPhone": "phones[4:other].number",
            "Title": "job_title",
            "Department": "department",
            **_salesforce("Mailing", 1, "mailing"),
            **_salesforce("Other", 2, "other"),
            "AccountId": "company.external_ids.salesforce",
            "Account Name": "company.name",
            "Account.Name": "company.name",
            "LeadSource": "source",
            "Birthdate": "birthday",
            "Description": "description",
            "CreatedDate": "source_created_at",
        },
        deleted="IsDeleted",
    ),
    # https://support.microsoft.com/office/export-contacts-from-outlook-10f09abd-643c-4495-bb80-543714eca73f
    "outlook": Preset(
        source="outlook",
        key=None,
        marks=(
            ("First Name", "Last Name", "E-mail Address", "Business Phone"),
            ("First Name", "Last Name", "E-mail Address", "E-mail 2 Address"),
            ("First Name", "Last Name", "E-mail Address", "Business Street"),
            ("Name", "E-mail Address", "E-mail 2 Address", "Business Phone"),
        ),
        found_by="email",
        columns={
            "ID": "external_ids.outlook",
            "First Name": "first_name",
            "Middle Name": "first_name+",
            "Last Name": "last_name",
            "Suffix": "last_name+",
            "Name": "full_name",
            "E-mail Address": "emails[1].address",
            "E-mail 2 Address": "emails[2].address",
            "E-mail 3 Address": "emails[3].address",
            "Business Phone": "phones[1:work].number",
            "Mobile Phone": "phones[2:mobile].number",
            "Home Phone": "phones[3:home].number",
            "Business Phone 2": "phones[4:work].number",
            "Home Phone 2": "phones[5:home].number",
            "Primary Phone": "phones[6:main].number",
            "Company Main Phone": "phones[7:company].number",
            "Other Phone": "phones[8:other].number",
            "Car Phone": "phones[9:car].number",
            "Business Fax": "phones[10:work fax].number",
            "Home Fax": "phones[11:home fax].number",
            "Other Fax": "phones[12:other fax].number",
            "Pager": "phones[13:pager].number",
            **_outlook_address("Business", 1),
            **_outlook_address("Home", 2),
            **_outlook_address("Other", 3),
            "Company": "company",
            "Job Title": "job_title",
            "Department": "department",
            "Birthday": "birthday",
            "Web Page": "website",
            "Categories": "tags",
            "Notes": "description",
        },
        deleted="Action",
        deleted_words=frozenset({"delete"}),
        readers={"Birthday": cells.day, "Categories": cells.words},
    ),
    # https://support.google.com/contacts/answer/7199294
    "google": Preset(
        source="google",
        key=None,
        marks=(("E-mail 1 - Value",), ("Phone 1 - Value",)),
        found_by="email",
        columns={
            "First Name": "first_name",
            "Given Name": "first_name",
            "Middle Name": "first_name+",
            "Additional Name": "first_name+",
            "Last Name": "last_name",
            "Family Name": "last_name",
            "Name Suffix": "last_name+",
            "Name": "full_name",
            **_GOOGLE_LISTS,
            "Organization Name": "company",
            "Organization 1 - Name": "company",
            "Organization Title": "job_title",
            "Organization 1 - Title": "job_title",
            "Organization Department": "department",
            "Organization 1 - Department": "department",
            "Birthday": "birthday",
            "Website 1 - Value": "website",
            "Labels": "tags",
            "Group Membership": "tags",
            "Notes": "description",
        },
        readers={
            **{name: cells.first for name, to in _GOOGLE_LISTS.items() if "].type" not in to},
            **{name: cells.kind for name, to in _GOOGLE_LISTS.items() if "].type" in to},
            "Birthday": cells.day,
            "Labels": cells.labels,
            "Group Membership": cells.labels,
            "Website 1 - Value": cells.first,
        },
    ),
    # the columns that the reader of vCards makes of their properties (RFC 6350)
    "vcard": Preset(
        source="vcard",
        key=None,
        columns={
            "id": "id",
            "UID": "external_ids.vcard",
            "FN": "full_name",
            "N given": "first_name",
            "N additional": "first_name+",
            "N family": "last_name",
            "N suffix": "last_name+",
            "EMAIL": "emails",
            "TEL": "phones",
            "ADR": "addresses",
            "ORG": "company.name",
            "ORG unit": "department",
            "TITLE": "job_title",
            "ROLE": "job_title",
            "URL": "website",
            "BDAY": "birthday",
            "CATEGORIES": "tags",
            "NOTE": "description",
        },
        keeps_wholes=True,
    ),
    # https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
    "hubspot": Preset(
        source="hubspot",
        key="Record ID",
        marks=(("Record ID", "First Name", "Last Name"),),
        columns={
            "First Name": "first_name",
            "Last Name": "last_name",
            "Email": "email",
            "Phone Number": "phones[1:work].number",
            "Mobile Phone Number": "phones[2:mobile].number",
            "Job Title": "job_title",
            "Company Domain Name": "company.domain",
            "Company name": "company.name",
            "Associated Company (Primary)": "company.name",
            "Associated Company": "company.name",
            "Associated Company IDs (Primary)": "company.external_ids.hubspot",
            "Associated Company IDs": "company.external_ids.hubspot",
            "Street Address": "street",
            "City": "city",
            "State/Region": "state",
            "Postal Code": "postal_code",
            "Country/Region": "country",
            "Country": "country",
            "Website URL": "website",
            "Original Source": "source",
            "Original Traffic Source": "source",
            "Date of Birth": "birthday",
            "Create Date": "source_created_at",
        },
        readers={
            "Create Date": cells.moment,
            "Date of Birth": cells.day,
            "Associated Company": cells.first_named,
            "Associated Company IDs": cells.first_named,
        },
    ),
}
