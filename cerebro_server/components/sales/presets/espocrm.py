"""EspoCRM's exports of opportunities and leads, whose columns are called as its attributes.

They are those of its entity definitions:
https://github.com/espocrm/espocrm/tree/master/application/Espo/Modules/Crm/Resources/metadata
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

DEALS = Preset(
    source="espocrm",
    key="id",
    marks=(("id", "stage", "closeDate"), ("id", "stage", "amountCurrency")),
    columns={
        "name": "name",
        "accountId": "company.external_ids.espocrm",
        "accountName": "company.name",
        "contactId": "contact.external_ids.espocrm",
        "stage": "stage",
        "amount": "amount",
        "amountCurrency": "currency",
        "probability": "probability",
        "closeDate": "expected_close",
        "leadSource": "source",
        "description": "description",
        "createdAt": "source_created_at",
    },
    deleted="deleted",
    readers={
        "amount": cells.amount,
        "probability": cells.percent,
        "closeDate": cells.day_of,
        "createdAt": cells.moment,
    },
)
LEADS = Preset(
    source="espocrm",
    key="id",
    marks=(
        ("id", "lastName", "status", "emailAddress"),
        ("id", "lastName", "status", "createdAt"),
        ("id", "name", "status", "opportunityAmount"),
    ),
    columns={
        "firstName": "first_name",
        "middleName": "first_name+",
        "lastName": "last_name",
        "name": "full_name",
        "accountName": "company_name",
        "title": "job_title",
        "emailAddress": "email",
        "phoneNumber": "phone",
        "website": "website",
        "industry": "industry",
        "addressStreet": "street",
        "addressCity": "city",
        "addressState": "state",
        "addressPostalCode": "postal_code",
        "addressCountry": "country",
        "opportunityAmount": "amount",
        "opportunityAmountCurrency": "currency",
        "source": "source",
        "status": "status",
        "description": "description",
        "convertedAt": "converted_at",
        "createdContactId": "contact.external_ids.espocrm",
        "createdAccountId": "company.external_ids.espocrm",
        "createdOpportunityId": "deal.external_ids.espocrm",
        "createdAt": "source_created_at",
    },
    deleted="deleted",
    readers={
        "opportunityAmount": cells.amount,
        "convertedAt": cells.moment_of,
        "createdAt": cells.moment,
    },
)
