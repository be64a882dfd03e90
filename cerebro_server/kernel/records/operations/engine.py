"""The life of an operation: made, planned, applied, taken back; at once where it is small."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.db.failures import Collision
from cerebro_server.kernel.errors import (
    Forbidden,
    Invalid,
    InvalidQuery,
    Problem,
    Unavailable,
    WrongState,
    closest,
)
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.operations import (
    applying,
    binding,
    bulk,
    drift,
    dumps,
    files,
    finding,
    merging,
    planning,
    portions,
    recovering,
    relinking,
    stored,
    targets,
    undoing,
    undone,
    whole,
)
from cerebro_server.kernel.records.operations.inputs import BulkInput, UndoInput, read
from cerebro_server.kernel.records.operations.planning import Begin, Plan, Planner
from cerebro_server.kernel.records.operations.regrouping import part_of
from cerebro_server.kernel.records.operations.repeating import PLAIN, Once
from cerebro_server.kernel.records.operations.stored import Operation

AT_ONCE: Final = 500
"""Rows that are planned and applied inside the request."""
UNDO: Final = "undo"


class Kind(NamedTuple):
    """A kind of operation."""

    check: Callable[[Context, Mapping[str, Any]], Awaitable[int]]
    """Refuses an input that is wrong, before anything is stored; returns about how many rows there
    are, as far as it matters whether they are more than `AT_ONCE`."""
    plan: Planner


def kind_of(context: Context, name: str) -> Kind:
    """Return a kind by name: `contacts.update`. Raises `Invalid` with a suggestion."""
    known = {
        UNDO: Kind(_check_undo, undoing.plan_undo),
        files.DUMP: Kind(dumps.check_dump, dumps.plan_dump),
    }
    for noun, record_type in context.catalog.items():
        if record_type.is_bulk:
            for action in ("update", "delete"):
                known[f"{noun}.{action}"] = _bulk(noun, action)
            known[f"{noun}.{merged.VERB}"] = _merge(noun)
        if record_type.matching is not None:
            known[f"{noun}.{finding.VERB}"] = _scan(noun)
        if "import" in record_type.noun.verbs:
            known[f"{noun}.import"] = _import(noun)
    known |= {kind: Kind(verb.check, verb.plan) for kind, verb in context.catalog.verbs.items()}
    if name not in known:
        raise Invalid(
            f"There is no operation {name!r}; there are: {', '.join(known)}.",
            errors=[{"pointer": "/kind", "code": "unknown_kind", "detail": repr(name)}],
            suggestion=closest(name, known),
        )
    return known[name]


def _bulk(noun: str, action: str) -> Kind:
    async def check(context: Context, asked: Mapping[str, Any]) -> int:
        record_type = context.catalog[noun]
        said = read(BulkInput, asked)
        change = await bulk.change_of(context, record_type, action, said.values)
        where = bulk.selected(context, record_type, said.where)
        rows = await context.read(
            Sql(
                f"select count(*) from (select from {ident(record_type.table_name)} t "
                f"where {where.text} limit %s) s",
                (*where.params, AT_ONCE + 1),
            )
        )
        bulk.check_unique(context.whole(record_type), change, rows[0][0])
        return int(rows[0][0])

    async def plan(making: Plan) -> None:
        await bulk.plan_change(making, noun)

    return Kind(check, plan)


def _merge(noun: str) -> Kind:
    async def check(context: Context, asked: Mapping[str, Any]) -> int:
        return await merging.check_merge(context, noun, asked)

    async def plan(making: Plan) -> None:
        await merging.plan_merge(making, noun)

    return Kind(check, plan)


def _scan(noun: str) -> Kind:
    async def check(context: Context, asked: Mapping[str, Any]) -> int:
        return await finding.check_scan(context, noun, asked)

    async def plan(making: Plan) -> None:
        await finding.plan_scan(making, noun)

    return Kind(check, plan)


def _import(noun: str) -> Kind:
    async def check(context: Context, asked: Mapping[str, Any]) -> int:
        return await files.check_import(context, noun, asked)

    async def plan(making: Plan) -> None:
        await files.plan_import(making, noun)

    return Kind(check, plan)


async def _check_undo(context: Context, asked: Mapping[str, Any]) -> int:
    said = read(UndoInput, asked)
    target = await stored.get(context, said.operation_id, others=stored.UNDO_OTHERS)
    if said.where is not None:
        first, _ = await stored.first(context, target)
        is_merge = first.verb == merged.VERB
        nouns = [first.noun] if is_merge else list(target.report.get("nouns", {}))
        _check_where(context, nouns, said.where)
    part = await part_of(context, target, said.record)
    undone.check(target)
    return target.written if part is None else len(part)


def _check_where(context: Context, nouns: Sequence[str], where: str) -> None:
    """Refuse a filter that fits none of the nouns that an operation is about; those that it does
    not fit are left out. Of merges, it chooses by the records that are merged."""
    wrong: list[InvalidQuery] = []
    for noun in nouns:
        try:
            bulk.selected(context, context.catalog[noun], where)
        except InvalidQuery as error:
            wrong.append(error)
    if nouns and len(wrong) == len(nouns):
        raise wrong[0]


async def create(
    context: Context,
    kind: str,
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    at_once: bool = False,
    once: Once = PLAIN,
) -> UUID:
    """Store an operation and plan it, at once if it is small; with option `yes` apply it, too.

    Raises what is wrong with its input; then nothing is stored.
    """
    found = kind_of(context, kind)
    operation_id = uuid7()
    async with context.apart() as apart:
        if (made := await once.before(apart)) is not None:
            return made
        size = await found.check(apart, asked)
        undoes = UUID(asked["operation_id"]) if kind == UNDO else None
        if kind.endswith(f".{finding.VERB}"):
            options = {**options, "yes": True}  # it has nothing to apply, so nobody is asked
        await stored.insert(
            apart, operation_id, kind, input=dict(asked), options=dict(options), undoes=undoes
        )
        await once.keep(apart, operation_id)
        if size > AT_ONCE and not at_once:
            await recovering.later(apart, operation_id)
    if size <= AT_ONCE or at_once:
        attempt = uuid7()
        try:
            await advance(context.apart, operation_id, attempt=attempt)
        except Collision:  # others are at it, or will be
            if at_once:
                raise
            async with context.apart() as apart:
                await recovering.later(apart, operation_id)
        except Problem:
            if await recovering.forget(context, operation_id, attempt):
                async with context.apart() as apart:
                    await once.release(apart)
            raise
    return operation_id


async def advance(begin: Begin, operation_id: UUID, *, attempt: UUID | None = None) -> None:
    """Do what is next: plan what is to be planned, apply what is to be applied.

    `attempt` tells who does so from others who may take it over. What is wrong ends as the
    operation's `problem`, and is raised.
    """
    async with begin() as context:
        operation = await stored.get(context, operation_id)
    plan = Plan(operation, begin, attempt=attempt)
    try:
        goes_on = bool(operation.options.get("yes"))
        if operation.state == "planning":
            planner = kind_of(context, operation.kind).plan
            await planning.make(plan, planner, _start if goes_on else None)
        if operation.state in ("planning", "planned") and not goes_on:
            return
        if operation.state == "planned":
            async with begin() as context:
                planned = await stored.locked(await context.write(), operation_id)
                if planned.state != "planned":
                    return  # cancelled meanwhile
                await _start(context, planned)
        async with begin() as context:
            planned = await stored.get(context, operation_id)
        await _manner(planned)(operation_id, begin)
    except planning.Stopped:
        return
    except (Unavailable, Collision):
        raise  # it passes: whoever comes again goes on from here
    except Problem as problem:
        await recovering.fail(plan, problem)
        raise


def _manner(operation: Operation) -> Callable[[UUID, Begin], Awaitable[None]]:
    """Return how a plan is applied: as a whole, in units, or row by row."""
    if whole.is_asked(operation):
        return whole.run
    return portions.run if binding.LEFT in operation.report else applying.run


async def apply(context: Context, operation_id: UUID, *, on_drift: str, once: Once = PLAIN) -> None:
    """Apply a plan. Raises `PlanDrifted`, `WrongState`."""
    operation = await _own(context, operation_id)
    if operation.state == "planned" and operation.expires_at < context.now:
        async with context.apart() as apart:
            await stored.change(await apart.write(), operation_id, state="expired")
        raise WrongState("The plan is older than 7 days; plan it anew.")
    size = sum(operation.planned.get(action, 0) for action in stored.WRITING)
    async with context.apart() as apart:
        if await once.before(apart) is not None:
            return
        transaction = await apart.write()
        operation = await stored.locked(transaction, operation_id)
        if operation.state != "planned":
            raise WrongState(f"The operation is {operation.state}, not planned.")
        if on_drift == "replan":
            await stored.change(
                transaction,
                operation_id,
                state="planning",
                planned_at=None,
                planned={},
                options={**operation.options, "yes": True},
            )
        else:
            if on_drift == "refuse":
                await drift.check(apart, operation)
            await _start(apart, operation)
        await once.keep(apart, operation_id)
        if size > AT_ONCE:
            await recovering.later(apart, operation_id)
    if size <= AT_ONCE:
        await advance(context.apart, operation_id)


async def _start(context: Context, operation: Operation) -> None:
    drift.check_rights(context, operation)
    await relinking.check_links(context, operation)
    whole.check(operation)
    transaction = await context.write()
    await stored.change(transaction, operation.id, state="applying", moments=("started_at",))
    await undone.begin(transaction, operation)


async def cancel(context: Context, operation_id: UUID, *, once: Once = PLAIN) -> None:
    """Stop an operation after the chunk that is being written. Raises `WrongState`."""
    await stored.get(context, operation_id, others="operations:cancel")
    async with context.apart() as apart:
        if await once.before(apart) is not None:
            return
        transaction = await apart.write()
        operation = await stored.locked(transaction, operation_id)
        if operation.state not in ("planning", "planned", "applying"):
            raise WrongState(f"The operation is {operation.state}: there is nothing to cancel.")
        await stored.change(transaction, operation_id, state="cancelled", moments=("ended_at",))
        await once.keep(apart, operation_id)
        if operation.state == "applying":
            await undone.settle(transaction, operation, is_whole=False)


async def resume(context: Context, operation_id: UUID, *, once: Once = PLAIN) -> None:
    """Go on where an operation failed, was cancelled, or was left.

    Raises `WrongState`, `PlanRemoved`, and `PlanDrifted` where the caller's rights are not as they
    were.
    """
    await _own(context, operation_id)
    async with context.apart() as apart:
        if await once.before(apart) is not None:
            return
        transaction = await apart.write()
        operation = await stored.locked(transaction, operation_id)
        if operation.state not in ("planning", "applying", "failed", "cancelled"):
            raise WrongState(f"The operation is {operation.state}: there is nothing to resume.")
        if operation.planned_at is not None and operation.plan_removed_at is not None:
            raise stored.plan_removed(operation, "Plan it anew.")
        state = "planning" if operation.planned_at is None else "planned"
        state = state if operation.started_at is None else "applying"
        if state == "applying":
            drift.check_rights(context, operation)
        if state == "applying" and operation.state != "applying":
            await undone.begin(transaction, operation)
        await stored.change(transaction, operation_id, state=state, problem=None, ended_at=None)
        await once.keep(apart, operation_id)
        left = sum(operation.planned.get(action, 0) for action in stored.WRITING)
        at_once = operation.planned_at is not None and left <= AT_ONCE
        if not at_once:
            await recovering.later(apart, operation_id)
    if at_once:
        await advance(context.apart, operation_id)


async def undo(
    context: Context,
    operation_id: UUID,
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    once: Once = PLAIN,
) -> UUID:
    """Plan to take an operation back, and with option `yes` do it; return the undo's own id."""
    return await create(
        context, UNDO, {**asked, "operation_id": str(operation_id)}, options, once=once
    )


