"""References as they were: `ada@example.com` is who had that address at the moment."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal.triggers import keyed, keys_of
from cerebro_server.kernel.records.past import rebuilding, views
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.past.rebuilding import placed
from cerebro_server.kernel.records.references import by_id_end, by_keys, full_id, the_one, visible


async def resolve(
    context: Context, record_type: RecordType, reference: str, *, moment: Moment, deleted_too: bool
) -> UUID:
    """Return the id that a reference meant. What the caller may not read today is not looked at.

    Raises `NotFound`, or `AmbiguousReference` with candidates.
    """
    shown = context.seen(record_type)
    if (known := full_id(shown, reference)) is not None:
        return known
    fields = tuple(keyed(record_type.plain.journaled))
    since = f"select from changes c where {rebuilding.touching(record_type, fields)}"
    ways: list[Sql] = []
    for rank, fits in by_keys(context, shown, reference):
        still = placed(f"not exists ({since} and c.record_id = k.record_id offset 0)", moment.seq)
        ways.append(
            Sql(
                f"select {rank}, k.record_id from record_keys k "
                f"where record_type = %s and {fits.text} and {still.text}",
                (record_type.name, *fits.params, *still.params),
            )
        )
        keys = keys_of(record_type.plain.journaled, "t")
        ways.append(
            Sql(
                f"select {rank}, t.id from {views.THEN} t, lateral ({keys}) k where {fits.text}",
                fits.params,
            )
        )
    if (ending := by_id_end(shown, reference)) is not None:
        ways.append(ending)
    if deleted_too and shown.keys:
        ways += _deleted(
            shown, reference, placed(f"{since} and c.record_id = t.id offset 0", moment.seq)
        )
    found = Sql(
        " union all ".join(way.text for way in ways),
        tuple(param for way in ways for param in way.params),
    )
    view = views.view(context, record_type, moment, mentioned=Sql(""))
    opening = views.touched(view, record_type, fields, moment)
    best = visible(found, record_type, Sql.both(*view.allowed) if view.allowed else None)
    rows = await context.read(Sql(f"{opening.text} {best.text}", (*opening.params, *best.params)))
    return the_one(shown, reference, list(dict.fromkeys(rows)))


def _deleted(record_type: RecordType, reference: str, since: Sql) -> list[Sql]:
    """Select (rank, id) of records that were deleted by then and had this natural key."""
    fits = " or ".join(f"fold(t.{ident(key)}::text) = fold(%s)" for key in record_type.keys)
    dead = f"t.deleted_at is not null and ({fits})"
    asked = (reference,) * len(record_type.keys)
    return [
        Sql(
            f"(select 4, t.id from {rebuilding.NOW} t where {dead} and not exists ({since.text}) "
            "order by t.id limit 11)",
            (*asked, *since.params),
        ),
        Sql(f"(select 4, t.id from {views.THEN} t where {dead} order by t.id limit 11)", asked),
    ]
