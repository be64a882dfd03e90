"""Salesforce's exports: Opportunity, OpportunityContactRole, both histories, and Lead.

The columns are the names of fields in Salesforce's object reference:
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference
"""

from __future__ import annotations

from cerebro_server.components.sales.presets.earlier import BOTH, OF_STAGES
from cerebro_server.kernel.fields import Preset, cells

_CATEGORIES = {
    **dict.fromkeys(("pipeline", "omitted", "closed", "commit"), None),
    "bestcase": "best_case",
    "best case": "best_case",
    "mostlikely": "best_case",
    "most likely": "best_case",
    "forecast": "commit",  # as the API calls what people read as Commit
}


def category(text: str) -> str:
    """Read a forecast category, by its name or as the API calls it."""
    word = text.lower()
    return _CATEGORIES.get(word) or word


def is_won(text: str) -> str | None:
    """Read `IsWon`: whether the stage is one of deals that are won."""
    return "stage:won" if text.lower() in ("true", "1") else None


def is_closed(text: str) -> str:
    """Read `IsClosed`: whether the stage is one of deals that are closed."""
    return "stage:closed" if text.lower() in ("true", "1") else "stage:open"


DEALS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(
        ("Id", "StageName", "CloseDate"), ("Id", "StageName", "AccountId", "Name")
    ),
    columns={
        "Name": "name",
        "AccountId": "company.external_ids.salesforce",
        "StageName": "stage",
        "IsWon": "status",
        "IsClosed": "status+",
        "Amount": "amount",
        "CurrencyIsoCode": "currency",
        "Probability": "probability",
        "CloseDate": "expected_close",
        "ForecastCategoryName": "forecast_category",
        "ForecastCategory": "forecast_category",
        "NextStep": "next_step",
        "Owner.Email": "owner_id",
        "LeadSource": "source",
        "Description": "description",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={
        "IsWon": is_won,
        "IsClosed": is_closed,
        "Amount": cells.amount,
        "Probability": cells.percent,
        "CloseDate": cells.day_of,
        "ForecastCategoryName": category,
        "ForecastCategory": category,
        "CreatedDate": cells.moment,
    },
)
DEAL_CONTACTS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "OpportunityId", "ContactId")),
    columns={
        "OpportunityId": "deal.external_ids.salesforce",
        "ContactId": "contact.external_ids.salesforce",
        "Role": "role",
        "IsPrimary": "is_primary",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={"CreatedDate": cells.moment},
)
# OpportunityHistory has a row for each change of stage, amount, probability or close date;
# OpportunityFieldHistory one for each field that changed, of which those of the stage are taken
DEAL_STAGES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(
        ("Id", "OpportunityId", "StageName", "CreatedDate"),
        ("Id", "OpportunityId", "Field", "NewValue"),
    ),
    columns={
        "OpportunityId": "deal.external_ids.salesforce",
        "StageName": "to_stage",
        "NewValue": "to_stage",
        "OldValue": "from_stage",
        "CreatedDate": "entered_at",
        "CreatedById": "actor",
        "Amount": "amount",
        "CurrencyIsoCode": "currency",
        "Probability": "probability",
        "CloseDate": "expected_close",
        "ForecastCategory": "forecast_category",
    },
    deleted="IsDeleted",
    only=("Field",),
    only_words=OF_STAGES,
    shares=BOTH,
    readers={
        "CreatedDate": cells.moment,
        "Amount": cells.amount,
        "Probability": cells.percent,
        "CloseDate": cells.day_of,
        "ForecastCategory": category,
    },
)
LEADS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "LastName", "Company", "Status"), ("Id", "IsConverted")),
    columns={
        "FirstName": "first_name",
        "LastName": "last_name",
        "Company": "company_name",
        "Title": "job_title",
        "Email": "email",
        "Phone": "phones[1:work].number",
        "MobilePhone": "phones[2:mobile].number",
        "Website": "website",
        "Industry": "industry",
        "Street": "street",
        "City": "city",
        "State": "state",
        "PostalCode": "postal_code",
        "Country": "country",
        "LeadSource": "source",
        "Status": "status",
        "Owner.Email": "owner_id",
        "Description": "description",
        "ConvertedDate": "converted_at",
        "ConvertedContactId": "contact.external_ids.salesforce",
        "ConvertedAccountId": "company.external_ids.salesforce",
        "ConvertedOpportunityId": "deal.external_ids.salesforce",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={"CreatedDate": cells.moment, "ConvertedDate": cells.moment_of},
)
