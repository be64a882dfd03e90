"""Zoho CRM's exports of tasks, calls, meetings and notes, whose columns are labels of its fields.

The labels are those that several programs read from its exports and data backups. What a record is
about comes by its id alone, `Related To.id`, and ids are unique over all modules; of notes a backup
says the module as well:
https://www.zoho.com/crm/help/api/modules-fields.html
"""

from __future__ import annotations

from functools import partial
from typing import Final

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Fork, Preset, Spread, cells

_KINDS: Final = ("company", "deal", "lead")


def _of_kinds(column: str, kinds: tuple[str, ...]) -> Spread:
    return Spread(of=column, to=tuple(f"{column} of a {kind}" for kind in kinds))


def _targets(column: str, kinds: tuple[str, ...]) -> dict[str, str]:
    return {f"{column} of a {kind}": f"{kind}.external_ids.zoho" for kind in kinds}


_RELATED: Final = _of_kinds("Related To.id", _KINDS)
_ABOUT: Final = {
    "Contact Name.id": "contact.external_ids.zoho",
    **_targets("Related To.id", _KINDS),
}
_PARENTS: Final = ("Parent ID.id", "Parent.id", "Associated_Id")
"""Whose note it is, as exports call it, as backups do, and what some have instead."""
_CALLS: Final = {"scheduled": "planned", "completed": "held", "missed": "not_held"}
_ALONE: Final = "Call Type without a status"
_OF_MEETINGS: Final = "From of meetings"

TASKS = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Subject", "Due Date"), ("Record Id", "Subject", "Priority")),
    columns={
        "Subject": "subject",
        "Status": "status",
        "Priority": "priority",
        "Due Date": "due_at",
        "Closed Time": "completed_at",
        **_ABOUT,
        "Description": "description",
        "Created Time": "source_created_at",
    },
    spreads=(_RELATED,),
    readers={
        "Status": words.status,
        "Priority": words.priority,
        "Due Date": cells.moment_of,
        "Closed Time": cells.moment_of,
        "Created Time": cells.moment,
    },
)
# calls and meetings, each in a file of its own; only meetings have `From`
ACTIVITIES = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Subject", "Call Start Time"), ("Record Id", "Title", "From", "To")),
    columns={
        "Subject": "subject",
        "Title": "subject",
        _OF_MEETINGS: "type",
        "Call Type": "direction",
        "Call Status": "status",
        _ALONE: "status+",
        "Call Result": "outcome",
        "Call Start Time": "starts_at",
        "Call Duration (in seconds)": "duration_seconds",
        "From": "starts_at",
        "To": "ends_at",
        "Location": "location",
        **_ABOUT,
        "Description": "description",
        "Call Agenda": "description+",
        "Created Time": "source_created_at",
    },
    values={"type": "call"},
    forks=(Fork(of="Call Type", by="Call Status", to={"": _ALONE}),),
    spreads=(_RELATED, Spread(of="From", to=(_OF_MEETINGS,))),
    readers={
        _OF_MEETINGS: words.is_meeting,
        "Call Type": words.direction,
        "Call Status": partial(words.found_in, _CALLS),
        _ALONE: partial(words.found_in, _CALLS),
        "Call Start Time": cells.moment_of,
        "Call Duration (in seconds)": cells.whole,
        "From": cells.moment_of,
        "To": cells.moment_of,
        "Created Time": cells.moment,
    },
)
NOTES = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Note Content"),),
    columns={
        "Note Title": "text",
        "Note Content": "text+",
        **{
            column: target
            for parent in _PARENTS
            for column, target in _targets(parent, ("contact", *_KINDS)).items()
        },
        "Created Time": "source_created_at",
    },
    only=("Parent Id.Module",),
    only_words=frozenset({"contacts", "accounts", "deals", "potentials", "leads", ""}),
    spreads=tuple(_of_kinds(parent, ("contact", *_KINDS)) for parent in _PARENTS),
    readers={"Note Content": cells.without_markup, "Created Time": cells.moment},
)
