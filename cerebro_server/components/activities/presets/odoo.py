"""Odoo's exports of messages, activities and meetings: `mail.message`, `mail.activity`,
`calendar.event`.

Its columns are called by their fields where the export is to be imported again, else by labels.
What one is about is told by model and number, and numbers are found in external ids that Odoo made,
or in `.id`:
https://github.com/odoo/odoo/tree/master/addons/mail/models
https://github.com/odoo/odoo/blob/master/addons/calendar/models/calendar_event.py
"""

from __future__ import annotations

from typing import Final

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Fork, Preset, Spread, cells
from cerebro_server.kernel.fields.odoo import IDS

_MODELS: Final = {"res.partner": ("contact", "company"), "crm.lead": ("deal", "lead")}
"""Of each model what its records are here: people or companies, opportunities or leads."""
_ALONE: Final = "without a summary"


def _parted(number: str, model: str) -> Fork:
    return Fork(of=number, by=model, to={each: f"{number} of {each}" for each in _MODELS})


def _spread(number: str) -> tuple[Spread, ...]:
    return tuple(
        Spread(of=f"{number} of {each}", to=tuple(f"{number} of a {kind}" for kind in kinds))
        for each, kinds in _MODELS.items()
    )


def _targets(*numbers: str) -> dict[str, str]:
    kinds = [kind for of in _MODELS.values() for kind in of]
    return {
        f"{number} of a {kind}": f"{kind}.external_ids.odoo_id"
        for number in numbers
        for kind in kinds
    }


# what people wrote, in the chatter of a record; what the system logs beside it is left out
NOTES = Preset(
    source="odoo",
    key=None,
    marks=(
        ("body", "model", "res_id", "message_type"),
        ("Contents", "Related Document Model", "Related Document ID"),
    ),
    only=("message_type", "Type"),
    only_words=frozenset({"comment"}),
    columns={
        **IDS,
        "subject": "text",
        "body": "text+",
        "Contents": "text+",
        "date": "source_created_at",
        **_targets("res_id", "Related Document ID"),
    },
    forks=(
        _parted("res_id", "model"),
        _parted("Related Document ID", "Related Document Model"),
    ),
    spreads=(*_spread("res_id"), *_spread("Related Document ID")),
    readers={
        "body": cells.without_markup,
        "Contents": cells.without_markup,
        "date": cells.moment,
    },
)
# what is to be done; one without a summary is called by its type, as Odoo shows it
TASKS = Preset(
    source="odoo",
    key=None,
    marks=(
        ("res_model", "res_id", "date_deadline"),
        ("Related Document Model", "Related Document ID", "Due Date"),
    ),
    columns={
        **IDS,
        "summary": "subject",
        f"activity_type_id {_ALONE}": "subject+",
        f"Activity Type {_ALONE}": "subject+",
        "note": "description",
        "activity_type_id": "description+",
        "Activity Type": "description+",
        "date_deadline": "due_at",
        "Due Date": "due_at",
        "state": "status",
        "date_done": "completed_at",
        "Done Date": "completed_at",
        "create_date": "source_created_at",
        "Created on": "source_created_at",
        **_targets("res_id", "Related Document ID"),
    },
    forks=(
        Fork(of="activity_type_id", by="summary", to={"": f"activity_type_id {_ALONE}"}),
        Fork(of="Activity Type", by="Summary", to={"": f"Activity Type {_ALONE}"}),
        _parted("res_id", "res_model"),
        _parted("Related Document ID", "Related Document Model"),
    ),
    spreads=(*_spread("res_id"), *_spread("Related Document ID")),
    readers={
        "note": cells.without_markup,
        "date_deadline": cells.moment_of,
        "Due Date": cells.moment_of,
        "state": words.status,
        "date_done": cells.moment_of,
        "Done Date": cells.moment_of,
        "create_date": cells.moment,
        "Created on": cells.moment,
    },
)
ACTIVITIES = Preset(
    source="odoo",
    key=None,
    marks=(("name", "start", "stop"), ("Meeting Subject", "Start", "Stop")),
    columns={
        **IDS,
        "name": "subject",
        "Meeting Subject": "subject",
        "start": "starts_at",
        "stop": "ends_at",
        "location": "location",
        "videocall_location": "join_url",
        "Meeting URL": "join_url",
        "description": "description",
        "active": "status",
        "opportunity_id/id": "deal.external_ids.odoo",
        "Opportunity/External ID": "deal.external_ids.odoo",
        "opportunity_id/.id": "deal.external_ids.odoo_id",
        "Opportunity/ID": "deal.external_ids.odoo_id",
        **_targets("res_id", "Document ID"),
        "create_date": "source_created_at",
        "Created on": "source_created_at",
    },
    values={"type": "meeting"},
    forks=(
        _parted("res_id", "res_model"),
        _parted("Document ID", "Document Model Name"),
    ),
    spreads=(*_spread("res_id"), *_spread("Document ID")),
    readers={
        "start": cells.moment,
        "stop": cells.moment,
        "description": cells.without_markup,
        "active": words.is_off,
        "create_date": cells.moment,
        "Created on": cells.moment,
    },
)
