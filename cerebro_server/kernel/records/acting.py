"""Verbs that come to a change of a record; what follows from it, the component's rules derive."""

from __future__ import annotations

from typing import Any

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Forbidden
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.people import resolve_people
from cerebro_server.kernel.records.refusals import refused
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.writer import Written


async def act(
    context: Context,
    record_type: RecordType,
    reference: str,
    values: dict[str, Any],
    *,
    action: str,
    version: int | None,
) -> Written:
    """Change a record as a verb says. Needs `<noun>:<action>`, and no rule that closes a field that
    it sends. Raises as `writer.change`, and `ValidationFailed` for references to nothing."""
    noun = record_type.name
    context.actor.require(f"{noun}:{action}")
    shown = context.seen(record_type)
    if closed := sorted(set(values) & (shown.closed | shown.hidden)):
        said = f"You may not change {', '.join(closed)} of {noun}."
        raise Forbidden(said, permission=f"{noun}:update")
    batch = Batch([values])
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch)
    if batch.refusals:
        raise refused(batch)
    [row] = batch.rows
    return await writer.change(context, record_type, reference, row, action=action, version=version)
