"""Routes of duplicates: what scans found, what becomes of it, and the rules.

A scan is an operation of kind `contacts.find_duplicates`, and a merge one of `contacts.merge`.
"""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response
from pydantic import Field

from cerebro_sdk.schemas.workspace.duplicates import DuplicateRules
from cerebro_server.components.workspace.service import duplicates
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.operations import SIGNED_IN, json_body, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.matching.pairs import Asked
from cerebro_server.kernel.records.matching.rules import CONFIGURE

router = Router(prefix="/v1/duplicates", tags=["duplicates"], route_class=Route)
_JSON = "application/json"
_PAIR = json_reply("DuplicatePair")
_RULES = json_reply("DuplicateRuleSet")


def _named(name: str, description: str) -> dict[str, object]:
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": description,
    }


_NOUN = [_named("noun", "Of which noun: `contacts`.")]
_ONE = [*_NOUN, _named("pair_id", "The pair's id, or the last 6 or more characters of it.")]


class DuplicatesQuery(Parameters):
    """Which pairs."""

    state: Literal["open", "dismissed", "merged"] = Field(
        default="open", description="Those to be looked at, dismissed, or merged."
    )
    min_score: float | None = Field(default=None, ge=0, le=1, description="Of at least this score.")
    max_score: float | None = Field(default=None, ge=0, le=1, description="Of at most this score.")
    sample: int | None = Field(
        default=None,
        ge=1,
        le=500,
        description="So many of them by chance, to judge how good the rules are.",
    )
    limit: int = Limit
    cursor: str | None = Cursor


@operation(
    router,
    "GET",
    "/{noun}",
    "duplicates.list",
    reply=json_reply("DuplicatePairPage"),
    refusals=(404, 422),
    needs=SIGNED_IN,
    parameters=_NOUN,
    query=DuplicatesQuery,
)
async def list_duplicates(request: Request, context: Caller) -> Response:
    """List pairs of records that are probably one.
    What the last scans found, the surest first: the pairs of which you may read both records. A
    scan is an operation of kind `contacts.find_duplicates`."""
    query = read_parameters(request, DuplicatesQuery)
    asked = Asked(query.state, query.min_score, query.max_score, query.sample)
    page = await duplicates.page(
        context, request.path_params["noun"], asked, cursor=query.cursor, limit=query.limit
    )
    return Response(page, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{noun}/rules",
    "duplicates.rules",
    reply=_RULES,
    refusals=(404, 422),
    needs=SIGNED_IN,
    parameters=_NOUN,
)
async def get_rules(request: Request, context: Caller) -> Response:
    """Get the rules by which duplicates are found.
    Those that come with Cerebro, unless the workspace has its own."""
    return _reply(await duplicates.get_rules(context, request.path_params["noun"]))


@operation(
    router,
    "PUT",
    "/{noun}/rules",
    "duplicates.set_rules",
    reply=_RULES,
    refusals=(404, 413, 415, 422),
    needs=CONFIGURE,
    parameters=_NOUN,
    body=json_body(DuplicateRules.__name__),
)
async def set_rules(request: Request, context: Caller) -> Response:
    """Set the rules by which duplicates are found.
    The whole of them; the next scan goes by them. An error names the rule that it is about."""
    body = await read_json(request)
    return _reply(await duplicates.set_rules(context, request.path_params["noun"], body))


@operation(
    router,
    "DELETE",
    "/{noun}/rules",
    "duplicates.reset_rules",
    reply=_RULES,
    refusals=(404, 422),
    needs=CONFIGURE,
    parameters=_NOUN,
)
async def reset_rules(request: Request, context: Caller) -> Response:
    """Go back to the rules that come with Cerebro.
    The next scan goes by them."""
    return _reply(await duplicates.reset_rules(context, request.path_params["noun"]))


@operation(
    router,
    "GET",
    "/{noun}/{pair_id}",
    "duplicates.get",
    reply=_PAIR,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ONE,
)
async def get_duplicate(request: Request, context: Caller) -> Response:
    """Get a pair with both records side by side.
    Each field that either of them has, and whether it is the same."""
    return _reply(await duplicates.get(context, *_asked(request)))


@operation(
    router,
    "POST",
    "/{noun}/{pair_id}/dismiss",
    "duplicates.dismiss",
    reply=_PAIR,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ONE,
)
async def dismiss_duplicate(request: Request, context: Caller) -> Response:
    """Say that a pair is no duplicate.
    Later scans keep that. It needs the right to change both records."""
    return _reply(await duplicates.dismiss(context, *_asked(request)))


@operation(
    router,
    "POST",
    "/{noun}/{pair_id}/reopen",
    "duplicates.reopen",
    reply=_PAIR,
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    parameters=_ONE,
)
async def reopen_duplicate(request: Request, context: Caller) -> Response:
    """Take back that a pair was dismissed.
    It is there to be looked at again. It needs the right to change both records."""
    return _reply(await duplicates.reopen(context, *_asked(request)))


def _asked(request: Request) -> tuple[str, str]:
    return request.path_params["noun"], request.path_params["pair_id"]


def _reply(body: bytes) -> Response:
    return Response(body, media_type=_JSON)