async def take_back(
    context: Context,
    what: str | None,
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    once: Once = PLAIN,
) -> UUID:
    """Plan to take anything back, as `targets.find` has it; return the undo's own id."""
    async with context.apart() as apart:
        if (made := await once.before(apart)) is not None:
            return made
    async with context.apart() as apart:
        target = await targets.find(apart, what)
    said = {**asked} if target.record is None else {**asked, "record": target.record}
    return await undo(context, target.operation_id, said, options, once=once)


async def redo(
    context: Context, operation_id: UUID, options: Mapping[str, Any], *, once: Once = PLAIN
) -> UUID:
    """Do again what was undone: the undo of the undo. Raises `WrongState`."""
    async with context.apart() as apart:
        if (made := await once.before(apart)) is not None:
            return made
    operation = await stored.get(context, operation_id, others=stored.UNDO_OTHERS)
    if operation.undone_by is None:
        raise WrongState(f"The operation is {operation.state}: there is nothing to do again.")
    return await undo(context, operation.undone_by, {}, options, once=once)


async def _own(context: Context, operation_id: UUID) -> Operation:
    operation = await stored.get(context, operation_id)
    if operation.user_id != context.actor.user_id:
        raise Forbidden("Only who planned an operation can apply it.", permission="")
    return operation
