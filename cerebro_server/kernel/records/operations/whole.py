"""Applying a plan in one transaction: all of its rows, or none."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.db.failures import Collision
from cerebro_server.kernel.errors import NotWhole, Timeout
from cerebro_server.kernel.records.operations import applying, binding, stored
from cerebro_server.kernel.records.operations.planning import Begin
from cerebro_server.kernel.records.operations.stored import Operation

MOST: Final = 10_000
"""Rows of one transaction: more would keep others waiting for too long."""
_SHOWN = 20


MARK: Final = "is_whole"
"""Where the report of an operation has that nothing of it is written unless all is, whatever its
size: one merge, and its undo."""


def is_asked(operation: Operation) -> bool:
    """Whether nothing of an operation is written unless all is."""
    return bool(operation.options.get("all_or_nothing") or operation.report.get(MARK))


def check(operation: Operation) -> None:
    """Refuse a plan that is too large for one transaction. Raises `NotWhole`."""
    rows = sum(operation.planned.get(action, 0) for action in stored.WRITING)
    if operation.options.get("all_or_nothing") and rows > MOST:
        raise NotWhole(
            f"all_or_nothing is for at most {MOST:,} rows, and this plan has {rows:,}; apply it "
            "without, since an undo takes back all of it as well."
        )


async def run(operation_id: UUID, begin: Begin) -> None:
    """Apply all of a plan. Raises `NotWhole` where a row is wrong, or cannot be written by now;
    then nothing is written."""
    try:
        async with begin() as context:
            transaction = await context.write()
            operation = await stored.locked(transaction, operation_id)
            if count := operation.planned.get("error", 0):
                raise NotWhole(
                    _said(operation, count, "wrong"), errors=await _amiss(transaction, operation)
                )
            while await applying.step(context, operation_id, MOST):
                pass
            operation = await stored.locked(transaction, operation_id)
            if count := stored.left_of(operation.done):
                errors = await _amiss(transaction, operation)
                raise NotWhole(_said(operation, count, "no longer as planned"), errors=errors)
    except (Collision, Timeout):
        raise
    except applying.DATA as error:
        raise NotWhole(f"The database refused a row: {applying.said(error)}") from None


def _said(operation: Operation, count: int, what: str) -> str:
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    why = "a merge is written, or taken back, whole or not at all"
    if not operation.report.get(MARK):
        why = "all_or_nothing was asked for"
    return f"{rows} {what}, and {why}: nothing was written."


async def _amiss(transaction: Transaction, operation: Operation) -> list[dict[str, Any]]:
    """Return the first rows that something is amiss with, as errors."""
    rows = await transaction.rows(
        Sql(
            "select record_type, record_id, line, problem from operation_rows "
            "where operation_id = %s and problem is not null and action <> 'skip' "
            "and problem ->> 'code' <> %s order by n limit %s",
            (operation.id, binding.TOGETHER, _SHOWN),
        )
    )
    found = []
    for noun, record_id, line, text in rows:
        problem = from_json(text)
        place = f"/{noun}/{record_id}" if record_id else f"/{noun}"
        error = {"pointer": place, "code": problem["code"], "detail": problem["message"]}
        found.append(error if line is None else {**error, "line": line})
    return found
