"""Jobs of the workspace component."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.components.workspace.service import exporting, indexing, operations, tidying
from cerebro_server.components.workspace.service.indexing import Busy, Taken
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.worker import Dead, Retry, Work

_BUSY_SECONDS = 5.0


async def operation(work: Work) -> None:
    """Plan or apply an operation, a chunk a transaction; it goes on after the last one that is
    there. What is wrong with it stands in the operation."""
    operation_id = UUID(work.payload["operation_id"])
    try:
        await operations.advance(work.transaction, operation_id)
    except Problem:
        if not await operations.has_failed(work.transaction, operation_id):
            raise  # it is not written down: another try goes on from here


async def export(work: Work) -> None:
    """Write an export, from the beginning. What is wrong with it stands in the export."""
    await exporting.run(work.transaction, UUID(work.payload["export_id"]))


async def operations_left(work: Work) -> None:
    """Go on with operations that a server began within a request, and did not live to end."""
    async with work.finishing() as context:
        await operations.take_over(context)


async def tidy(work: Work) -> None:
    """Delete what has expired, in short transactions."""
    has_more = True
    while has_more:
        async with work.transaction() as context:
            has_more = await tidying.tidy(context)


async def ddl(work: Work) -> None:
    """Bring the indexes of a custom field in line with its definition.

    It may run any number of times: it looks at what is wanted and what is there.
    """
    path = work.payload["path"]
    record_type = work.site.catalog[path.partition(".")[0]]
    field = await indexing.wanted(work.site.database, work.workspace, path)
    try:
        await indexing.bring_about(
            work.site.settings, work.workspace, path, record_type.table_name, field
        )
    except Busy as error:
        raise Retry(_BUSY_SECONDS, str(error)) from error
    except Taken as error:
        async with work.transaction() as context:
            if field is not None:
                await indexing.note(context, field, "invalid", str(error))
        raise Dead(str(error)) from error
    async with work.finishing() as context:
        if field is not None:
            await indexing.note(context, field, "ready" if field.indexes else None, None)
