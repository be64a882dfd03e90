"""What is sent along when a task is completed or opened again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from cerebro_sdk.schemas.activities.links import word
from cerebro_sdk.schemas.base import Payload, field
from cerebro_sdk.schemas.kinds import Kind, Of, Timestamp

OpenStatus = Annotated[
    Literal["open", "in_progress", "waiting"], BeforeValidator(word), Of(Kind.TEXT)
]


class TaskComplete(Payload):
    """How a task was completed."""

    completed_at: Timestamp | None = field(
        "Completed", "When that was (UTC); now, unless told otherwise."
    )


class TaskReopen(Payload):
    """How a task goes on."""

    status: OpenStatus | None = field(
        "Status", "open, in_progress or waiting; open, unless told otherwise."
    )
