"""Single writes beside operations: what one request did to a record can be taken back like them.

A write stands as an operation of kind `edit` from when it is first taken back: so it has an id and
a state, and whoever takes it back holds it. In the journal its transaction tells it from others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Destroyed, Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7_at
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.stored import PAST

_ACTION: Final[Mapping[str, str]] = {
    **{done: action for action, done in PAST.items()},
    "destroyed": "delete",
}
_CHANGE = "c.seq, c.record_type, c.record_id, c.action, c.version, c.at, c.actor, c.request_id"
_WHO = "nullif(split_part(coalesce(c.on_behalf_of, c.actor), 'user:', 2), '')::uuid"


class Write(NamedTuple):
    """One transaction of the journal."""

    era: int
    xid: str


class _Change(NamedTuple):
    seq: int
    record_type: str
    record_id: UUID
    action: str
    version: int
    at: Any
    actor: str
    request_id: str | None
    user_id: UUID | None


def can_be_undone(record_type: RecordType) -> bool:
    """Whether changes of its records are taken back: those that operations write, and settings
    that have no routes of their own."""
    can = record_type.is_bulk or bool(record_type.ends) or record_type.goes_along
    return can or not record_type.noun.verbs


async def stand_in(context: Context, write: Write) -> UUID:
    """Return the operation that stands for a write; it is made where there is none yet.

    Raises `Invalid` for a write of what cannot be taken back, and `Forbidden`.
    """
    found = await context.read(
        Sql(
            f"select {_CHANGE}, {_WHO} from changes c where c.era = %s and c.xid = %s::xid8 "
            "and c.operation_id is null order by c.seq",
            write,
        )
    )
    changes = [_Change(*row) for row in found]
    _check(context, changes)
    transaction = await context.write()
    operation_id = uuid7_at(changes[-1].at)
    made = await transaction.rows(
        Sql(
            "insert into operation_writes (era, xid, operation_id) values (%s, %s::xid8, %s) "
            "on conflict do nothing returning 1",
            (*write, operation_id),
        )
    )
    if made:
        await transaction.rows(_insertion(operation_id, changes))
        await transaction.rows(_rows(context, operation_id, changes))
        return operation_id
    [(known,)] = await transaction.rows(
        Sql("select operation_id from operation_writes where era = %s and xid = %s::xid8", write)
    )
    return UUID(str(known))


def _check(context: Context, changes: Iterable[_Change]) -> None:
    able = [name for name, known in context.catalog.items() if can_be_undone(known)]
    changes = list(changes)
    for change in changes:
        if change.record_type not in able:
            said = (
                f"A change of {change.record_type} is not taken back; of these it is: "
                f"{', '.join(able)}."
            )
            raise Invalid(said, errors=[{"pointer": "/what", "code": "noun", "detail": said}])
        if not stored.is_own(context, change.user_id) and not context.actor.may(stored.UNDO_OTHERS):
            raise stored.others_only(f"The change seq:{change.seq} is", stored.UNDO_OTHERS)
    _refuse_destroyed(context, changes)


def _refuse_destroyed(context: Context, changes: Sequence[_Change]) -> None:
    """Refuse to take back what destroyed a record, and its links with it."""
    gone = [change for change in changes if change.action == "destroyed"]
    if not gone:
        return
    verbs = {noun: known.noun.verbs for noun, known in context.catalog.items()}
    first = next((each for each in gone if "destroy" in verbs[each.record_type]), gone[0])
    raise Destroyed(
        f"{first.record_type}/{first.record_id} was destroyed on {first.at:%Y-%m-%d}, and that is "
        "final: whoever destroys a record wants it gone, so neither it nor its links are made "
        "anew. What is deleted and not destroyed comes back. To take back what was done before, "
        "name it: `cerebro changes list`, then `cerebro undo seq:NUMBER`."
    )


def _insertion(operation_id: UUID, changes: Sequence[_Change]) -> Sql:
    """Return the statement that makes the operation, as one that is applied."""
    first, last = changes[0], changes[-1]
    by_noun: dict[str, Counter[str]] = {}
    done: Counter[str] = Counter()
    for noun, action in _firsts(changes).values():
        by_noun.setdefault(noun, Counter())[action] += 1
        done.update((PAST[action], f"{noun}.{PAST[action]}"))
    planned = sum(by_noun.values(), Counter[str]())
    values = {
        "id": operation_id,
        "kind": stored.EDIT,
        "state": "applied",
        "actor": first.actor,
        "user_id": first.user_id,
        "input": _json({"seq": first.seq, "request_id": first.request_id}),
        "options": "{}",
        "rights": "",
        "report": _json({"nouns": by_noun, "fields": {}}),
        "planned": _json(planned),
        "done": _json(done),
        "rank": stored.IDLE,
        **dict.fromkeys(("created_at", "planned_at", "started_at", "ended_at"), last.at),
    }
    marks = ", ".join(["%s"] * len(values))
    statement = f"insert into operations ({', '.join(values)}) values ({marks})"
    return Sql(statement, tuple(values.values()))


def _rows(context: Context, operation_id: Any, changes: Sequence[_Change]) -> Sql:
    """Return the statement that writes down which records it was about, as a plan does."""
    versions = {change.record_id: change.version for change in reversed(changes)}
    rows = [
        {
            "rank": stored.rank(
                action,
                stored.order_of(context, noun),
                is_link=bool(context.catalog[noun].ends),
            ),
            "n": n,
            "noun": noun,
            "action": action,
            "id": record_id,
            "version": versions[record_id] - 1 or None,
        }
        for n, (record_id, (noun, action)) in enumerate(_firsts(changes).items(), 1)
    ]
    return Sql(
        "insert into operation_rows (operation_id, rank, n, record_type, action, record_id, "
        "version) select %s, s.rank, s.n, s.noun, s.action, s.id, s.version "
        "from json_to_recordset(%s::json) as s(rank smallint, n bigint, noun text, action text, "
        "id uuid, version integer)",
        (operation_id, _json(rows)),
    )


def _firsts(changes: Iterable[_Change]) -> dict[UUID, tuple[str, str]]:
    """Return what was done first to each record: (noun, action)."""
    found: dict[UUID, tuple[str, str]] = {}
    for change in changes:
        found.setdefault(change.record_id, (change.record_type, _ACTION[change.action]))
    return found


def _json(value: Any) -> str:
    return to_json(value).decode()
