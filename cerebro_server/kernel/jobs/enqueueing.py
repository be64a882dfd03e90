"""Asking for a job, and taking it back: in the transaction of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.ids import uuid7

# Who asks holds the row of a job of that key until the commit, so that it runs after that, not
# before: one that runs already is run once more.
_ENQUEUE: Final = """
insert into jobs
    (id, kind, key, payload, operation_id, due_at, actor, on_behalf_of, request_id)
values (%s, %s, %s, %s::jsonb, %s, coalesce(%s, now()), current_setting('cerebro.actor'),
    nullif(current_setting('cerebro.on_behalf_of', true), ''),
    nullif(current_setting('cerebro.request', true), ''))
on conflict (kind, key) where key is not null and state in ('pending', 'leased')
do update set again = true where jobs.state = 'leased'
returning id
"""
_CANCEL: Final = """
update jobs set state = 'cancelled', updated_at = clock_timestamp()
where operation_id = %s and state = 'pending' returning id
"""


async def enqueue(
    transaction: Transaction,
    *,
    kind: str,
    payload: Mapping[str, Any],
    key: str | None = None,
    due_at: datetime | None = None,
    operation_id: UUID | None = None,
) -> UUID | None:
    """Ask for a job, in the caller's name; it is there once the transaction commits.

    Of a `key` at most one job lives: None is returned where there is one, and if that one runs
    just now, it is run once more. The payload holds ids, never what a role may hide.
    """
    job_id = uuid7()
    values = (job_id, kind, key, to_json(dict(payload)).decode(), operation_id, due_at)
    row = await transaction.row(Sql(_ENQUEUE, values))
    return job_id if row is not None and row[0] == job_id else None


async def cancel_of_operation(transaction: Transaction, operation_id: UUID) -> int:
    """Cancel what an operation asked for and has not begun; return how many jobs that were."""
    return len(await transaction.rows(Sql(_CANCEL, (operation_id,))))
