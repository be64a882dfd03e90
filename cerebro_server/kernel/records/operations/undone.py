"""What an undo makes of the operation that it takes back, when it starts, stops and ends."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import PlanDrifted, WrongState
from cerebro_server.kernel.jobs import cancel_of_operation
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.stored import PAST, Operation, left_of

_UNDOABLE: Final = ("applied", "cancelled", "failed")


PLACE: Final = "place"
"""Where the report of an undo keeps how far what it takes back had come."""


def place(target: Operation) -> list[int]:
    """Return how far an operation has come."""
    return [target.rank, target.n]


def check(target: Operation) -> None:
    """Refuse to take back what is not there to be taken back. Raises `WrongState`."""
    if target.state == "undoing":
        raise WrongState("Another undo takes the operation back just now; cancel that, or wait.")
    if target.state not in _UNDOABLE:
        raise WrongState(f"The operation is {target.state}; only what was applied is taken back.")


async def begin(transaction: Transaction, undo: Operation) -> None:
    """Hold what an undo takes back, as it starts, or goes on.

    Raises `WrongState`, and `PlanDrifted` where that has gone on since the undo was planned.
    """
    if undo.undoes is None:
        return
    target = await stored.locked(transaction, undo.undoes)
    if target.state not in _UNDOABLE:
        raise WrongState(f"What it takes back is {target.state} by now; plan the undo anew.")
    if undo.report.get(PLACE, place(target)) != place(target):
        raise PlanDrifted(
            "What it takes back was resumed, and has written more since this was planned; plan the "
            "undo anew, or apply it with `on_drift` replan."
        )
    await stored.change(transaction, target.id, state="undoing")
    await cancel_of_operation(transaction, target.id)


def took_all(undo: Operation) -> bool:
    """Whether an undo that has ended took back all that it was about, and that was all."""
    is_part = any(undo.input.get(name) is not None for name in ("where", "record"))
    return not is_part and not undo.planned.get("error") and not left_of(undo.done)


async def settle(transaction: Transaction, undo: Operation, *, is_whole: bool) -> None:
    """Say of what an undo took back whether it is undone, now that the undo ends, or is stopped.

    It is undone where nothing of it is left; else the rest can still be taken back. What that one
    had taken back in its turn is there again, and so on.
    """
    at, is_back = undo, False
    while at.undoes is not None:
        at = await stored.locked(transaction, at.undoes)
        if is_back:
            is_held = at.state == "undoing"  # by another undo
            state = at.state if is_held else await _resting(transaction, at)
            by = await _last_undo(transaction, at.id)
            await stored.change(transaction, at.id, state=state, undone_by=by)
            is_whole = is_whole and took_all(at)
        else:
            state = "undone" if is_whole else await _resting(transaction, at)
            await stored.change(transaction, at.id, state=state)
        if not undo.written:
            return
        if not is_back:
            await stored.change(transaction, at.id, undone_by=undo.id)
        is_back = not is_back


async def _resting(transaction: Transaction, operation: Operation) -> str:
    """Return the state of an operation that has begun, and that nobody is at."""
    more = await transaction.rows(
        Sql(
            "select 1 from operation_rows where operation_id = %s and (rank, n) > (%s, %s) "
            f"and rank < {stored.IDLE} limit 1",
            (operation.id, operation.rank, operation.n),
        )
    )
    if not more:
        return "applied"
    return "failed" if operation.problem else "cancelled"


async def _last_undo(transaction: Transaction, operation_id: UUID) -> UUID | None:
    """Return the last undo of an operation of which anything is in force: `redo` takes it back."""
    row = await transaction.row(
        Sql(
            "select id from operations where undoes = %s and state = any(%s) and done ?| %s "
            "order by id desc limit 1",
            (operation_id, list(_UNDOABLE), list(PAST.values())),
        )
    )
    return None if row is None else UUID(str(row[0]))
