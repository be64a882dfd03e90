"""Routes of keys besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_sdk.schemas.identity.keys import KeyCreate
from cerebro_server.components.identity import records
from cerebro_server.components.identity.service import issuing
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import IDEMPOTENCY_KEY, REFERENCE
from cerebro_server.kernel.http import idempotency
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag
from cerebro_server.kernel.http.operations import json_body, json_reply
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/keys", tags=["keys"], route_class=Route)


@of_noun(
    router,
    records.keys,
    "POST",
    "",
    "create",
    reply=json_reply("NewKey", etag=True),
    refusals=(409, 413, 415, 422),
    status=201,
    parameters=[IDEMPOTENCY_KEY],
    body=json_body("KeyCreate"),
)
async def create(request: Request, context: Caller) -> Response:
    """Make {a_one} of one's own.
    The reply shows the whole key, this once. Sent again with the same Idempotency-Key it is
    refused with 409 and names the key that was made. Scopes narrow what its user may do, and never
    widen it."""
    key = idempotency.key_of(request)
    body = await read_json(request)
    wanted = parse_payload(KeyCreate, body)
    claimed = None if key is None else issuing.Claimed(key, body)
    made = await issuing.create(context, wanted, claimed)
    headers = {"ETag": etag(made.version), "Location": f"/v1/keys/{made.id}"}
    return Response(made.model_dump_json(), 201, headers, "application/json")


@of_noun(
    router,
    records.keys,
    "POST",
    "/{reference:path}/revoke",
    "revoke",
    reply=json_reply("Key", etag=True),
    refusals=(404, 409),
    parameters=[REFERENCE],
)
async def revoke(request: Request, context: Caller) -> Response:
    """End {a_one} for good.
    It stops working within a second, and nothing brings it back."""
    done = await issuing.revoke(context, request.path_params["reference"])
    return Response(done.json, 200, {"ETag": etag(done.version)}, "application/json")
