"""Handing over: new records that nobody owns get an owner by the rules of their noun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.projection import WIRE_JSON, wire_row


def waits(record_type: RecordType, row: Mapping[str, Any]) -> bool:
    """Tell whether a new record is written without an owner, and rules are to give it one."""
    return record_type.handover is not None and row.get(record_type.owner or "") is None


async def applies(context: Context, record_type: RecordType) -> bool:
    """Tell whether new records that name no owner are left to rules: not those of a caller who may
    only make some, such as their own, and so keeps them."""
    if record_type.handover is None or context.condition(record_type, "create") is not None:
        return False
    return await record_type.handover.applies(context)


async def over(
    context: Context,
    record_type: RecordType,
    record_id: UUID,
    *,
    with_it: Callable[[UUID], Sql] | None,
    then_commit: bool,
) -> tuple[int, bytes]:
    """Give a record that was just created an owner; return its version and its JSON after that."""
    if record_type.handover is not None:
        await record_type.handover.give(context, [record_id])
    transaction = await context.write()
    also = [with_it(record_id)] if with_it else []
    shown = context.seen(record_type)
    fetch = Sql(
        f"select t.version, {WIRE_JSON} from {ident(record_type.table_name)} t, "
        f"{wire_row(shown)} where t.id = %s",
        (record_id,),
    )
    done = await transaction.batch(fetch, *also, then_commit=then_commit)
    version, json = done[0][0]
    return version, json
