"""New records of a dump with the ids and the times that they had before."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.dates import NAMES
from cerebro_server.kernel.records.importing.preparing import Prepared
from cerebro_server.kernel.records.importing.run import Run
from cerebro_server.kernel.records.planned import Row


async def as_given(
    context: Context, run: Run, prepared: Prepared, decided: Mapping[int, Row]
) -> dict[int, Row]:
    """Return the rows, those that create with the id and the times that the file has."""
    found = dict(decided)
    new = [number for number, row in decided.items() if row.action == "create"]
    if run.keeps_ids:
        given = {n: prepared.batch.rows[n]["id"] for n in new}
        ids = {n: UUID(one) for n, one in given.items() if one and one not in run.coming}
        for number in await _unheard_of(context, [*decided.values()], ids):
            found[number] = found[number]._replace(record_id=ids[number])
    for number in new:
        if dates := prepared.dates[number]:
            held = found[number].values or {}
            # what rules leave empty has no moment
            told = {k: v for k, v in dates.items() if k in NAMES or held.get(k) is not None}
            values = {**held, **told}
            found[number] = found[number]._replace(values=values)
    return found


async def _unheard_of(context: Context, rows: list[Row], ids: Mapping[int, UUID]) -> list[int]:
    """Return the rows whose ids no record has here or ever had: not a deleted one either, nor one
    that was merged, whose id leads elsewhere."""
    if not ids:
        return []
    record_type: RecordType = context.catalog[rows[0].record_type]
    found = await context.read(
        Sql(
            "select s.n from unnest(%s::integer[], %s::uuid[]) as s(n, id) where not exists "
            f"(select from {ident(record_type.table_name)} t where t.id = s.id) "
            "and not exists (select from changes c where c.record_id = s.id)",
            (list(ids), list(ids.values())),
        )
    )
    return [number for (number,) in found]
