"""Writing records: sets in, one statement each; the triggers journal what changed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import errors as pg
from pydantic_core import from_json, to_json

from cerebro_server.kernel.access import Way
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.errors import (
    Forbidden,
    NotFound,
    RecordDeleted,
    ValidationFailed,
    VersionMismatch,
)
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import duplicates, handing, locking, merged, parts, uniqueness
from cerebro_server.kernel.records.customizing import complete, customize
from cerebro_server.kernel.records.people import fill_owner, resolve_people
from cerebro_server.kernel.records.projection import WIRE_JSON, wire_row
from cerebro_server.kernel.records.references import missing, resolve
from cerebro_server.kernel.records.refusals import refused
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.statements import insert
from cerebro_server.kernel.records.statements import update as update_statement

_ANY = Sql("true")


@dataclass(frozen=True, slots=True)
class Written:
    """A record after a write: its wire JSON, and what the headers need."""

    id: UUID
    version: int
    json: bytes


async def create(
    context: Context,
    record_type: RecordType,
    values: dict[str, Any],
    *,
    with_it: Callable[[UUID], Sql] | None = None,
    last: bool = False,
    allow_invalid: bool = False,
    allow_duplicates: bool = True,
) -> Written:
    """Create one record. Raises `ValidationFailed` where rules refuse, `DuplicateKey`, and
    `PossibleDuplicate` unless duplicates are allowed.

    `with_it` makes a statement that belongs to it; `last` sends the commit along, for a caller that
    writes nothing more: with both it is one round trip. `allow_invalid` keeps phone numbers that
    are none.
    """
    context.actor.require(f"{record_type.name}:create")
    batch = Batch([dict(values)], allow_invalid=allow_invalid)
    await prepare(context, record_type, batch)
    if batch.refusals:
        raise refused(batch)
    await uniqueness.check(context, record_type, None, batch.rows[0].get(COLUMN))
    if not allow_duplicates:
        await duplicates.check(context, record_type, batch.rows[0])
    record_id = uuid7()
    limit = context.condition(record_type, "create")
    row = to_json([{"id": record_id, **batch.rows[0]}]).decode()
    shown = context.seen(record_type)
    statement = Sql(insert(shown, limit and limit.text), (row, *(limit.params if limit else ())))
    transaction = await context.write()
    waits = handing.waits(record_type, batch.rows[0])
    also = [with_it(record_id)] if with_it and not waits else []
    commit = last and not waits
    rows = await _guarded(context, transaction, shown, statement, *also, then_commit=commit)
    if not rows[0]:
        raise outside(context, record_type, "create")
    version, json = rows[0][0]
    if waits:
        how: dict[str, Any] = {"with_it": with_it, "then_commit": last}
        version, json = await handing.over(context, record_type, record_id, **how)
    return Written(record_id, version, json)


async def prepare(
    context: Context, record_type: RecordType, batch: Batch, *, planned: Container[str] = ()
) -> None:
    """Make new rows ready to be written: owners and teams, then what the component's rules say of
    those that name nothing unknown; `planned` are ids of records that will be there."""
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch, planned=planned)
    unknown = batch.refused
    await fill_owner(context, record_type, batch)
    parts.settle(record_type, batch, region=context.settings.default_region)
    await customize(context, record_type, batch)
    complete(context, record_type, batch)
    await batch.judge(record_type.rules, context, leave=unknown)


async def update(
    context: Context,
    record_type: RecordType,
    reference: str,
    values: dict[str, Any],
    *,
    version: int | None,
    allow_invalid: bool = False,
) -> Written:
    """Change the given fields of a living record; equal values write nothing.

    `allow_invalid` keeps phone numbers that are none. Raises `NotFound`, `RecordDeleted`,
    `RecordLocked`, `VersionMismatch`, `DuplicateKey`.
    """
    context.actor.require(f"{record_type.name}:update")
    if "external_ids" in values:
        values = {**values, "external_ids": values["external_ids"] or {}}
    batch = Batch([dict(values)], allow_invalid=allow_invalid)
    parts.fill_words(record_type, batch.rows[0], values)
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch)
    await customize(context, record_type, batch, reference=reference)
    if batch.refusals:
        raise refused(batch)
    if batch.rows[0].get(COLUMN):
        record_id = await resolve(context, context.seen(record_type), reference)
        await uniqueness.check(context, record_type, record_id, batch.rows[0][COLUMN])
    return await _change(context, record_type, reference, batch, action="update", version=version)


async def delete(
    context: Context, record_type: RecordType, reference: str, *, version: int | None
) -> Written:
    """Delete a record softly: it frees its keys and can be restored.

    Raises `NotFound`, `RecordDeleted`, `RecordLocked`, `VersionMismatch`.
    """
    context.actor.require(f"{record_type.name}:delete")
    batch = Batch([{"deleted_at": context.now}])
    return await _change(context, record_type, reference, batch, action="delete", version=version)


async def restore(context: Context, record_type: RecordType, reference: str) -> Written:
    """Bring a deleted record back; a living one is returned as it is. Raises `DuplicateKey`."""
    context.actor.require(f"{record_type.name}:restore")
    batch = Batch([{"deleted_at": None}])
    return await _change(context, record_type, reference, batch, action="restore", version=None)


async def lock(
    context: Context, record_type: RecordType, reference: str, *, version: int | None
) -> Written:
    """Lock a living record: until it is unlocked, no door changes, deletes or destroys it.

    One that is locked stays as it is. Raises `NotFound`, `RecordDeleted`, `VersionMismatch`.
    """
    values = {LOCKED: context.now}
    return await change(context, record_type, reference, values, action="lock", version=version)


async def unlock(
    context: Context, record_type: RecordType, reference: str, *, version: int | None
) -> Written:
    """Unlock a record; one that is not locked stays as it is. Raises as `lock`."""
    values = {LOCKED: None}
    return await change(context, record_type, reference, values, action="unlock", version=version)


async def change(
    context: Context,
    record_type: RecordType,
    reference: str,
    values: dict[str, Any],
    *,
    action: str,
    version: int | None = None,
) -> Written:
    """Change columns that the server keeps, for a verb of the noun; equal values write nothing.

    Needs `<noun>:<action>` for this record. Raises `NotFound`, `RecordDeleted`,
    `RecordLocked`, `VersionMismatch`, `Forbidden`.
    """
    context.actor.require(f"{record_type.name}:{action}")
    batch = Batch([values])
    return await _change(context, record_type, reference, batch, action=action, version=version)


async def _change(
    context: Context,
    record_type: RecordType,
    reference: str,
    batch: Batch,
    *,
    action: str,
    version: int | None,
) -> Written:
    """Change the record that is meant, or what it became where it was merged."""
    again = Batch([dict(batch.rows[0])], allow_invalid=batch.allow_invalid)
    how: dict[str, Any] = {"action": action, "version": version}
    try:
        return await _change_one(context, record_type, reference, batch, **how)
    except NotFound as error:
        if action == "restore":  # of the old record: it is deleted, and stays so
            raise
        record_id = await resolve(context, context.seen(record_type), reference)
        survivor = await merged.survivor(context, record_type, record_id)
        if survivor is None:
            raise
        if action == "delete":
            told = await merged.refusal(context, record_type, reference, survivor)
            raise (told or error) from None
        try:
            return await _change_one(context, record_type, str(survivor), again, **how)
        except NotFound:
            raise error from None  # what it became is not theirs to know


async def _change_one(
    context: Context,
    record_type: RecordType,
    reference: str,
    batch: Batch,
    *,
    action: str,
    version: int | None,
) -> Written:
    """Lock, change, read back: three statements in one round trip, or the lock before, where rules
    must see the record.

    Each has a snapshot of its own, so the change sees what the lock waited for. What the caller
    may not read is not found; what they may read and not change, or would change into something
    that they may not change, is forbidden, and stays as it is.
    """
    living_only = action != "restore"
    shown = context.seen(record_type)
    record_id = await resolve(context, shown, reference, deleted_too=not living_only)
    transaction = await context.write()
    visible = context.condition(record_type, "read") or _ANY
    allowed = context.condition(record_type, action) or _ANY
    kept = allowed if action == "update" else _ANY
    table = ident(record_type.table_name)
    lock = Sql(
        f"select t.version, t.deleted_at, {visible.text}, {allowed.text}, "
        f"{locking.since(record_type)} from {table} t "
        "where t.id = %s for no key update",  # references to it go on
        (*visible.params, *allowed.params, record_id),
    )
    locked = None
    if needs_before(record_type, batch.rows[0]):
        locked = await _by_rules(context, record_type, record_id, batch, lock=lock)
    values = batch.rows[0]
    open_ = "true" if action in locking.OPENING else locking.is_open(record_type)
    change = Sql(
        f"{update_statement(record_type, tuple(values), living_only=living_only)} "
        f"and {open_} and {visible.text} and {allowed.text} returning t.version, {kept.text}",
        (
            *(to_json(values).decode(), record_id, version, version),
            *(*visible.params, *allowed.params, *kept.params),
        ),
    )
    fetch = Sql(
        f"select t.version, {WIRE_JSON} from {table} t, {wire_row(shown)} where t.id = %s",
        (record_id,),
    )
    before = [lock] if locked is None else []
    done = await _guarded(context, transaction, shown, *before, change, fetch)
    changed, fetched = done[-2:]
    locked = done[-3] if locked is None else locked
    if not locked or locked[0][2] is not True:
        raise missing(shown, reference)
    if locked[0][3] is not True or (changed and changed[0][1] is not True):
        raise outside(context, record_type, action)
    if not changed:
        how: dict[str, Any] = {"action": action, "version": version}
        _why_not(context, record_type, reference, locked[0], fetched[0][1], **how)
    return Written(record_id, fetched[0][0], fetched[0][1])


def _why_not(
    context: Context,
    record_type: RecordType,
    reference: str,
    locked: tuple[Any, ...],
    current: bytes,
    *,
    action: str,
    version: int | None,
) -> None:
    """Raise where a change was refused; one that says what is so already changes nothing."""
    found, deleted_at, _, _, locked_at = locked
    if action != "restore" and deleted_at is not None:
        raise deleted(record_type, reference)
    if locked_at is not None and action not in locking.HARMLESS:
        raise locking.refusal(context, record_type, reference, locked_at)
    if version is not None and found != version:
        raise _stale(found, version, current)


def needs_before(record_type: RecordType, names: Iterable[str]) -> bool:
    """Tell whether a change of these fields can only be judged beside the record as it is."""
    if parts.touched(record_type, names):
        return True
    watched = record_type.watched
    has_rules = record_type.update_rules is not None
    return has_rules and (watched is None or not watched.isdisjoint(names))


async def _by_rules(
    context: Context,
    record_type: RecordType,
    record_id: UUID,
    batch: Batch,
    *,
    lock: Sql,
) -> list[tuple[Any, ...]]:
    """Settle parts, and let the component's rules see the change and the locked record as it is.

    Return what the lock told.
    """
    fetch = Sql(
        f"select to_jsonb(t) from {ident(record_type.table_name)} t where t.id = %s", (record_id,)
    )
    transaction = await context.write()
    fields, ahead = record_type.read_ahead or (frozenset(), None)
    more = [] if ahead is None or fields.isdisjoint(batch.rows[0]) else [ahead]
    locked, found, *known = await transaction.batch(lock, fetch, *more)
    if not locked or locked[0][2:] != (True, True, None):
        for name in record_type.primaries:
            batch.rows[0].pop(name, None)
        return locked  # the change finds out, too, and says why
    batch.before = [from_json(found[0][0])]
    parts.settle(record_type, batch, region=context.settings.default_region)
    if record_type.update_rules is not None:
        beside = context if ahead is None or not known else context.ahead(ahead, known[0])
        await record_type.update_rules(beside, batch)
    if batch.refusals:
        raise refused(batch)
    return locked


def outside(context: Context, record_type: RecordType, action: str) -> Forbidden:
    """Return the error for a record that the caller's roles leave out of an action."""
    permission = f"{record_type.name}:{action}"
    ways = context.actor.ways(record_type.name, action)
    said = " or ".join(dict.fromkeys(_said(way) for way in ways)) or "none"
    return Forbidden(
        f"You hold {permission} for {said} only, and this {record_type.noun.singular} is outside "
        "of that, or would be; `cerebro access explain` says more.",
        permission=permission,
    )


