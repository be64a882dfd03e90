"""Deleting what nobody needs any more."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.http.idempotency import KEPT_SECONDS

PARKED_DAYS: Final = 30
_CHUNK = 5_000
_EXPIRED: Final = f"""
delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys
    where created_at < now() - interval '{KEPT_SECONDS} seconds' limit {_CHUNK}
)) returning 1
"""
_PARKED: Final = f"""
delete from jobs where id in (
    select id from jobs where state in ('dead', 'cancelled')
        and updated_at < now() - interval '{PARKED_DAYS} days' limit {_CHUNK}
) returning 1
"""


async def tidy(context: Context) -> bool:
    """Delete a chunk of expired replies to Idempotency-Keys, and of jobs that have been dead or
    cancelled for 30 days; tell whether there may be more."""
    transaction = await context.write()
    found = await transaction.batch(Sql(_EXPIRED), Sql(_PARKED))
    return any(len(rows) == _CHUNK for rows in found[-2:])
