"""EspoCRM's exports of tasks, meetings, calls and notes.

Columns are attributes of its entity definitions:
https://github.com/espocrm/espocrm/tree/master/application/Espo/Modules/Crm/Resources/metadata
"""

from __future__ import annotations

from typing import Final

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Fork, Preset, cells

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

TASKS = Preset(
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
        "status": words.status,
        "priority": words.priority,
        "dateStartDate": cells.day_of,
        "dateStart": cells.day_of,
        "dateEnd": cells.moment_of,
        "dateEndDate": cells.moment_of,
        "dateCompleted": cells.moment_of,
        "createdAt": cells.moment,
    },
)
# meetings and calls, each in a file of its own; only calls have a direction
ACTIVITIES = Preset(
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
        "direction of calls": words.is_call,
        "direction": words.direction,
        "status": words.took_place,
        "dateStart": cells.moment_of,
        "dateStartDate": cells.moment_of,
        "dateEnd": cells.moment_of,
        "dateEndDate": cells.moment_of,
        "createdAt": cells.moment,
    },
)
# its stream, of which posts are what people wrote
NOTES = Preset(
    source="espocrm",
    key="id",
    marks=(("id", "post", "parentType"),),
    columns={"post": "text", **_OF_PARENT, "createdAt": "source_created_at"},
    deleted="deleted",
    only=("type",),
    only_words=frozenset({"post"}),
    forks=(_PARENT,),
    readers={"createdAt": cells.moment},
)