def _said(way: Way) -> str:
    whose = {"own": "your own", "team": "your own and your teams'", "all": "all"}[way.scope]
    return f"{whose} that fit a row rule of role {way.role}" if way.rule else whose


def deleted(record_type: RecordType, reference: str) -> RecordDeleted:
    """Return the error for a record that is deleted."""
    noun = record_type.noun
    return RecordDeleted(f"The {noun.singular} {reference} is deleted; restore it first.")


def _stale(found: int, version: int, current: bytes) -> VersionMismatch:
    said = f"It has version {found} by now, not {version}: read it again and decide."
    return VersionMismatch(said, current=current)


async def _guarded(
    context: Context,
    transaction: Transaction,
    record_type: RecordType,
    *statements: Sql,
    then_commit: bool = False,
) -> list[list[tuple[Any, ...]]]:
    """Run statements; say whose key it is where one is taken."""
    try:
        return await transaction.batch(*statements, then_commit=then_commit)
    except pg.UniqueViolation as error:
        await transaction.rollback()
        raise await uniqueness.duplicate(context, transaction, record_type, error) from error
    except pg.ForeignKeyViolation as error:  # destroyed since it was looked up
        said = f"A record that the {record_type.noun.singular} names is there no longer."
        raise ValidationFailed(
            said, errors=[{"pointer": "", "code": "unknown_reference", "detail": said}]
        ) from error
