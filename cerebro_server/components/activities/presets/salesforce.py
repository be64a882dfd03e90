"""Salesforce's exports of tasks and events, whose columns are fields of its object reference:
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference
"""

from __future__ import annotations

from typing import Final

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Preset, Spread, cells

_ABOUT: Final = {
    "WhoId of a contact": "contact.external_ids.salesforce",
    "WhoId of a lead": "lead.external_ids.salesforce",
    "WhatId": "deal.external_ids.salesforce",
    "AccountId": "company.external_ids.salesforce",
}
"""`WhatId` may name something else than an opportunity: that is left out, but for accounts, which
`AccountId` names as well."""
_WHO: Final = Spread(of="WhoId", to=("WhoId of a contact", "WhoId of a lead"))

TASKS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "WhoId", "WhatId", "ActivityDate", "Priority")),
    columns={
        "Subject": "subject",
        "Status": "status",
        "Priority": "priority",
        "ActivityDate": "due_at",
        "CompletedDateTime": "completed_at",
        "Description": "description",
        **_ABOUT,
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    spreads=(_WHO,),
    readers={
        "Status": words.status,
        "Priority": words.priority,
        "ActivityDate": cells.moment_of,
        "CompletedDateTime": cells.moment,
        "CreatedDate": cells.moment,
    },
)
ACTIVITIES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "WhoId", "WhatId", "StartDateTime", "EndDateTime")),
    columns={
        "Subject": "subject",
        "DurationInMinutes": "type",
        "StartDateTime": "starts_at",
        "EndDateTime": "ends_at",
        "Location": "location",
        "Description": "description",
        **_ABOUT,
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    spreads=(_WHO,),
    readers={
        "DurationInMinutes": words.is_meeting,
        "StartDateTime": cells.moment,
        "EndDateTime": cells.moment,
        "CreatedDate": cells.moment,
    },
)
