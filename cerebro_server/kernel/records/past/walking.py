"""Lists by name as of long ago: former names are walked along in their order, off an index.

Netting first finds the first old value of all records that were renamed since, to show fifty of
them; the index has old values in their order, and each is asked whether it was its record's first.
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.db import Sql, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import Sort
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.records.past import rebuilding
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.past.rebuilding import SEQ

_NAMES: Final = ("last_name", "name", "subject")
"""What nouns are called by: of these the first that a noun has is in the index."""
_VALUE: Final = f"coalesce({', '.join(f'c.diff -> {literal(name)}' for name in _NAMES)})"
_KEY: Final = f'(fold({_VALUE} ->> 0) collate "C")'
_INDEXED: Final = f"c.action <> 'created' and c.diff ?| array[{', '.join(map(literal, _NAMES))}]"
_LEAST: Final = 500
"""Of how many changes one at least must be later than the moment: the others are walked past."""


def walked_by(
    record_type: RecordType, fields: tuple[str, ...] | None, sort: Sort, moment: Moment
) -> str | None:
    """Return the field of the name along which a list is found that goes by these fields and comes
    in this order; None where it is not."""
    named = next((name for name in _NAMES if name in record_type.plain.journaled.fields), None)
    is_far = not moment.is_near and (moment.last - moment.seq) * _LEAST >= moment.last
    if named is None or fields != (named,) or not is_far:
        return None
    by_name = [comparable(record_type.plain.fields[name]) for name in (named, "id")]
    return named if [key.sql for key in sort.keys] == by_name else None


def renamed(record_type: RecordType, field: str) -> str:
    """Select rows as `rebuilding.netted` has them, with the keys `k0` and `k1` of their order, of
    the records whose name changed after the moment. Sorted by these, they come off the index."""
    mine = f"c.record_type = {literal(record_type.name)} and c.seq > {SEQ}"
    earlier = f"d.record_id = c.record_id and d.seq > {SEQ}"
    was = rebuilding.former(field)
    return (
        f"select c.record_id as id, false as is_newer, {_VALUE} -> 0 as {was}, "
        f"'{{}}'::text[] as maps, (select d.action from changes d where {earlier} "
        f"and d.action in {rebuilding.TURNS} order by d.seq limit 1) as life, "
        f"{_KEY} as k0, c.record_id as k1 from changes c "
        f"where {mine} and {_INDEXED} and {_renames('c', field)} and not exists ("
        f"select from changes d where {earlier} and d.seq < c.seq and {_renames('d', field)} "
        "offset 0)"
    )


def by_key(record_type: RecordType, field: str, fits: Sql) -> Sql:
    """Return a condition with the key of the order for what it says of the name: so it bounds what
    is walked along. One that looks at other rows, which are called `t` as well, stays as it is."""
    if "select" in fits.text:
        return fits
    compared = comparable(record_type.plain.fields[field])
    return Sql(fits.text.replace(compared, "t.k0"), fits.params)


def is_not_renamed(field: str) -> str:
    """Return the condition for rows `a` of `rebuilding.netted` that `renamed` does not have."""
    return (
        f"not exists (select from changes c where c.record_id = a.id and c.seq > {SEQ} "
        f"and {_renames('c', field)} offset 0)"
    )


def _renames(row: str, field: str) -> str:
    return f"{row}.action <> 'created' and {row}.diff ? {literal(field)}"
