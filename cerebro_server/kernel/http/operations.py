"""Registering an operation: its route, and all that OpenAPI says of it, in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Response

from cerebro_server.kernel.http.parameters import DryRunQuery, Parameters, described

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

PUBLIC = "public"
"""For everybody, signed in or not: signing in itself."""
SIGNED_IN = "signed in"
"""For whoever is signed in, whatever their roles: what concerns oneself."""
NEEDS = "x-permission"
"""Where the document says what an operation needs; `Route` goes by the same."""
DRY_RUN_HEADER = "Cerebro-Dry-Run"
"""What the reply to a dry run has."""
NO_DRY_RUN = "x-no-dry-run"
"""Where the document says why an operation that writes has no dry run."""
OF_ITS_OWN = "of its own"
"""Of an operation that has a dry run of its own kind, and reads what it needs for that itself."""
READS = "It writes nothing, so there is nothing to try."
"""Of an operation that only reads, though its method says otherwise."""
_OF_NOBODY = "A dry run is for whoever is signed in."

_TEXTS = {
    400: "The request cannot be read.",
    401: "No valid key.",
    403: "The key lacks the permission.",
    404: "No such record.",
    409: "The data does not allow it: a key is taken, or several records fit.",
    410: "The link has expired.",
    412: "The record has changed since; `current` holds it.",
    413: "The body is too large.",
    415: "The body has another type.",
    416: "The file has none of these bytes.",
    422: "Refused; `errors` names each field.",
    429: "Too many requests; Retry-After says in how many seconds to go on.",
    503: "Try again shortly.",
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def operation(
    router: APIRouter,
    method: str,
    path: str,
    name: str,
    *,
    reply: dict[str, Any],
    refusals: Sequence[int],
    needs: str,
    status: int = 200,
    query: type[Parameters] | None = None,
    parameters: Sequence[dict[str, Any]] = (),
    body: dict[str, Any] | None = None,
    words: dict[str, str] | None = None,
    others: Mapping[int | str, dict[str, Any]] | None = None,
    also: Mapping[str, Any] | None = None,
    no_dry_run: str | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Register a route; its docstring, with `words` filled in, is what people read.

    `name` is the operationId: `companies.list`. `needs` is the permission that `Route` asks for
    before the endpoint runs, or `SIGNED_IN`, or `PUBLIC` (with `PublicRoute`). `refusals` are the
    statuses of problems besides those that every operation can end with; `others` are replies of
    other statuses that are none; `also` are media types that problems come in besides their own.
    What is no GET can be tried with `dry_run=true`, which rolls back what it wrote: `no_dry_run`
    says why it cannot, where it has effects that no rollback reaches.
    """
    extra: dict[str, Any] = {NEEDS: needs}
    usual = [400, 429, 503, *(() if method == "GET" else (422,))]
    why_not = _why_not(method, needs, no_dry_run)
    if why_not not in (None, OF_ITS_OWN):
        extra[NO_DRY_RUN] = why_not
    if needs != PUBLIC:
        extra["security"] = [{"API key": []}, {"Access token": []}]
        usual += [401, 403]
    queries = [query, DryRunQuery if why_not is None else None]
    listed = [*parameters, *(each for model in queries if model for each in described(model))]
    extra |= {k: v for k, v in (("parameters", listed), ("requestBody", body)) if v}

    def register(endpoint: Endpoint) -> Endpoint:
        text = (endpoint.__doc__ or "").format(**(words or {}))
        summary, _, description = text.partition("\n")
        done = _triable(reply) if why_not is None else reply
        replies: dict[int | str, dict[str, Any]] = {status: {"description": "Done.", **done}}
        replies |= {**(others or {}), **_refusals({*usual, *refusals}, also or {})}
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=name,
            summary=summary.rstrip("."),
            description=" ".join(description.split()),
            status_code=status,
            response_class=Response,
            responses=replies,
            openapi_extra=extra,
        )
        return endpoint

    return register


def _refusals(statuses: Iterable[int], also: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of problems, which may come in other media types, too."""
    content = {**_PROBLEM, **also}
    return {each: {"description": _TEXTS[each], "content": content} for each in sorted(statuses)}


def _why_not(method: str, needs: str, said: str | None) -> str | None:
    """Return why an operation has no dry run as others have it; None where it has."""
    if method == "GET":
        return OF_ITS_OWN
    return said or (_OF_NOBODY if needs == PUBLIC else None)


def _triable(reply: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a reply that may be one to a dry run."""
    told = {"description": "`true` for a dry run: nothing was kept.", "schema": {"type": "string"}}
    return {**reply, "headers": {**reply.get("headers", {}), DRY_RUN_HEADER: told}}


def json_body(schema: str) -> dict[str, Any]:
    """Return OpenAPI's description of a JSON body."""
    return {"required": True, "content": _json(schema)}


def json_reply(schema: str, *, etag: bool = False) -> dict[str, Any]:
    """Return OpenAPI's description of a JSON reply."""
    reply: dict[str, Any] = {"content": _json(schema)}
    if etag:
        reply["headers"] = {
            "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}
        }
    return reply


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
