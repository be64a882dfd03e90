"""Routes of quotes besides those that every noun has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import Request, Response

from cerebro_sdk.schemas.sales.quote_verbs import QuoteAnswer, QuoteDecide, QuoteSent, QuoteView
from cerebro_server.components.sales.records.quotes import quotes as quotes_type
from cerebro_server.components.sales.service import quote_links, quote_pdf, quotes
from cerebro_server.components.sales.service.quote_deciding import Action
from cerebro_server.kernel.crud.parameters import REFERENCE
from cerebro_server.kernel.crud.verbs import perform, verb, written
from cerebro_server.kernel.http.auth import Anybody, Caller, PublicRoute, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag, if_match
from cerebro_server.kernel.http.operations import PUBLIC, json_body, json_reply, operation
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/quotes", tags=["quotes"], route_class=Route)
public_router = Router(prefix=quote_links.PATH, tags=["quotes"], route_class=PublicRoute)
_JSON: Final = "application/json"
_TOKEN: Final = {
    "name": "token",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 200},
    "description": "What the link ends with.",
}
_FILE: Final = {
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


@verb(router, quotes_type, "send", reply=QuoteSent.__name__)
async def send(request: Request, context: Caller) -> Response:
    """Send {a_one}.
    Marks it as sent, after which nothing of it changes, and makes the link that it is accepted or
    declined with; nothing is mailed. Again, it makes a new link, and the one before ends."""
    reference, version = request.path_params["reference"], if_match(request)
    body, version = await quotes.send(context, reference, version=version)
    return Response(body, 200, {"ETag": etag(version)}, _JSON)


@verb(router, quotes_type, "revise", status=201)
async def revise(request: Request, context: Caller) -> Response:
    """Revise {a_one}.
    Makes the next revision of one that was sent, declined or has expired: a draft with the same
    lines and a number of its own. The one before is superseded, and its link ends."""
    reference, version = request.path_params["reference"], if_match(request)
    return written(await quotes.revise(context, reference, version=version), 201)


@verb(router, quotes_type, "accept", body=QuoteDecide)
async def accept(request: Request, context: Caller) -> Response:
    """Enter that {a_one} was accepted.
    Once only, and until its last day. It wins the deal if `wins_deal` says so."""
    return await perform(request, context, QuoteDecide, quotes.accept)


@verb(router, quotes_type, "decline", body=QuoteDecide)
async def decline(request: Request, context: Caller) -> Response:
    """Enter that {a_one} was declined.
    Once only; a new offer is a revision of it."""
    return await perform(request, context, QuoteDecide, quotes.decline)


@operation(
    router,
    "GET",
    "/{reference:path}/pdf",
    "quotes.pdf",
    reply=_FILE,
    refusals=(404, 409, 422),
    needs="quotes:read",
    parameters=[REFERENCE],
)
async def pdf(request: Request, context: Caller) -> Response:
    """Fetch a quote as PDF.
    The same quote is the same file, byte for byte. It has Latin, Greek and Cyrillic letters; other
    scripts are refused."""
    content, name = await quote_pdf.pdf(context, request.path_params["reference"])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, "application/pdf")


@operation(
    public_router,
    "GET",
    "/{token}",
    "quotes.public",
    reply=json_reply(QuoteView.__name__),
    refusals=(404, 410),
    needs=PUBLIC,
    parameters=[_TOKEN],
)
async def public(request: Request, visitor: Anybody) -> Response:
    """Show a quote by its link.
    Nobody has to be signed in. 410 once it has expired or was replaced."""
    link = await quote_links.find(visitor, request.path_params["token"])
    return Response(await quote_links.view(visitor, link), media_type=_JSON)


def _decision(verb: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return operation(
        public_router,
        "POST",
        f"/{{token}}/{verb}",
        f"quotes.public_{verb}",
        reply=json_reply(QuoteView.__name__),
        refusals=(404, 409, 410, 413, 415, 422),
        needs=PUBLIC,
        parameters=[_TOKEN],
        body=json_body(QuoteAnswer.__name__),
    )


@_decision("accept")
async def public_accept(request: Request, visitor: Anybody) -> Response:
    """Accept a quote by its link.
    Once: the same again changes nothing, and 409 says that it was declined."""
    return await _decided(request, visitor, "accept")


@_decision("decline")
async def public_decline(request: Request, visitor: Anybody) -> Response:
    """Decline a quote by its link.
    Once: the same again changes nothing, and 409 says that it was accepted."""
    return await _decided(request, visitor, "decline")


async def _decided(request: Request, visitor: Anybody, action: Action) -> Response:
    said = parse_payload(QuoteAnswer, await read_json(request))
    shown = await quote_links.answer(visitor, request.path_params["token"], action, said)
    return Response(shown, media_type=_JSON)
