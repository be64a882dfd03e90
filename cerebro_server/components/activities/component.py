"""Manifest of the activities component."""

from __future__ import annotations

from cerebro_sdk.schemas.activities.task_verbs import TaskComplete, TaskReopen
from cerebro_server.components.activities.records.activities import activities, attendees
from cerebro_server.components.activities.records.notes import follows, notes
from cerebro_server.components.activities.records.tasks import tasks
from cerebro_server.components.activities.routes import tasks as task_routes
from cerebro_server.kernel.component import Component

component = Component(
    name="activities",
    record_types=(tasks, activities, attendees, notes, follows),
    routers=(task_routes.router,),
    payloads=(TaskComplete, TaskReopen),
)
