"""list, get, create, update, delete, lock, import, export and history of any record type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from cerebro_sdk.schemas.query import Node, Search
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.crud.files import batch_route, export_route, import_route
from cerebro_server.kernel.crud.history import diff_route, timeline_route
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    REFERENCE,
    CreateQuery,
    GetQuery,
    ListQuery,
    WriteQuery,
)
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http import idempotency
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag, if_match
from cerebro_server.kernel.http.operations import READS, json_body, json_reply
from cerebro_server.kernel.http.parameters import read_parameters
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records import counting, destroying, parts, past, reader, writer
from cerebro_server.kernel.records.validation import (
    create_values,
    parse_payload,
    update_values,
)

_JSON = "application/json"


def routes(record_type: RecordType) -> Router:
    """Return the routes that a record type gets. Replies go out as PostgreSQL wrote them."""
    router = Router(prefix=f"/v1/{record_type.name}", tags=[record_type.name], route_class=Route)
    for verb, add in _VERBS.items():
        if verb in record_type.noun.verbs:
            add(router, record_type)
    return router


def _list(router: APIRouter, record_type: RecordType) -> None:
    reply = json_reply(f"{record_type.wire.__name__}Page")

    @of_noun(router, record_type, "GET", "", "list", reply=reply, refusals=(422,), query=ListQuery)
    async def list_records(request: Request, context: Caller) -> Response:
        """List {many}.
        A page at a time, in a stable order; follow `next_cursor` until it is null."""
        return await page(context, record_type, read_parameters(request, ListQuery))


def _search(router: APIRouter, record_type: RecordType) -> None:
    reply = json_reply(f"{record_type.wire.__name__}Page")

    @of_noun(
        router,
        record_type,
        "POST",
        "/search",
        "search",
        reply=reply,
        refusals=(413, 415, 422),
        body=json_body(Search.__name__),
        no_dry_run=READS,
    )
    async def search_records(request: Request, context: Caller) -> Response:
        """List {many} by a filter that is a tree.
        The same as the list with `where`, for programs that put filters together: the tree is what
        the text is parsed to."""
        return await page(context, record_type, parse_payload(Search, await read_json(request)))


async def page(
    context: Context,
    record_type: RecordType,
    asked: ListQuery | Search,
    *,
    where: Node | None = None,
) -> Response:
    """Answer with a page of a list; `where` stands for the filter that is asked for, if given."""
    selection = reader.Selection(where or asked.where, asked.sort, asked.deleted)
    if asked.as_of is not None:
        found = await past.page(
            context,
            record_type,
            selection,
            as_of=asked.as_of,
            limit=asked.limit,
            cursor=asked.cursor,
            count=asked.count,
        )
        return Response(found, media_type=_JSON)
    found = await reader.page(
        context, record_type, selection, limit=asked.limit, cursor=asked.cursor
    )
    if asked.count is not None:
        found = await counting.counted(found, context, record_type, selection, how=asked.count)
    return Response(found, media_type=_JSON)


def _create(router: APIRouter, record_type: RecordType) -> None:
    @of_noun(
        router,
        record_type,
        "POST",
        "",
        "create",
        reply=_reply(record_type),
        refusals=(409, 413, 415, 422),
        status=201,
        parameters=[IDEMPOTENCY_KEY],
        query=_create_query(record_type),
        body=json_body(_named(record_type.create)),
    )
    async def create_record(request: Request, context: Caller) -> Response:
        """Create {a_one}.
        With an Idempotency-Key it can be sent again without harm, for a day."""
        key, asked = idempotency.key_of(request), _create_asked(request, record_type)
        body = await read_json(request)
        values = create_values(context.seen(record_type), body)
        with_it = None
        if key is not None:
            claim = await idempotency.claim(context, f"{record_type.name}.create", key, body)
            if isinstance(claim, Response):
                return claim
            with_it = partial(_kept, claim, context.seen(record_type))
        written = await writer.create(
            context,
            record_type,
            values,
            with_it=with_it,
            last=True,
            allow_duplicates=asked.allow_duplicates,
            allow_invalid=asked.allow_invalid,
        )
        return Response(written.json, 201, _created(record_type, written.id))


def _created(record_type: RecordType, record_id: UUID) -> dict[str, str]:
    location = f"/v1/{record_type.name}/{record_id}"
    return {"content-type": _JSON, "etag": etag(1), "location": location}


def _kept(claim: idempotency.Claim, record_type: RecordType, record_id: UUID) -> Sql:
    headers = _created(record_type, record_id)
    body = reader.wire_of(record_type, record_id)
    return idempotency.keeping(claim, status=201, headers=headers, body=body)


def _get(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(router, record_type, "GET", "get", refusals=(404, 409, 422), query=GetQuery)
    async def get_record(request: Request, context: Caller) -> Response:
        """Get {a_one}.
        A deleted one is not found, unless `deleted=include`."""
        query = read_parameters(request, GetQuery)
        reference, too = request.path_params["reference"], query.deleted == "include"
        if query.as_of is None:
            return _record(await reader.get(context, record_type, reference, deleted_too=too))
        return _record(
            await past.get(context, record_type, reference, as_of=query.as_of, deleted_too=too)
        )


def _update(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(
        router,
        record_type,
        "PATCH",
        "update",
        refusals=(404, 409, 412, 413, 415, 422),
        body=json_body(_named(record_type.update)),
        parameters=[IF_MATCH],
        query=_write_query(record_type),
    )
    async def update_record(request: Request, context: Caller) -> Response:
        """Change {a_one}.
        Fields that are left out stay; null empties a field. Equal values change nothing, not even
        the version."""
        body = await read_json(request)
        values = update_values(context.seen(record_type), body)
        reference, version = request.path_params["reference"], if_match(request)
        lenient = _allows_invalid(request, record_type)
        written = await writer.update(
            context, record_type, reference, values, version=version, allow_invalid=lenient
        )
        return _record(written)


def _delete(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(
        router,
        record_type,
        "DELETE",
        "delete",
        refusals=(404, 409, 412, 422),
        parameters=[IF_MATCH],
    )
    async def delete_record(request: Request, context: Caller) -> Response:
        """Delete {a_one}.
        It can be restored; until then its natural keys and external ids are free for others."""
        reference, version = request.path_params["reference"], if_match(request)
        return _record(await writer.delete(context, record_type, reference, version=version))


def _restore(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(router, record_type, "POST", "restore", refusals=(404, 409, 422), path="/restore")
    async def restore_record(request: Request, context: Caller) -> Response:
        """Bring a deleted {one} back.
        Refused with 409 while another record has one of its keys."""
        return _record(await writer.restore(context, record_type, request.path_params["reference"]))


def _destroy(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(router, record_type, "POST", "destroy", refusals=(404, 409, 422), path="/destroy")
    async def destroy_record(request: Request, context: Caller) -> Response:
        """Destroy a deleted {one}.
        It is removed for good, with its links; the journal keeps what it was."""
        reference = request.path_params["reference"]
        return _record(await destroying.destroy(context, record_type, reference))


def _lock(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(
        router,
        record_type,
        "POST",
        "lock",
        path="/lock",
        refusals=(404, 409, 412, 422),
        parameters=[IF_MATCH],
    )
    async def lock_record(request: Request, context: Caller) -> Response:
        """Lock {a_one}.
        Until it is unlocked, updates, deletes and imports of it are refused with 409
        `record_locked`; locked once more, it stays as it is."""
        reference, version = request.path_params["reference"], if_match(request)
        return _record(await writer.lock(context, record_type, reference, version=version))


def _unlock(router: APIRouter, record_type: RecordType) -> None:
    @_of_record(
        router,
        record_type,
        "POST",
        "unlock",
        path="/unlock",
        refusals=(404, 409, 412, 422),
        parameters=[IF_MATCH],
    )
    async def unlock_record(request: Request, context: Caller) -> Response:
        """Unlock {a_one}.
        It can be changed again; one that is not locked stays as it is."""
        reference, version = request.path_params["reference"], if_match(request)
        return _record(await writer.unlock(context, record_type, reference, version=version))


def _create_query(record_type: RecordType) -> type[WriteQuery] | None:
    return CreateQuery if record_type.duplicates else _write_query(record_type)


def _create_asked(request: Request, record_type: RecordType) -> CreateQuery:
    """Return what is allowed of a new record; what its type does not check is."""
    query = _create_query(record_type)
    said = read_parameters(request, query).model_dump() if query else {}
    return CreateQuery(**{"allow_duplicates": record_type.duplicates is None, **said})


def _write_query(record_type: RecordType) -> type[WriteQuery] | None:
    return WriteQuery if parts.takes_phones(record_type) else None


def _allows_invalid(request: Request, record_type: RecordType) -> bool:
    query = _write_query(record_type)
    return query is not None and read_parameters(request, query).allow_invalid


def _of_record(
    router: APIRouter,
    record_type: RecordType,
    method: str,
    verb: str,
    *,
    path: str = "",
    parameters: Any = (),
    **described: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an operation on one record, which a reference in the path names."""
    return of_noun(
        router,
        record_type,
        method,
        f"/{{reference:path}}{path}",
        verb,
        reply=_reply(record_type),
        parameters=[REFERENCE, *parameters],
        **described,
    )


def _reply(record_type: RecordType) -> dict[str, Any]:
    return json_reply(record_type.wire.__name__, etag=True)


def _record(written: writer.Written) -> Response:
    return Response(written.json, 200, {"ETag": etag(written.version)}, _JSON)


def _named(schema: type[BaseModel] | None) -> str:
    if schema is None:
        raise TypeError("a noun with this operation needs a schema for its payload")
    return schema.__name__


def _import(router: APIRouter, record_type: RecordType) -> None:
    import_route(router, record_type)
    if record_type.is_bulk:
        batch_route(router, record_type)


_VERBS: dict[str, Callable[[APIRouter, RecordType], None]] = {
    "list": _list,
    "search": _search,
    "create": _create,
    "import": _import,
    "export": export_route,
    "timeline": timeline_route,  # before `get`, whose reference may hold slashes
    "diff": diff_route,
    "get": _get,
    "update": _update,
    "delete": _delete,
    "restore": _restore,
    "destroy": _destroy,
    "lock": _lock,
    "unlock": _unlock,
}
