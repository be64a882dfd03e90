"""Operations: plan, apply, undo; the kernel's engine, with the wire's words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cerebro_sdk.schemas.workspace.operations import OperationCreate, OperationUndo, Undo
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import NotFound, WrongState
from cerebro_server.kernel.records.operations import (
    engine,
    errors_files,
    files,
    recovering,
    shown,
    stored,
)
from cerebro_server.kernel.records.operations.planning import Begin
from cerebro_server.kernel.records.operations.repeating import Once
from cerebro_server.kernel.records.references import named


async def create(context: Context, asked: OperationCreate, once: Once) -> bytes:
    """Plan an operation; return it. Raises what is wrong with its input."""
    options = asked.options.model_dump()
    made = await engine.create(context, asked.kind, asked.input, options, once=once)
    return await get(context, made)


async def find(context: Context, reference: str) -> UUID:
    """Return the operation that an id, or the end of one, means. Raises `NotFound`."""
    return await stored.find(context, reference)


async def page(
    context: Context,
    *,
    state: str | None,
    kind: str | None,
    record: str | None,
    cursor: str | None,
    limit: int,
) -> bytes:
    """Return a page of operations that the caller may see, newest first; `record` leaves those that
    touched one. Raises `Invalid`, `NotFound`."""
    touched = None
    if record is not None:
        record_type, record_id = await named(context, record)
        touched = (record_type.name, record_id)
    return await shown.page(
        context, state=state, kind=kind, touched=touched, cursor=cursor, limit=limit
    )


async def get(context: Context, operation_id: UUID) -> bytes:
    """Return an operation with a sample of its plan. Raises `NotFound`."""
    return await shown.one(context, await stored.get(context, operation_id))


async def rows(
    context: Context, operation_id: UUID, *, problems: bool, cursor: str | None, limit: int
) -> bytes:
    """Return a page of the rows of a plan, or of those that something is amiss with."""
    operation = await stored.get(context, operation_id)
    return await shown.rows_of(context, operation, problems=problems, cursor=cursor, limit=limit)


async def errors_file(context: Context, operation_id: UUID, file: str | None) -> tuple[bytes, str]:
    """Return the refused rows of an import in the shape of its file, and what that is; of a dump
    `file` says which."""
    operation = await stored.get(context, operation_id)
    if operation.kind.rpartition(".")[2] != files.DUMP:
        raise WrongState(f"{operation.kind} has no file; its errors are listed as JSON.")
    if operation.user_id != context.actor.user_id:
        raise NotFound("The file is there for whoever imported it alone.")
    return await errors_files.errors_of(context, operation, file)


async def apply(context: Context, operation_id: UUID, once: Once, *, on_drift: str) -> bytes:
    """Apply a plan. Raises `PlanDrifted`, `WrongState`."""
    await engine.apply(context, operation_id, on_drift=on_drift, once=once)
    return await get(context, operation_id)


async def undo(context: Context, operation_id: UUID, asked: OperationUndo, once: Once) -> bytes:
    """Plan to take an operation back; return the undo. Raises `WrongState`."""
    said: dict[str, Any] = asked.model_dump(exclude={"yes"}, exclude_defaults=True)
    made = await engine.undo(context, operation_id, said, {"yes": asked.yes}, once=once)
    return await get(context, made)


async def take_back(context: Context, asked: Undo, once: Once) -> bytes:
    """Plan to take anything back; return the undo. Raises `NotFound`, `Forbidden`, `WrongState`."""
    said: dict[str, Any] = asked.model_dump(exclude={"what", "yes"}, exclude_defaults=True)
    options = {"yes": asked.yes}
    return await get(context, await engine.take_back(context, asked.what, said, options, once=once))


async def redo(context: Context, operation_id: UUID, once: Once, *, yes: bool) -> bytes:
    """Plan to do again what was undone; return that operation. Raises `WrongState`."""
    return await get(context, await engine.redo(context, operation_id, {"yes": yes}, once=once))


async def cancel(context: Context, operation_id: UUID, once: Once) -> bytes:
    """Stop an operation. Raises `WrongState`."""
    await engine.cancel(context, operation_id, once=once)
    return await get(context, operation_id)


async def resume(context: Context, operation_id: UUID, once: Once) -> bytes:
    """Go on with an operation. Raises `WrongState`."""
    await engine.resume(context, operation_id, once=once)
    return await get(context, operation_id)


async def advance(begin: Begin, operation_id: UUID) -> None:
    """Plan or apply what is next of an operation, for the job that does it."""
    await engine.advance(begin, operation_id)


async def has_failed(begin: Begin, operation_id: UUID) -> bool:
    """Whether what went wrong stands in the operation."""
    async with begin() as context:
        return (await stored.get(context, operation_id)).state == "failed"


async def take_over(context: Context) -> None:
    """Ask for jobs, in the names of who made them, for operations that nobody is at."""
    await recovering.take_over(context)
