"""An operation as it is stored, and the rows of its plan."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import AmbiguousReference, Forbidden, NotFound, PlanRemoved
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.journal.reading import WRITE
from cerebro_server.kernel.records.merged import VERB

WRITING: Final = ("create", "update", "delete", "restore")
"""What a planned row can do; the rest does nothing."""
PAST: Final[Mapping[str, str]] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "restore": "restored",
}
"""What is counted as done of each action: of all nouns together, and as `contacts.created`."""
# `fingerprint` is a column of old plans: nothing writes or reads it any more
_COLUMNS = (
    *("id", "kind", "state", "actor", "user_id", "input", "options", "rights", "snapshot"),
    *("report", "planned", "done", "rank", "n", "undoes", "undone_by", "problem"),
    *("created_at", "planned_at", "started_at", "ended_at", "expires_at", "attempt"),
    "plan_removed_at",
)
EDIT: Final = "edit"
"""The kind of what stands for a single write."""
UNDO_OTHERS: Final = "operations:undo"
"""The permission to take back what others did."""
Record = tuple[str, UUID]
"""A noun, and the id of a record."""
_END = re.compile(r"[0-9a-f-]{6,35}", re.IGNORECASE)
_JSON = ("input", "options", "report", "planned", "done", "problem")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    id: UUID
    kind: str
    state: str
    actor: str
    user_id: UUID | None
    input: Mapping[str, Any]
    options: Mapping[str, Any]
    rights: str
    """Digest of what its maker was allowed when it was planned."""
    snapshot: str | None
    """PostgreSQL's snapshot of when planning began."""
    report: Mapping[str, Any]
    """What its kind tells of the plan: how a file was read, where its columns go."""
    planned: Mapping[str, int]
    """How many rows of the plan do what."""
    done: Mapping[str, int]
    """How many rows came to what."""
    rank: int
    n: int
    """The last row that was applied: `(rank, n)`."""
    undoes: UUID | None
    undone_by: UUID | None
    problem: Mapping[str, Any] | None
    """Why it failed, as the API says problems."""
    created_at: datetime
    planned_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime
    attempt: UUID | None
    """Whoever planned it last, or does."""
    plan_removed_at: datetime | None
    """Since when the rows of its plan are gone; those that something is amiss with stay."""

    @property
    def noun(self) -> str:
        """The noun of its kind: `contacts` of `contacts.import`; of `undo`, itself."""
        return self.kind.partition(".")[0]

    @property
    def verb(self) -> str:
        """The verb of its kind: `import` of `contacts.import`; of `undo`, nothing."""
        return self.kind.partition(".")[2]

    @property
    def written(self) -> int:
        """How many records it has written."""
        return sum(self.done.get(name, 0) for name in PAST.values())

    @property
    def left(self) -> int:
        """How many rows it has left. What an undo leaves is left, whether that was seen when it was
        planned or when it was applied."""
        is_begun_undo = self.undoes is not None and self.started_at is not None
        return left_of(self.done) + (self.planned.get("error", 0) if is_begun_undo else 0)


def changes_of(operation: Operation, alias: str = "c") -> Sql:
    """Return the condition for what an operation wrote, in the journal."""
    if operation.kind != EDIT:
        return Sql(f"{alias}.operation_id = %s", (operation.id,))
    write = "select w.era, w.xid from operation_writes w where w.operation_id = %s"
    text = f"({alias}.operation_id is null and ({alias}.era, {alias}.xid) in ({write}))"
    return Sql(text, (operation.id,))


async def writes_of(context: Context, operation_id: UUID) -> list[tuple[int, str]]:
    """Return the transactions that an operation wrote in: (era, xid), in order."""
    rows = await context.read(
        Sql(
            "select w.era, w.xid::text from operation_writes w where w.operation_id = %s "
            "order by w.era, w.xid",
            (operation_id,),
        )
    )
    return [(era, xid) for era, xid in rows]


def writing(operation_id: UUID) -> Sql:
    """Return the statement that notes the transaction as one of the operation's: its undo looks
    there. An index of the journal by operation would cost every row a third more."""
    return Sql(
        "insert into operation_writes (era, xid, operation_id) "
        f"select {WRITE}, %s on conflict do nothing",
        (operation_id,),
    )


