"""Other products' exports of tasks and activities.

Salesforce's columns are the names of fields in its object reference (Task, Event):
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.fields import Preset, cells

_STATUSES: Final = {
    "not started": "open",
    "in progress": "in_progress",
    "completed": "completed",
    "waiting on someone else": "waiting",
    "deferred": "waiting",
}
_PRIORITIES: Final = {"low": "low", "high": "high", "urgent": "urgent"}
_TYPES: Final = {"call": "call", "meeting": "meeting", "email": "mail", "lunch": "meeting"}
_DONE: Final = frozenset({"done", "true", "yes", "1"})
_ABOUT: Final = {
    "WhoId": "contact.external_ids.salesforce",
    "WhatId": "deal.external_ids.salesforce",
    "AccountId": "company.external_ids.salesforce",
}
"""`WhoId` may name a lead, and `WhatId` something else than an opportunity: those are left out."""


def status(text: str) -> str:
    """Read the status of a task; one of a product's own counts as open."""
    return _STATUSES.get(text.strip().lower(), "open")


def priority(text: str) -> str:
    """Read the priority of a task; one of a product's own counts as normal."""
    return _PRIORITIES.get(text.strip().lower(), "normal")


def kind(text: str) -> str:
    """Read the type of an activity; one of a product's own is another."""
    return _TYPES.get(text.strip().lower(), "other")


def is_meeting(text: str) -> str:
    """Read what only meetings have."""
    return "meeting"


def done(text: str) -> str:
    """Read whether an activity was done."""
    return "held" if text.strip().lower() in _DONE else "planned"


TASKS = {
    "salesforce": Preset(
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
        readers={
            "Status": status,
            "Priority": priority,
            "ActivityDate": cells.moment_of,
            "CompletedDateTime": cells.moment,
            "CreatedDate": cells.moment,
        },
    ),
}
ACTIVITIES = {
    "salesforce": Preset(
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
        readers={
            "DurationInMinutes": is_meeting,
            "StartDateTime": cells.moment,
            "EndDateTime": cells.moment,
            "CreatedDate": cells.moment,
        },
    ),
    "pipedrive": Preset(
        source="pipedrive",
        key=None,
        marks=(("Activity - Subject", "Activity - Type"),),
        columns={
            "Activity - ID": "external_ids.pipedrive",
            "Activity - Subject": "subject",
            "Activity - Type": "type",
            "Activity - Done": "status",
            "Activity - Due date": "starts_at",
            "Activity - Note": "description",
            "Deal - ID": "deal.external_ids.pipedrive",
            "Activity - Deal": "deal.name",
            "Person - ID": "contact.external_ids.pipedrive",
            "Organization - ID": "company.external_ids.pipedrive",
            "Activity - Organization": "company.name",
        },
        readers={
            "Activity - Type": kind,
            "Activity - Done": done,
            "Activity - Due date": cells.moment_of,
            "Activity - Note": cells.without_markup,
        },
    ),
}
