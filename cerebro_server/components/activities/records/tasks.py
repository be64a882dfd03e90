"""Tasks."""

from __future__ import annotations

from cerebro_sdk.schemas.activities.tasks import Task, TaskCreate, TaskUpdate
from cerebro_sdk.schemas.kinds import Timestamp
from cerebro_server.components.activities import presets
from cerebro_server.components.activities.records.links import OWNER, PARENTS, REFERS, RELATIONS
from cerebro_server.components.activities.rules import tasks as rules
from cerebro_server.components.activities.tables.tasks import TaskRow
from cerebro_server.kernel.fields import Carried, RecordType, Searched

tasks = RecordType(
    wire=Task,
    create=TaskCreate,
    update=TaskUpdate,
    row=TaskRow,
    rules=rules.tasks,
    update_rules=rules.changed_tasks,
    watched=frozenset({"status", "completed_at"}),
    filled=("completed_at",),
    from_files={"completed_at": Timestamp},
    presets=presets.TASKS,
    files=("task", "tasks", "to-do", "to-dos", "mail.activity", "Activity (mail.activity)"),
    also_called={
        "subject": {"English": ("title", "task name", "task title")},
        "due_at": {"English": ("due date", "due on", "deadline")},
        "description": {"English": ("notes", "comments")},
    },
    import_parents=PARENTS,
    owner="owner_id",
    team="team",
    relations={**OWNER, **RELATIONS},
    refers=REFERS,
    told_at=("completed_at", "due_at"),
    carried=Carried.NAMES_MORE,
    actions={
        "complete": "Complete {noun}.",
        "reopen": "Open {noun} again that were completed or cancelled.",
    },
    searched=(Searched("subject"), Searched("description", 0.4)),
)