def left_of(done: Mapping[str, int]) -> int:
    """Return how many rows were left, of what is counted as done."""
    written = PAST.values()
    return sum(n for name, n in done.items() if "." not in name and name not in written)


def rank(action: str, order: int, *, is_link: bool = False, is_late: bool = False) -> int:
    """Return when a row's turn is: keys are freed before they are taken, a record is there before
    others name it, and links are written while both of their ends are there. `order` is the place
    of its noun, what is named before what names. A late change names what the same plan creates."""
    if is_late and action == "update":
        return 700 + order
    early = 0 if is_link else 200
    if action == "delete":
        return early + 99 - order
    if action == "update":
        return early + 100 + order
    if action == "restore":
        return 400 + order
    if action == "create":
        return 500 + order
    return IDLE


IDLE: Final = 900
"""The rank of rows that do nothing."""
LEFT: Final = f"action = 'error', rank = {IDLE}, new_values = null"
"""What an `update operation_rows` sets of rows that a planner leaves after all."""


def order_of(context: Context, noun: str) -> int:
    """Return the place of a noun: components list what is named before what names it."""
    return list(context.catalog).index(noun)


def rights_of(actor: Actor) -> str:
    """Return a digest of all that an actor's plans go by: roles, teams, custom fields."""
    said = (actor.roles, actor.teams, actor.scopes, sorted(actor.definitions.by_noun.items()))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


async def get(
    context: Context, operation_id: UUID, *, others: str = "operations:read"
) -> Operation:
    """Return an operation of the caller's, or with the permission named of anybody's.

    Raises `NotFound`, `Forbidden`.
    """
    rows = await context.read(Sql(f"{_SELECT} where o.id = %s", (operation_id,)))
    found = _read(rows[0]) if rows else None
    may_others = context.actor.may(others)
    if found is None or not (may_others or _is_visible(context, found)):
        raise NotFound(f"There is no operation {operation_id}, or none that you may see.")
    if not is_own(context, found.user_id) and not may_others:
        raise others_only("The operation is", others)
    return found


def is_own(context: Context, user_id: UUID | None) -> bool:
    """Whether something is the caller's doing: their own, or that of any of their keys."""
    return user_id == context.actor.user_id


def others_only(what: str, permission: str) -> Forbidden:
    """Return the error for what somebody else did."""
    said = f"{what} somebody else's; that takes the permission {permission}."
    return Forbidden(said, permission=permission)


def plan_removed(operation: Operation, more: str) -> PlanRemoved:
    """Return the error for what needs the rows of a plan that are gone."""
    assert operation.plan_removed_at is not None  # noqa: S101 - whoever calls has looked
    return PlanRemoved(
        f"The rows of the plan are gone since {operation.plan_removed_at:%Y-%m-%d}. {more} What "
        "was written can be taken back as before, and stands in the journal."
    )


async def find(context: Context, reference: str) -> UUID:
    """Return the operation that a full id means, or the last 6 or more characters of one.

    Raises `NotFound`, `AmbiguousReference`.
    """
    if (full := read_id(reference)) is not None:
        return full
    found = []
    if _END.fullmatch(reference):
        end = reference.lower()
        whose = "true" if context.actor.may("operations:read") else "o.user_id = %s"
        params = () if whose == "true" else (context.actor.user_id,)
        found = await context.read(
            Sql(
                f"select o.id from operations o where right(o.id::text, %s) = %s and {whose} "
                "order by o.id desc limit 11",
                (len(end), end, *params),
            )
        )
    if not found:
        raise NotFound(f"No operation fits {reference[:80]!r} (looked at: id, end of an id).")
    if len(found) > 1:
        raise AmbiguousReference(
            f"{len(found)} operations fit {reference!r}; use a longer or full id.",
            candidates=[str(candidate) for (candidate,) in found],
        )
    return UUID(str(found[0][0]))


def _is_visible(context: Context, operation: Operation) -> bool:
    return is_own(context, operation.user_id) or context.actor.may("operations:read")


