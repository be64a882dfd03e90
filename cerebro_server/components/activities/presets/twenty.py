"""Twenty's export of tasks, whose columns are the labels of its standard objects:
https://github.com/twentyhq/twenty/tree/main/packages/twenty-server/src/modules/task

Of relations an export holds those to one record; what tasks and notes are about are many.
"""

from __future__ import annotations

from cerebro_server.components.activities.presets import words
from cerebro_server.kernel.fields import Preset, cells

TASKS = Preset(
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
        "Status": words.status,
        "Due Date": cells.moment_of,
        "Body / Markdown": cells.unmarked,
        "Body Markdown": cells.unmarked,
        "Creation date": cells.moment,
    },
)
