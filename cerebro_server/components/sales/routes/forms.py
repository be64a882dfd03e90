"""Routes of lead forms: where web forms send leads to, for everybody, and the HTML of one."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from cerebro_sdk.schemas.sales.lead_forms import LeadFormAnswer, LeadFormEntry, LeadFormSnippet
from cerebro_server.components.sales.records.leads import lead_forms
from cerebro_server.components.sales.service import form_html, forms
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import REFERENCE
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.http import pages
from cerebro_server.kernel.http.auth import Anybody, Caller, Route, Visitor
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.forms import FORMS, is_form, read_form
from cerebro_server.kernel.http.operations import PUBLIC, json_body, json_reply, operation
from cerebro_server.kernel.http.routing import Router

router = Router(
    prefix=form_html.PATH, tags=["lead_forms"], route_class=pages.shown(form_html.LABELS)
)
own_router = Router(prefix="/v1/lead_forms", tags=["lead_forms"], route_class=Route)
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


_THANKS: Final = "Thank you"
_ARRIVED: Final = "It has arrived."
_HTML: Final = {pages.MEDIA_TYPE: {"schema": {"type": "string"}}}
_REPLY: Final = {"content": {**json_reply(LeadFormAnswer.__name__)["content"], **_HTML}}
_LED_ON: Final = {
    "description": "Done: a browser that sent a plain form is led to the form's `thanks_url`.",
    "headers": {"Location": {"description": "That page.", "schema": {"type": "string"}}},
}
_BODY: Final = json_body(LeadFormEntry.__name__)
_BODIES: Final = {
    **_BODY,
    "content": {
        **_BODY["content"],
        **{
            kind: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
            for kind in FORMS
        },
    },
}


@operation(
    router,
    "POST",
    _PATH,
    "lead_forms.submit",
    reply=_REPLY,
    refusals=(403, 404, 413, 415, 422),
    needs=PUBLIC,
    status=202,
    parameters=[_KEY],
    body=_BODIES,
    others={303: _LED_ON},
    also=_HTML,
)
async def submit(request: Request, visitor: Anybody) -> Response:
    """Send a lead from a web form.
    Nobody has to be signed in: the form's key lets anybody add a lead, and nothing else. Pages of
    other origins than the form allows are refused. A plain HTML form works as well: its answer, and
    what is wrong with it, is a page, or the form's `thanks_url`."""
    if is_form(request):
        return await _filled_in(request, visitor)
    form = await forms.find(visitor, request.path_params["key"])
    allowed = form.admitted(request.headers.get("origin"))
    try:
        forms.count(visitor, form)
        body = await read_json(request)
        await forms.submit(visitor, form, body, referer=request.headers.get("referer"))
    except Problem as error:
        error.headers |= allowed  # or the page could not read what is wrong
        raise
    answer = LeadFormAnswer().model_dump_json()
    return Response(answer, 202, dict(allowed), media_type="application/json")


async def _filled_in(request: Request, visitor: Visitor) -> Response:
    """Take what a browser sends by itself, and lead it on."""
    form = await forms.find(visitor, request.path_params["key"])
    referer = request.headers.get("referer")
    form.admitted(request.headers.get("origin") or _origin_of(referer))
    forms.count(visitor, form)
    await forms.submit_fields(visitor, form, await read_form(request), referer=referer)
    if form.thanks_url is not None:
        where = quote(form.thanks_url, safe=":/?#[]@!$&'()*+,;=%~")
        return Response(status_code=303, headers={"Location": where})
    title, *lines = (form.thanks or f"{_THANKS}\n{_ARRIVED}").splitlines()
    return pages.page(title, [line for line in lines if line.strip()], status=202)


def _origin_of(referer: str | None) -> str | None:
    """Return the origin of the page that a browser names; of an address that is none, `null`."""
    if not referer:
        return None
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "null"


@of_noun(
    own_router,
    lead_forms,
    "GET",
    "/{reference:path}/snippet",
    "snippet",
    reply=json_reply(LeadFormSnippet.__name__),
    refusals=(404, 409),
    parameters=[REFERENCE],
)
async def snippet(request: Request, context: Caller) -> Response:
    """Show {a_one} as HTML.
    It works without a script: paste it into a page of the form's `allowed_origins`."""
    found = await form_html.snippet(context, request.path_params["reference"])
    return Response(found.model_dump_json(), media_type="application/json")


async def _preflight(request: Request, visitor: Anybody) -> Response:
    """Tell a browser whether a page may send a form."""
    form = await forms.find(visitor, request.path_params["key"])
    allowed = form.admitted(request.headers.get("origin"))
    return Response(status_code=204, headers={**allowed, **_PREFLIGHT})


router.add_api_route(_PATH, _preflight, methods=["OPTIONS"], include_in_schema=False)
