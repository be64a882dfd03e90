"""Other products' exports of tasks, activities and notes.

Salesforce's columns are the names of fields in its object reference (Task, Event):
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference
EspoCRM's are attributes of its entity definitions (Task, Meeting, Call, Note), Twenty's the labels
of its standard objects:
https://github.com/espocrm/espocrm/tree/master/application/Espo/Modules/Crm/Resources/metadata
https://github.com/twentyhq/twenty/tree/main/packages/twenty-server/src/modules/task
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.fields import Fork, Preset, cells

_STATUSES: Final = {
    "not started": "open",
    "in progress": "in_progress",
    "started": "in_progress",
    "completed": "completed",
    "done": "completed",
    "canceled": "cancelled",
    "waiting on someone else": "waiting",
    "waiting for input": "waiting",
    "deferred": "waiting",
}
_PRIORITIES: Final = {
    "lowest": "low",
    "low": "low",
    "high": "high",
    "highest": "urgent",
    "urgent": "urgent",
}
_TYPES: Final = {"call": "call", "meeting": "meeting", "email": "mail", "lunch": "meeting"}
_DONE: Final = frozenset({"done", "true", "yes", "1"})
_ABOUT: Final = {
    "WhoId": "contact.external_ids.salesforce",
    "WhatId": "deal.external_ids.salesforce",
    "AccountId": "company.external_ids.salesforce",
}
"""`WhoId` may name a lead, and `WhatId` something else than an opportunity: those are left out."""

_PARENTS: Final = {
    "Account": "company",
    "Contact": "contact",
    "Lead": "lead",
    "Opportunity": "deal",
}
_PARENT: Final = Fork(
    of="parentId",
    by="parentType",
    to={word.lower(): f"parentId of {word}" for word in _PARENTS},
)
_OF_PARENT: Final = {
    f"parentId of {word}": f"{noun}.external_ids.espocrm" for word, noun in _PARENTS.items()
}
"""EspoCRM names what a record is about by type and id; of other types it is left out."""
_OF_CALLS: Final = Fork(
    of="direction",
    by="direction",
    to=dict.fromkeys(("outbound", "inbound"), "direction of calls"),
)


def status(text: str) -> str:
    """Read the status of a task; one of a product's own counts as open."""
    return _STATUSES.get(text.strip().lower().replace("_", " "), "open")


def priority(text: str) -> str:
    """Read the priority of a task; one of a product's own counts as normal."""
    return _PRIORITIES.get(text.strip().lower(), "normal")


def kind(text: str) -> str:
    """Read the type of an activity; one of a product's own is another."""
    return _TYPES.get(text.strip().lower(), "other")


def is_meeting(text: str) -> str:
    """Read what only meetings have."""
    return "meeting"


def is_call(text: str) -> str:
    """Read what only calls have."""
    return "call"


def took_place(text: str) -> str:
    """Read whether an activity took place; what is of a product's own was planned."""
    word = text.strip().lower().replace(" ", "_")
    return word if word in ("held", "not_held", "cancelled") else "planned"


def direction(text: str) -> str | None:
    """Read who began a call."""
    return {"inbound": "in", "outbound": "out"}.get(text.strip().lower())


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
    "espocrm": Preset(
        source="espocrm",
        key="id",
        marks=(("id", "name", "priority", "dateEnd"), ("id", "name", "priority", "parentType")),
        columns={
            "name": "subject",
            "status": "status",
            "priority": "priority",
            "dateStartDate": "start_on",
            "dateStart": "start_on",
            "dateEnd": "due_at",
            "dateEndDate": "due_at",
            "dateCompleted": "completed_at",
            "description": "description",
            **_OF_PARENT,
            "createdAt": "source_created_at",
        },
        deleted="deleted",
        forks=(_PARENT,),
        readers={
            "status": status,
            "priority": priority,
            "dateStartDate": cells.day_of,
            "dateStart": cells.day_of,
            "dateEnd": cells.moment_of,
            "dateEndDate": cells.moment_of,
            "dateCompleted": cells.moment_of,
            "createdAt": cells.moment,
        },
    ),
    "zoho": Preset(
        source="zoho",
        key="Record Id",
        marks=(("Record Id", "Subject", "Due Date"), ("Record Id", "Subject", "Priority")),
        columns={
            "Subject": "subject",
            "Status": "status",
            "Priority": "priority",
            "Due Date": "due_at",
            "Closed Time": "completed_at",
            "Contact Name.id": "contact.external_ids.zoho",
            "Related To.id": "deal.external_ids.zoho",
            "Description": "description",
            "Created Time": "source_created_at",
        },
        readers={
            "Status": status,
            "Priority": priority,
            "Due Date": cells.moment_of,
            "Closed Time": cells.moment_of,
            "Created Time": cells.moment,
        },
    ),
    "twenty": Preset(
        source="twenty",
        key="Id",
        marks=(("Id", "Title", "Due Date"), ("Id", "Title", "Status")),
        columns={
            "Title": "subject",
            "Status": "status",
            "Due Date": "due_at",
            "Body / Markdown": "description",
            "Body Markdown": "description",
            "Creation date": "source_created_at",
        },
        readers={
            "Title": cells.unmarked,
            "Status": status,
            "Due Date": cells.moment_of,
            "Body / Markdown": cells.unmarked,
            "Body Markdown": cells.unmarked,
            "Creation date": cells.moment,
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
    # meetings and calls, each in a file of its own; only calls have a direction
    "espocrm": Preset(
        source="espocrm",
        key="id",
        marks=(("id", "name", "dateStart", "parentType"), ("id", "name", "dateStart", "direction")),
        columns={
            "name": "subject",
            "direction of calls": "type",
            "direction": "direction",
            "status": "status",
            "dateStart": "starts_at",
            "dateStartDate": "starts_at",
            "dateEnd": "ends_at",
            "dateEndDate": "ends_at",
            "joinUrl": "join_url",
            "description": "description",
            **_OF_PARENT,
            "createdAt": "source_created_at",
        },
        values={"type": "meeting"},
        deleted="deleted",
        forks=(_PARENT, _OF_CALLS),
        readers={
            "direction of calls": is_call,
            "direction": direction,
            "status": took_place,
            "dateStart": cells.moment_of,
            "dateStartDate": cells.moment_of,
            "dateEnd": cells.moment_of,
            "dateEndDate": cells.moment_of,
            "createdAt": cells.moment,
        },
    ),
}
NOTES = {
    # its stream, of which posts are what people wrote
    "espocrm": Preset(
        source="espocrm",
        key="id",
        marks=(("id", "post", "parentType"),),
        columns={"post": "text", **_OF_PARENT, "createdAt": "source_created_at"},
        deleted="deleted",
        only=("type",),
        only_words=frozenset({"post"}),
        forks=(_PARENT,),
        readers={"createdAt": cells.moment},
    ),
}
