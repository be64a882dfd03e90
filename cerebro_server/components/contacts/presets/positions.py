"""Other products' exports of who works where."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

POSITIONS = {
    # AccountContactRelation: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta
    # /object_reference/sforce_api_objects_accountcontactrelation.htm
    "salesforce": Preset(
        source="salesforce",
        key="Id",
        marks=cells.in_capitals_too(("Id", "ContactId", "AccountId")),
        columns={
            "ContactId": "contact.external_ids.salesforce",
            "AccountId": "company.external_ids.salesforce",
            "Roles": "role",
            "IsActive": "is_current",
            "StartDate": "started_on",
            "EndDate": "ended_on",
            "CreatedDate": "source_created_at",
        },
        deleted="IsDeleted",
    ),
}
