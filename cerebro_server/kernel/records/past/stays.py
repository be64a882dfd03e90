"""Histories as they were: what the triggers wrote later is left out, and what ended later is not
ended.

A history is in no journal, but each of its rows is there because of a change that is.
"""

from __future__ import annotations

from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType, Stays
from cerebro_server.kernel.records.past.histories import MOMENT, NEWER
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.past.rebuilding import KEYS, column_names, keys_since
from cerebro_server.kernel.records.statements import completed


def shadow(record_type: RecordType, stays: Stays, moment: Moment) -> Sql:
    """Select all rows of a history as they were at a moment: of each record, without as many of the
    latest as there were changes since. Those of records that are newer stay, and where histories
    tell what these were they have theirs up to then."""
    of, since, until = ident(stays.of), ident(stays.since), ident(stays.until)
    later = _later(stays, moment)
    stored = [column.name for column in record_type.table.columns if column.computed is None]
    names = ", ".join(f"n.{ident(name)}" for name in stored)
    ended, there, beside, older = 'n."_back" > n."_later" + 1', 'n."_back" > n."_later"', "", ""
    if moment.told is not None:
        is_newer = f"n.{of} in (select x.id from {NEWER} x)"
        beside, older = f"cross join {MOMENT} m ", f" and not {is_newer}"
        ended = f"case when {is_newer} then n.{until} <= m.at else {ended} end"
        there = f"case when {is_newer} then n.{since} <= m.at else {there} end"
    shown = ", ".join(
        f"case when {ended} then n.{until} end as {until}"
        if name == stays.until
        else f"n.{ident(name)}"
        for name in stored
    )
    rows = (
        f'select {shown} from (select {names}, coalesce(l.count, 0) as "_later", '
        f"row_number() over (partition by n.{of} order by n.{until} desc nulls first, "
        f'n.{since} desc, n.id desc) as "_back" '
        f"from {ident(record_type.table_name)} n left join ({later.text}) l "
        f"on l.id = n.{of}{older} where n.deleted_at is null) n {beside}where {there}"
    )
    return Sql(
        f"select {column_names(record_type)} from {completed(record_type, rows)}", later.params
    )


def _later(stays: Stays, moment: Moment) -> Sql:
    """Count the changes since that left a row, by record."""
    field = literal(stays.field)
    text = "select c.record_id as id, count(*) as count from changes c where {} group by 1"
    if moment.is_near:
        where = (
            f"c.record_type = {literal(stays.noun)} and c.action <> 'created' "
            f"and c.diff ? {field} and c.seq > %s"
        )
        return Sql(text.format(where), (moment.seq,))
    keys = keys_since(stays.noun, (stays.field,), moment)
    where = f"{KEYS} && %s and c.action <> 'created' and c.diff ? {field} and c.seq + 0 > %s"
    return Sql(text.format(where), (keys, moment.seq))
