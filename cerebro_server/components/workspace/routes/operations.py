"""Routes of operations: plan, apply, undo."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from cerebro_sdk.schemas.workspace.operations import (
    OperationApply,
    OperationCreate,
    OperationRedo,
    OperationUndo,
    Undo,
)
from cerebro_server.components.workspace.service import operations
from cerebro_server.kernel.crud.parameters import IDEMPOTENCY_KEY, Cursor, Limit
from cerebro_server.kernel.crud.repeating import Keyed, once_of
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.operations import SIGNED_IN, json_body, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.operations.repeating import Once
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/operations", tags=["operations"], route_class=Route)
_NO_DRY_RUN = "An operation is tried by its plan: ask for it without `yes`."
undo_router = Router(prefix="/v1/undo", tags=["operations"], route_class=Route)
_JSON = "application/json"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "vcf": "text/vcard; charset=utf-8",
}
_ONE = json_reply("Operation")
_ID = [
    {
        "name": "operation_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
        "description": "The operation's id, or the last 6 or more characters of it.",
    }
]
_ANSWER = 202


class OperationsQuery(Parameters):
    """Which operations."""

    state: str | None = Field(default=None, max_length=20, description="In this state: `planned`.")
    kind: str | None = Field(
        default=None, max_length=100, description="Of this kind: `contacts.update`."
    )
    record: str | None = Field(
        default=None,
        max_length=300,
        description="That changed this record, or merged others into it: `contacts/ada@x.example`.",
    )
    limit: int = Limit
    cursor: str | None = Cursor


class RowsQuery(Parameters):
    """A page of rows."""

    limit: int = Limit
    cursor: str | None = Cursor


class FileQuery(Parameters):
    """Which file of several."""

    file: str | None = Field(
        default=None, max_length=255, description="Of an import of several files, the file's name."
    )


@operation(
    router,
    "POST",
    "",
    "operations.create",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[IDEMPOTENCY_KEY],
    body=json_body(OperationCreate.__name__),
)
async def create_operation(request: Request, context: Caller) -> Response:
    """Plan an operation.
    It needs the permission `<noun>:bulk` and that of what it does; a merge, `<noun>:update` and
    `<noun>:delete`; an import, `<noun>:import` and what it does, for every noun in it. Up to 500
    rows are planned, and with option `yes` applied, when the reply comes; a worker does more.
    Nothing but the plan is written before it is applied."""
    body = await read_json(request)
    asked, once = parse_payload(OperationCreate, body), _once(request, "create", body)
    return _done(await operations.create(context, asked, once), once)


@operation(
    router,
    "GET",
    "",
    "operations.list",
    reply=json_reply("OperationPage"),
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    query=OperationsQuery,
)
async def list_operations(request: Request, context: Caller) -> Response:
    """List operations.
    Newest first: your own, and with the permission `operations:read` everybody's."""
    query = read_parameters(request, OperationsQuery)
    page = await operations.page(
        context,
        state=query.state,
        kind=query.kind,
        record=query.record,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Response(page, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{operation_id}",
    "operations.get",
    reply=_ONE,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ID,
)
async def get_operation(request: Request, context: Caller) -> Response:
    """Get an operation.
    With counts, the fields that change, and a sample of what it does."""
    return Response(await operations.get(context, await _asked(request, context)), media_type=_JSON)


@operation(
    router,
    "GET",
    "/{operation_id}/plan",
    "operations.plan",
    reply=json_reply("OperationRowPage"),
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ID,
    query=RowsQuery,
)
async def plan_of_operation(request: Request, context: Caller) -> Response:
    """List the rows of a plan.
    In the order in which they are applied, each with its differences."""
    query = read_parameters(request, RowsQuery)
    page = await operations.rows(
        context,
        await _asked(request, context),
        problems=False,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Response(page, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{operation_id}/errors",
    "operations.errors",
    reply=json_reply("OperationRowPage"),
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ID,
    query=RowsQuery,
)
async def errors_of_operation(request: Request, context: Caller) -> Response:
    """List what is wrong with a plan.
    Rows that do nothing because something is wrong with them, and rows that were left when their
    turn came."""
    query = read_parameters(request, RowsQuery)
    page = await operations.rows(
        context,
        await _asked(request, context),
        problems=True,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Response(page, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{operation_id}/errors-file",
    "operations.errors_file",
    reply={
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
            "text/vcard": {"schema": {"type": "string"}},
        }
    },
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ID,
    query=FileQuery,
)
async def errors_file_of_operation(request: Request, context: Caller) -> Response:
    """Get the rows of an import that were refused, as a file.
    In the shape of the file that was imported, with a last column that says why: mend it, and
    import it again."""
    query = read_parameters(request, FileQuery)
    operation_id = await _asked(request, context)
    content, kind = await operations.errors_file(context, operation_id, query.file)
    media_type = _TYPES[kind]
    headers = {"Content-Disposition": f'attachment; filename="errors.{kind}"'}
    return Response(content, media_type=media_type, headers=headers)


@operation(
    router,
    "POST",
    "/{operation_id}/apply",
    "operations.apply",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[*_ID, IDEMPOTENCY_KEY],
    body=json_body(OperationApply.__name__),
)
async def apply_operation(request: Request, context: Caller) -> Response:
    """Apply a plan.
    Refused with 409 `plan_drifted` if what it is about has changed since. A record that changes
    while it is applied is left and reported, never overwritten."""
    body = await read_json(request)
    asked, operation_id = parse_payload(OperationApply, body), await _asked(request, context)
    once = _once(request, f"apply/{operation_id}", body)
    found = await operations.apply(context, operation_id, once, on_drift=asked.on_drift)
    return _done(found, once)


@operation(
    router,
    "POST",
    "/{operation_id}/undo",
    "operations.undo",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[*_ID, IDEMPOTENCY_KEY],
    body=json_body(OperationUndo.__name__),
)
async def undo_operation(request: Request, context: Caller) -> Response:
    """Plan to take an operation back.
    The reply is an operation of its own. What has been changed since is left and reported with
    both values; so are keys that others have by now, and records that others name."""
    body = await read_json(request)
    asked, operation_id = parse_payload(OperationUndo, body), await _asked(request, context)
    once = _once(request, f"undo/{operation_id}", body)
    return _done(await operations.undo(context, operation_id, asked, once), once)


@operation(
    router,
    "POST",
    "/{operation_id}/redo",
    "operations.redo",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[*_ID, IDEMPOTENCY_KEY],
    body=json_body(OperationRedo.__name__),
)
async def redo_operation(request: Request, context: Caller) -> Response:
    """Plan to do again what was undone.
    The reply is an operation of its own: the undo of the undo. Records come back with their ids."""
    body = await read_json(request)
    asked, operation_id = parse_payload(OperationRedo, body), await _asked(request, context)
    once = _once(request, f"redo/{operation_id}", body)
    return _done(await operations.redo(context, operation_id, once, yes=asked.yes), once)


@operation(
    router,
    "POST",
    "/{operation_id}/cancel",
    "operations.cancel",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=[*_ID, IDEMPOTENCY_KEY],
)
async def cancel_operation(request: Request, context: Caller) -> Response:
    """Stop an operation.
    After the rows that are being written; what is done stays, can be taken back, and the rest can
    be resumed."""
    operation_id = await _asked(request, context)
    once = _once(request, f"cancel/{operation_id}")
    return _done(await operations.cancel(context, operation_id, once), once)


@operation(
    router,
    "POST",
    "/{operation_id}/resume",
    "operations.resume",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=[*_ID, IDEMPOTENCY_KEY],
)
async def resume_operation(request: Request, context: Caller) -> Response:
    """Go on with an operation that was cancelled, or failed.
    From the first row that was not written."""
    operation_id = await _asked(request, context)
    once = _once(request, f"resume/{operation_id}")
    return _done(await operations.resume(context, operation_id, once), once)


@operation(
    undo_router,
    "POST",
    "",
    "operations.take_back",
    no_dry_run=_NO_DRY_RUN,
    reply=_ONE,
    status=_ANSWER,
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[IDEMPOTENCY_KEY],
    body=json_body(Undo.__name__),
)
async def undo_anything(request: Request, context: Caller) -> Response:
    """Plan to take back anything that was done.
    An operation, a single change, the last change of a record, or, if nothing is said, the last
    thing that you did. The reply is an operation: the undo. It needs what each of its rows does, on
    each record; for what others did, the permission `operations:undo`."""
    body = await read_json(request)
    asked, once = parse_payload(Undo, body), _once(request, "take_back", body)
    return _done(await operations.take_back(context, asked, once), once)


async def _asked(request: Request, context: Caller) -> UUID:
    """Return the id that the path means."""
    return await operations.find(context, request.path_params["operation_id"])


def _once(request: Request, what: str, body: bytes = b"") -> Once:
    return once_of(request, f"operations.{what}", body)


def _done(body: bytes, once: Once) -> Response:
    is_repeated = isinstance(once, Keyed) and once.is_repeated
    headers = {"Idempotent-Replayed": "true"} if is_repeated else None
    return Response(body, _ANSWER, headers, _JSON)
