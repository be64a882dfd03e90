"""Verbs of a noun's own on one of its records: `POST /v1/deals/{reference}/win`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import IF_MATCH, REFERENCE
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag, if_match
from cerebro_server.kernel.http.operations import json_body, json_reply
from cerebro_server.kernel.records.validation import parse_payload
from cerebro_server.kernel.records.writer import Written

P = TypeVar("P", bound=BaseModel)


def verb(
    router: APIRouter,
    record_type: RecordType,
    name: str,
    *,
    body: type[BaseModel] | None = None,
    reply: str | None = None,
    status: int = 200,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a verb on one record, which takes a body that may be left out, or none, and answers
    with the record unless another schema is named."""
    sent = {} if body is None else {"body": {**json_body(body.__name__), "required": False}}
    return of_noun(
        router,
        record_type,
        "POST",
        f"/{{reference:path}}/{name}",
        name,
        reply=json_reply(reply or record_type.wire.__name__, etag=True),
        refusals=(404, 409, 412, 413, 415, 422),
        parameters=[REFERENCE, IF_MATCH],
        status=status,
        **sent,
    )


async def perform(
    request: Request,
    context: Context,
    schema: type[P],
    act: Callable[..., Awaitable[Written]],
) -> Response:
    """Let a service act on the record that the path names, as the body says; answer with it."""
    said = parse_payload(schema, await read_json(request) or b"{}")
    reference, version = request.path_params["reference"], if_match(request)
    return written(await act(context, reference, said, version=version))


def written(done: Written, status: int = 200) -> Response:
    """Answer with a record that was written."""
    return Response(done.json, status, {"ETag": etag(done.version)}, "application/json")
