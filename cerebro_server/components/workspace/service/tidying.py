"""Deleting what nobody needs any more."""

from __future__ import annotations

from typing import Final

from cerebro_sdk.schemas.workspace.files import EMPTY
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.files import store_of
from cerebro_server.kernel.http.idempotency import KEPT_SECONDS

PARKED_DAYS: Final = 30
UPLOAD_DAYS: Final = 7
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
_UPLOADS: Final = f"""
delete from uploads where id in (
    select id from uploads where created_at < now() - interval '{UPLOAD_DAYS} days' limit 10
) returning 1
"""
_PIECES: Final = """
delete from export_pieces where ctid = any(array(
    select p.ctid from exports e, export_pieces p where p.export_id = e.id
        and (e.state = 'deleted' or e.expires_at < now()) limit 50
)) returning 1
"""
_EXPORTS: Final = """
delete from exports e where (e.state = 'deleted' or e.expires_at < now())
    and not exists (select from export_pieces p where p.export_id = e.id)
"""
_LOOSE: Final = """
update blobs b set loose_since = now() where b.loose_since is null and b.sha256 <> %s
    and not exists (select from files f where f.sha256 = b.sha256)
"""
_TAKEN: Final = """
update blobs b set loose_since = null where b.loose_since is not null
    and exists (select from files f where f.sha256 = b.sha256)
"""
_GIVEN_UP: Final = """
update blobs b set sha256 = null where b.sha256 <> %s
    and b.loose_since < now() - make_interval(days => %s)
    and not exists (select from files f where f.sha256 = b.sha256)
"""
_BLOBS: Final = """
delete from blobs b where b.sha256 is null and b.loose_since < now() - interval '1 day'
    and not exists (select from blob_pieces p where p.blob_id = b.id)
"""
_PLANS: Final = """
update operations set state = 'expired', updated_at = now()
where state = 'planned' and expires_at < now()
"""
_REMOVED: Final = """
update operations set plan_removed_at = now()
where plan_removed_at is null and (state = 'expired' or ended_at < now() - make_interval(days => %s)
    and state in ('applied', 'undone', 'failed', 'cancelled'))
"""
_NEXT: Final = """
select id from operations where plan_removed_at is not null and not is_tidy
order by id limit 1 for update skip locked
"""
_ROWS: Final = f"""
delete from operation_rows where ctid = any(array(
    select ctid from operation_rows where operation_id = %s and problem is null limit {_CHUNK}
)) returning 1
"""
_TIDY: Final = "update operations set is_tidy = true where id = %s"


async def tidy(context: Context) -> bool:
    """Delete a chunk of expired replies to Idempotency-Keys, of jobs that have been dead or
    cancelled for 30 days, of uploads that are older than 7, of exports that are deleted or kept for
    long enough, and of plans that are too old to be applied or ended long ago; tell whether there
    may be more."""
    transaction = await context.write()
    statements = (
        *map(Sql, (_EXPIRED, _PARKED, _UPLOADS, _PIECES, _EXPORTS, _PLANS)),
        *(_removed(context), Sql(_NEXT)),
    )
    found = await transaction.batch(*statements)
    expired, parked, uploads, exported, *_, plans = found[-len(statements) :]
    for (operation_id,) in plans:
        gone = await transaction.rows(Sql(_ROWS, (operation_id,)))
        if len(gone) < _CHUNK:
            await transaction.rows(Sql(_TIDY, (operation_id,)))
    left = bool(uploads or exported or plans) or await _tidy_bytes(context, transaction)
    return left or any(len(each) == _CHUNK for each in (expired, parked))


async def _tidy_bytes(context: Context, transaction: Transaction) -> bool:
    """Let go of bytes that no file has had for long enough, and of those that never came whole;
    tell whether there may be more."""
    days = context.settings.keep_bytes_days
    await transaction.batch(
        Sql(_TAKEN), Sql(_LOOSE, (EMPTY,)), Sql(_GIVEN_UP, (EMPTY, days)), Sql(_BLOBS)
    )
    return await store_of(context.settings).sweep(transaction)


def _removed(context: Context) -> Sql:
    """Return the statement that says of plans which ended long ago that they are gone: what is
    amiss with them stays, and the journal has what they did."""
    return Sql(_REMOVED, (context.settings.keep_plans_days,))
