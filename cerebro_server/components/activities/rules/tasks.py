"""What is derived when tasks are written."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

COMPLETED = "completed"


async def tasks(context: Context, batch: Batch) -> None:
    """Give new tasks status and priority, and the time of completion to those that are completed:
    the one that their file says, else now."""
    for row in batch.rows:
        told = row.get("completed_at")
        row["status"] = row.get("status") or ("open" if told is None else COMPLETED)
        row["priority"] = row.get("priority") or "normal"
        is_done = row["status"] == COMPLETED
        row["completed_at"] = (told or context.now) if is_done else None


async def changed_tasks(context: Context, batch: Batch) -> None:
    """Set the time of completion of tasks that are completed now, and empty that of others."""
    for row, before in zip(batch.rows, batch.before, strict=True):
        status = row.get("status") or before["status"]
        if status != COMPLETED:
            if before["completed_at"] is not None or row.get("completed_at") is not None:
                row["completed_at"] = None
        elif before["status"] != COMPLETED:
            row["completed_at"] = row.get("completed_at") or context.now
        elif row.get("completed_at") is None:
            row.pop("completed_at", None)
