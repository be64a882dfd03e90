"""What somebody means who takes something back: an operation, a change, a record, or the last."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import AmbiguousReference, NotFound
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.merged import VERB
from cerebro_server.kernel.records.operations import edits, stored
from cerebro_server.kernel.records.operations.edits import Write
from cerebro_server.kernel.records.operations.grouping import PAIRS
from cerebro_server.kernel.records.references import missing, named

_SEQ = re.compile(r"seq:([0-9]{1,18})")
_PAGE: Final = 200
_LOOKED_AT: Final = (
    "looked at: id of an operation or the end of one, seq:812 of a change, id of a request, "
    "noun/reference of a record"
)
_WHO = "coalesce(c.on_behalf_of, c.actor)"
_PLACE = f"c.seq, c.record_type, c.record_id, c.era, c.xid::text, c.operation_id, {_WHO}"


class Target(NamedTuple):
    """What is taken back."""

    operation_id: UUID
    record: str | None = None
    """`<noun>/<id>`: only what the operation did to this one."""


class _Place(NamedTuple):
    """Where a change stands."""

    seq: int
    noun: str
    record_id: UUID
    era: int
    xid: str
    operation_id: UUID | None
    who: str
    """The user whose doing it is, as the journal names them."""

    @property
    def write(self) -> Write:
        """The write that it is part of, if it is none of an operation."""
        return Write(self.era, self.xid)


async def find(context: Context, what: str | None) -> Target:
    """Return what is meant; a single write is made an operation, in the context's transaction.

    `what` is an operation, `seq:812`, the id of a request, or `contacts/ada@x.example` for the last
    change of that record; None is the last thing that the caller did. What is taken back already is
    passed over by the last two. Raises `NotFound`, `AmbiguousReference`, `Forbidden`, `Invalid`.
    """
    if what is None:
        return await _last(context)
    if not what.isprintable():
        raise _unknown(what)
    if number := _SEQ.fullmatch(what):
        return await _of_change(context, what, int(number[1]))
    if "/" in what:
        return await _of_record(context, what)
    return await _of_id(context, what)


async def _last(context: Context) -> Target:
    able = [name for name, known in context.catalog.items() if edits.can_be_undone(known)]
    edit = await context.read(
        Sql(
            f"select c.era, c.xid::text, c.at from changes c where {_WHO} = %s "
            "and c.operation_id is null and c.record_type = any(%s) and not exists (select "
            "from operation_writes w join operations o on o.id = w.operation_id "
            "where w.era = c.era and w.xid = c.xid and o.state in ('undoing', 'undone')) "
            "order by c.at desc limit 1",
            (_me(context), able),
        )
    )
    operation = await context.read(
        Sql(
            "select o.id, coalesce(o.ended_at, o.started_at) from operations o "
            "where o.user_id is not distinct from %s and o.undoes is null and o.kind <> %s "
            "and o.state in ('applied', 'cancelled', 'failed') and o.done ?| %s "
            "order by 2 desc limit 1",
            (context.actor.user_id, stored.EDIT, list(stored.PAST.values())),
        )
    )
    if not edit and not operation:
        raise NotFound("There is nothing of yours that could be taken back.")
    if edit and (not operation or edit[0][2] > operation[0][1]):
        return Target(await edits.stand_in(context, Write(*edit[0][:2])))
    return Target(operation[0][0])


async def _of_change(context: Context, what: str, seq: int) -> Target:
    rows = await context.read(Sql(f"select {_PLACE} from changes c where c.seq = %s", (seq,)))
    found = _Place(*rows[0]) if rows else None
    if found is None or not await _may_see(context, found):
        raise NotFound(f"There is no change {what}, or none that you may see.")
    return await _of_place(context, found)


async def _of_record(context: Context, what: str) -> Target:
    """The last change of a record that is in force: neither taken back, nor itself an undo."""
    record_type, record_id = await named(context, what)
    gone: set[UUID] = set()
    before = 2**62
    while True:
        rows = await context.read(
            Sql(
                f"select {_PLACE}, coalesce(c.operation_id, w.operation_id), c.undoes "
                "from changes c left join operation_writes w on c.operation_id is null "
                "and w.era = c.era and w.xid = c.xid where c.record_id = %s "
                "and c.record_type = %s and c.seq < %s order by c.seq desc limit %s",
                (record_id, record_type.name, before, _PAGE),
            )
        )
        for *place, operation_id, undoes in rows:
            if operation_id is not None and operation_id in gone:
                continue
            if undoes is not None:
                gone.add(undoes)
                continue
            found = _Place(*place)
            if not await _may_see(context, found):
                raise missing(context.seen(record_type), what.partition("/")[2])
            return await _of_place(context, found)
        if len(rows) < _PAGE:
            raise await _nothing(context, record_type, record_id, what)
        before = rows[-1][0]


async def _nothing(
    context: Context, record_type: RecordType, record_id: UUID, what: str
) -> NotFound:
    """Return the error where nothing of a record is in force: of one that the caller may not know
    of, the same as of one that is not there."""
    rows = await context.read(
        Sql(
            f"select {_PLACE} from changes c where c.record_id = %s and c.record_type = %s "
            "order by c.seq desc limit 1",
            (record_id, record_type.name),
        )
    )
    if not rows or not await _may_see(context, _Place(*rows[0])):
        return missing(context.seen(record_type), what.partition("/")[2])
    return NotFound(f"There is nothing of {what} that could be taken back.")


async def _of_id(context: Context, what: str) -> Target:
    """An operation, or else a request."""
    rows = await context.read(
        Sql(
            f"select distinct on (c.era, c.xid) {_PLACE} from changes c where c.request_id = %s "
            "and c.operation_id is null order by c.era, c.xid, c.seq limit 11",
            (what,),
        )
    )
    places = [found for row in rows if await _may_see(context, found := _Place(*row))]
    if len(places) > 1:
        raise AmbiguousReference(
            f"{len(places)} writes are of the request {what!r}; say which.",
            candidates=[f"seq:{each.seq}" for each in places],
        )
    if places:
        return await _of_place(context, places[0])
    try:
        return Target(await stored.find(context, what))
    except NotFound:
        raise _unknown(what) from None


def _unknown(what: str) -> NotFound:
    return NotFound(f"Nothing to take back fits {what[:80]!r} ({_LOOKED_AT}).")


async def _of_place(context: Context, place: _Place) -> Target:
    """A change of an operation is taken back alone; of a merge, all of its group: half of one is
    nothing."""
    if place.operation_id is None:
        return Target(await edits.stand_in(context, place.write))
    try:
        operation = await stored.get(context, place.operation_id, others=stored.UNDO_OTHERS)
    except NotFound:  # they see the change, so this tells them nothing
        raise stored.others_only(f"The change seq:{place.seq} is", stored.UNDO_OTHERS) from None
    origin = await stored.origin(context, operation.id)
    is_many = operation.verb == VERB and PAIRS in operation.input
    if operation.written == 1 or (origin.endswith(f".{VERB}") and not is_many):
        return Target(operation.id)
    return Target(operation.id, f"{place.noun}/{place.record_id}")


async def _may_see(context: Context, place: _Place) -> bool:
    """Whether the caller may know of a change: it is theirs, or of a record that they may read."""
    record_type = context.catalog.get(place.noun)
    if record_type is None or not context.actor.may(f"{place.noun}:read"):
        return False
    if place.who == _me(context):
        return True
    limit = context.condition(record_type, "read")
    if limit is None or not context.actor.may("changes:read"):
        return context.actor.may("changes:read")
    rows: list[Any] = await context.read(
        Sql(
            f"select 1 from {ident(record_type.table_name)} t where t.id = %s and {limit.text}",
            (place.record_id, *limit.params),
        )
    )
    return bool(rows)


def _me(context: Context) -> str:
    """Return the caller as the journal names whoever is behind a change."""
    return context.actor.behalf or context.actor.tag
