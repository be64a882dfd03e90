"""Sessions ended by somebody: of one's own, or of a user who holds no more than oneself."""

from __future__ import annotations

from cerebro_server.components.identity import records
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.writer import Written


async def end(context: Context, reference: str) -> Written:
    """End a session; one that has ended stays as it is. Needs `sessions:end`.

    Raises `NotFound`, `Forbidden` for a session of somebody who holds more than the caller.
    """
    values = {"ended_at": context.now, "ended_because": "ended"}
    return await writer.change(context, records.sessions, reference, values, action="end")
