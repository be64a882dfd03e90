"""Pipedrive's export of activities."""

from __future__ import annotations

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Preset, cells

ACTIVITIES = Preset(
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
        "Activity - Type": words.kind,
        "Activity - Done": words.done,
        "Activity - Due date": cells.moment_of,
        "Activity - Note": cells.without_markup,
    },
)
