"""What a deal must say when it is lost, and when it was closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import permitted, planned

Reasons = Mapping[str, bool]
"""Lost reasons by id, with whether each needs a note."""
_BY: Final = {"won": "win", "lost": "lose", "open": "reopen"}
"""The permission for what makes a deal so."""


async def reasons(context: Context, batch: Batch) -> Reasons:
    """Read the reasons that a batch names, those that were deleted since among them."""
    rows = (*batch.rows, *batch.before)
    named = {str(row["lost_reason_id"]) for row in rows if row.get("lost_reason_id")}
    if not named:
        return {}
    found = await context.read(
        Sql("select id::text, needs_note from lost_reasons where id = any(%s::uuid[])", ([*named],))
    )
    made = await planned.made(context, "lost_reasons")
    return {**dict(found), **{each["id"]: bool(each.get("needs_note")) for each in made}}


def settle(
    batch: Batch,
    number: int,
    before: Mapping[str, Any],
    known: Reasons,
    *,
    status: str,
    now: str,
) -> None:
    """Keep reason, note and time of closing in step with a deal's status."""
    row = batch.rows[number]
    _time(batch, number, before, status=status, now=now)
    if status != "lost":
        for name in ("lost_reason_id", "lost_note"):
            value = row.get(name)
            if value is not None and str(value) != str(before.get(name)):
                batch.refuse(number, name, "not_lost", f"The deal is {status}, not lost.")
            row[name] = None
        return
    held = {**(before if before.get("status") == "lost" else {}), **row}
    reason = held.get("lost_reason_id")
    if reason is None:
        said = "Say why it was lost: one of the lost reasons."
        batch.refuse(number, "lost_reason_id", "lost_reason_required", said)
    elif known.get(str(reason)) and not held.get("lost_note"):
        said = "This reason says too little by itself: add a note."
        batch.refuse(number, "lost_note", "lost_note_required", said)


def _time(
    batch: Batch,
    number: int,
    before: Mapping[str, Any],
    *,
    status: str,
    now: str,
) -> None:
    row = batch.rows[number]
    said = row.get("closed_at")
    if status == "open":
        if said is not None and before.get("closed_at") is None:
            batch.refuse(number, "closed_at", "not_closed", "The deal is open.")
        row["closed_at"] = None
    elif said is None:
        if before.get("status") != status:
            row["closed_at"] = now
        elif "closed_at" in row:
            said = f"The deal is {status}: it was closed at some time."
            batch.refuse(number, "closed_at", "is_closed", said)


async def check_rights(context: Context, batch: Batch) -> None:
    """Refuse to win, lose or open again deals with which the caller may not do so, whichever door
    they come by; a new deal begins open, so to speak."""
    asked: dict[int, str] = {}
    for number, row in enumerate(batch.rows):
        old = batch.before[number]["status"] if batch.before else "open"
        new = row.get("status") or old
        if new != old:
            asked[number] = _BY[new]
    if not asked:
        return
    for number in await permitted.outside(context, context.catalog["deals"], batch, asked):
        action = asked[number]
        said = f"You may not {action} this deal: that takes the permission deals:{action} for it."
        batch.refuse(number, "stage", "forbidden", said)
