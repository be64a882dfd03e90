"""HubSpot's exports of tasks, calls, meetings and notes, whose columns are labels of properties.

The labels are those that programs hold which read these properties from its API; that `Associated …
IDs` names the records that one is about is as in its other exports:
https://knowledge.hubspot.com/properties/hubspots-default-activity-properties
"""

from __future__ import annotations

from functools import partial
from typing import Final

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Fork, Preset, Spread, cells

_ABOUT: Final = {
    "Associated Contact IDs": "contact.external_ids.hubspot",
    "Associated Company IDs (Primary)": "company.external_ids.hubspot",
    "Associated Company IDs": "company.external_ids.hubspot",
    "Associated Deal IDs": "deal.external_ids.hubspot",
}
_CREATED: Final = {
    "Create date": "source_created_at",
    "HubSpot Create Date": "source_created_at",
}
_READERS: Final = {
    **dict.fromkeys(_ABOUT, cells.first_named),
    **dict.fromkeys(("Activity assigned to", "Assigned to"), cells.email_in),
    **dict.fromkeys(_CREATED, cells.moment),
    "Activity date": cells.moment_of,
}
_OUTCOMES: Final = {
    "scheduled": "planned",
    "completed": "held",
    "rescheduled": "not_held",
    "no show": "not_held",
    "canceled": "cancelled",
}
"""What came of meetings."""
_CALLS: Final = {
    "completed": "held",
    "canceled": "cancelled",
    **dict.fromkeys(("busy", "failed", "missed", "no answer"), "not_held"),
}
"""What became of calls."""
_OF_MEETINGS: Final = "Meeting start time of meetings"
_NO_NAME: Final = "Meeting without a name"
_NO_TITLE: Final = "Call without a title"


def a_meeting(text: str) -> str:
    """Name a meeting that has no name."""
    return "Meeting"


def a_call(text: str) -> str:
    """Name a call that has no title."""
    return "Call"


TASKS = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "Task Title"), ("Record ID", "Task title")),
    columns={
        "Task Title": "subject",
        "Task Status": "status",
        "Priority": "priority",
        "Due date": "due_at",
        "Notes": "description",
        "Assigned to": "owner_id",
        "Activity assigned to": "owner_id",
        **_ABOUT,
        **_CREATED,
    },
    readers={
        **_READERS,
        "Task Status": words.status,
        "Priority": words.priority,
        "Due date": cells.moment_of,
        "Notes": cells.without_markup,
    },
)
# calls and meetings, each in a file of its own; only meetings have a start
ACTIVITIES = Preset(
    source="hubspot",
    key="Record ID",
    marks=(
        ("Record ID", "Call Title"),
        ("Record ID", "Call title"),
        ("Record ID", "Meeting name"),
        ("Record ID", "Meeting start time"),
    ),
    columns={
        "Call Title": "subject",
        "Meeting name": "subject",
        _NO_TITLE: "subject+",
        _NO_NAME: "subject+",
        _OF_MEETINGS: "type",
        "Call direction": "direction",
        "Call status": "status",
        "Meeting outcome": "status",
        "Call outcome": "outcome",
        "Call duration": "duration_seconds",
        "From number": "from_address",
        "To Number": "to_address",
        "Call notes": "description",
        "Meeting description": "description",
        "Internal Meeting Notes": "description+",
        "Meeting start time": "starts_at",
        "Activity date": "starts_at",
        "Meeting end time": "ends_at",
        "Activity assigned to": "owner_id",
        **_ABOUT,
        **_CREATED,
    },
    values={"type": "call"},
    forks=(
        Fork(of="Activity date", by="Call Title", to={"": _NO_TITLE}),
        Fork(of="Meeting start time", by="Meeting name", to={"": _NO_NAME}),
    ),
    spreads=(Spread(of="Meeting start time", to=(_OF_MEETINGS,)),),
    readers={
        **_READERS,
        _NO_TITLE: a_call,
        _NO_NAME: a_meeting,
        _OF_MEETINGS: words.is_meeting,
        "Call direction": words.direction,
        "Call status": partial(words.found_in, _CALLS),
        "Meeting outcome": partial(words.found_in, _OUTCOMES),
        "Call duration": cells.from_milliseconds,
        "Call notes": cells.without_markup,
        "Meeting description": cells.without_markup,
        "Internal Meeting Notes": cells.without_markup,
        "Meeting start time": cells.moment_of,
        "Meeting end time": cells.moment_of,
    },
)
NOTES = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "Note body"), ("Record ID", "Note Body")),
    columns={
        "Note body": "text",
        "Activity assigned to": "owner_id",
        **_ABOUT,
        "Activity date": "source_created_at",
        **_CREATED,
    },
    readers={**_READERS, "Note body": cells.without_markup},
)
