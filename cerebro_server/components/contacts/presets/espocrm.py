"""EspoCRM's exports of accounts and contacts, whose columns are called as its attributes."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells


def _address(name: str) -> dict[str, str]:
    return {
        f"{name}Street": "street",
        f"{name}City": "city",
        f"{name}State": "state",
        f"{name}PostalCode": "postal_code",
        f"{name}Country": "country",
    }


COMPANIES = Preset(
    source="espocrm",
    key="id",
    marks=(("id", "name", "billingAddressCity"), ("id", "name", "sicCode")),
    columns={
        "name": "name",
        "website": "website",
        "industry": "industry",
        "phoneNumber": "phone",
        **_address("billingAddress"),
        "description": "description",
        "createdAt": "source_created_at",
    },
    deleted="deleted",
    readers={"createdAt": cells.moment},
)
CONTACTS = Preset(
    source="espocrm",
    key="id",
    marks=(("id", "lastName", "addressCity"), ("id", "lastName", "accountId")),
    columns={
        "firstName": "first_name",
        "middleName": "first_name+",
        "lastName": "last_name",
        "name": "full_name",
        "emailAddress": "email",
        "phoneNumber": "phone",
        "title": "job_title",
        "accountId": "company.external_ids.espocrm",
        "accountName": "company.name",
        **_address("address"),
        "description": "description",
        "createdAt": "source_created_at",
    },
    deleted="deleted",
    readers={"createdAt": cells.moment},
)
