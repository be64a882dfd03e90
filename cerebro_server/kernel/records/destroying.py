"""Destroying records: what cannot be taken back."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import NotDeleted
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import locking
from cerebro_server.kernel.records.projection import WIRE_JSON, wire_row
from cerebro_server.kernel.records.references import missing, resolve
from cerebro_server.kernel.records.writer import Written, outside

_ANY = Sql("true")


async def destroy(context: Context, record_type: RecordType, reference: str) -> Written:
    """Remove a deleted record from the database, with its links; return it as it was.

    Its journal stays. Raises `NotFound`, `Forbidden`, `RecordLocked`, `NotDeleted`.
    """
    context.actor.require(f"{record_type.name}:destroy")
    shown = context.seen(record_type)
    record_id = await resolve(context, shown, reference, deleted_too=True)
    visible = context.condition(record_type, "read") or _ANY
    allowed = context.condition(record_type, "destroy") or _ANY
    transaction = await context.write()
    table = ident(record_type.table_name)
    lock = Sql(
        f"select t.version, {locking.since(record_type)}, {visible.text}, {allowed.text} "
        f"from {table} t where t.id = %s for update",
        (*visible.params, *allowed.params, record_id),
    )
    fetch = Sql(
        f"select {WIRE_JSON} from {table} t, {wire_row(shown)} where t.id = %s", (record_id,)
    )
    gone = Sql(
        f"delete from {table} t where t.id = %s and t.deleted_at is not null "
        f"and {locking.is_open(record_type)} and {visible.text} and {allowed.text} "
        "returning t.id",
        (record_id, *visible.params, *allowed.params),
    )
    loose = _let_go(context, record_type, record_id)
    locked, fetched, *_, destroyed = (await transaction.batch(lock, fetch, *loose, gone))[
        -3 - len(loose) :
    ]
    if not locked or locked[0][2] is not True:
        raise missing(shown, reference)
    version, locked_at, _, may = locked[0]
    if may is not True:
        raise outside(context, record_type, "destroy")
    if locked_at is not None:
        raise locking.refusal(context, record_type, reference, locked_at)
    if not destroyed:
        raise NotDeleted(
            f"The {record_type.noun.singular} {reference} is not deleted; delete it first."
        )
    return Written(record_id, version, fetched[0][0])


def _let_go(context: Context, record_type: RecordType, record_id: UUID) -> list[Sql]:
    """Return the statements that empty what names the record, each record's change with a version
    of its own. Only what is deleted is let go of: the rest is refused, and all of it rolled back.
    Links go with their ends."""
    table = ident(record_type.table_name)
    is_deleted = f"exists (select from {table} d where d.id = %s and d.deleted_at is not null)"
    return [
        Sql(
            f"update {ident(other.table_name)} t set {ident(name)} = null, "
            f"version = t.version + 1, updated_at = now() where t.{ident(name)} = %s "
            f"and {is_deleted}",
            (record_id, record_id),
        )
        for other in context.catalog.values()
        for name, noun in other.refers.items()
        if noun == record_type.name and name not in other.ends
    ]
