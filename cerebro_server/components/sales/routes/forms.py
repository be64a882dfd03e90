"""The route that web forms send leads to; nobody has to be signed in."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from cerebro_sdk.schemas.sales.lead_forms import LeadFormAnswer, LeadFormEntry
from cerebro_server.components.sales.service import forms
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.http.auth import Anybody, PublicRoute
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.operations import PUBLIC, json_body, json_reply, operation
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/forms", tags=["lead_forms"], route_class=PublicRoute)
_PATH: Final = "/{key}/leads"
_KEY: Final = {
    "name": "key",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The key of the form.",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "600",
}


@operation(
    router,
    "POST",
    _PATH,
    "lead_forms.submit",
    reply=json_reply(LeadFormAnswer.__name__),
    refusals=(403, 404, 413, 415, 422),
    needs=PUBLIC,
    status=202,
    parameters=[_KEY],
    body=json_body(LeadFormEntry.__name__),
)
async def submit(request: Request, visitor: Anybody) -> Response:
    """Send a lead from a web form.
    Nobody has to be signed in: the form's key lets anybody add a lead, and nothing else. Pages of
    other origins than the form allows are refused."""
    form = await forms.find(visitor, request.path_params["key"])
    allowed = form.admitted(request.headers.get("origin"))
    try:
        body = await read_json(request)
        await forms.submit(visitor, form, body, referer=request.headers.get("referer"))
    except Problem as error:
        error.headers |= allowed  # or the page could not read what is wrong
        raise
    answer = LeadFormAnswer().model_dump_json()
    return Response(answer, 202, dict(allowed), media_type="application/json")


async def _preflight(request: Request, visitor: Anybody) -> Response:
    """Tell a browser whether a page may send a form."""
    form = await forms.find(visitor, request.path_params["key"])
    allowed = form.admitted(request.headers.get("origin"))
    return Response(status_code=204, headers={**allowed, **_PREFLIGHT})


router.add_api_route(_PATH, _preflight, methods=["OPTIONS"], include_in_schema=False)