async def first(context: Context, operation: Operation) -> tuple[Operation, int]:
    """Return what an operation takes back, or does again, from the beginning, and how many steps
    back that is; of one that takes nothing back, itself."""
    at, steps = operation, 0
    while at.undoes is not None:
        rows = await context.read(Sql(f"{_SELECT} where o.id = %s", (at.undoes,)))
        at, steps = _read(rows[0]), steps + 1
    return at, steps


async def origin(context: Context, operation_id: UUID) -> str:
    """Return the kind of what an operation does, or takes back, or does again."""
    rows = await context.read(
        Sql(
            "with recursive up as (select kind, undoes from operations where id = %s union all "
            "select o.kind, o.undoes from operations o join up on o.id = up.undoes) "
            "select kind from up where undoes is null",
            (operation_id,),
        )
    )
    return str(rows[0][0]) if rows else ""


async def locked(transaction: Transaction, operation_id: UUID) -> Operation:
    """Return an operation, held until the transaction ends."""
    row = await transaction.row(Sql(f"{_SELECT} where o.id = %s for update", (operation_id,)))
    if row is None:
        raise NotFound(f"There is no operation {operation_id}.")
    return _read(row)


async def listed(
    context: Context,
    *,
    state: str | None,
    kind: str | None,
    touched: Record | None = None,
    before: UUID | None,
    limit: int,
) -> list[Operation]:
    """Return operations that the caller may see, newest first; `touched` leaves those that changed
    a record, or merged others into it."""
    parts = [] if touched is None else [_touching(*touched)]
    if not context.actor.may("operations:read"):
        parts.append(Sql("o.user_id = %s", (context.actor.user_id,)))
    parts += [
        Sql(f"o.{name} = %s", (value,))
        for name, value in (("state", state), ("kind", kind))
        if value is not None
    ]
    if before is not None:
        parts.append(Sql("o.id < %s", (before,)))
    where = Sql.both(*parts)
    statement = f"{_SELECT} where {where.text} order by o.id desc limit %s"
    return [_read(row) for row in await context.read(Sql(statement, (*where.params, limit)))]


def _touching(noun: str, record_id: UUID) -> Sql:
    # a merge that changes nothing in the record that stays has no line in its journal
    return Sql(
        "(o.id in (select c.operation_id from changes c where c.record_id = %s "
        "and c.record_type = %s) or o.id in (select w.operation_id from changes c "
        "join operation_writes w on w.era = c.era and w.xid = c.xid where c.record_id = %s "
        "and c.record_type = %s and c.operation_id is null) "
        "or o.kind = %s and (o.input ->> 'into' = %s or o.input @> "
        "jsonb_build_object('pairs', jsonb_build_array(jsonb_build_object('into', %s::text)))))",
        (record_id, noun, record_id, noun, f"{noun}.{VERB}", str(record_id), str(record_id)),
    )


async def insert(context: Context, operation_id: UUID, kind: str, **values: Any) -> None:
    """Store a new operation of the caller's, in state `planning`."""
    actor = context.actor
    known = {"id": operation_id, "kind": kind, "state": "planning", "actor": actor.tag}
    known |= {"user_id": actor.user_id, "rights": rights_of(actor)}
    known |= {name: _stored(name, value) for name, value in values.items()}
    names, marks = ", ".join(known), ", ".join(["%s"] * len(known))
    statement = f"insert into operations ({names}) values ({marks})"
    await (await context.write()).rows(Sql(statement, tuple(known.values())))


async def change(transaction: Transaction, operation_id: UUID, **values: Any) -> None:
    """Set columns; `moments` names those that become now."""
    moments: Sequence[str] = values.pop("moments", ())
    settings = [f"{name} = %s" for name in values] + [f"{name} = now()" for name in moments]
    params = [_stored(name, value) for name, value in values.items()]
    text = f"update operations set {', '.join(settings)}, updated_at = now() where id = %s"
    await transaction.rows(Sql(text, (*params, operation_id)))


def _stored(name: str, value: Any) -> Any:
    return (
        to_json(value, inf_nan_mode="null").decode()
        if name in _JSON and value is not None
        else value
    )


def _read(row: Sequence[Any]) -> Operation:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = None if values[name] is None else from_json(values[name])
    return Operation(**values)


_SELECT = f"select {', '.join(f'o.{name}' for name in _COLUMNS)} from operations o"
