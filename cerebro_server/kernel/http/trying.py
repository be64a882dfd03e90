"""Dry runs: a request that is done in full and taken back, so that its reply is true."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.routing import APIRoute

from cerebro_server.kernel.errors import BadRequest
from cerebro_server.kernel.http.operations import DRY_RUN_HEADER, NO_DRY_RUN
from cerebro_server.kernel.http.parameters import DRY_RUN, read_dry_run

_LEAD_NOWHERE = ("location", "etag")
"""Headers of a reply that name what is not there: a record, a version of one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How an operation that writes can be tried."""

    known: Set[str]
    """Its query parameters."""
    why_not: str | None
    """Why it cannot."""
    is_own: bool
    """Whether it has a dry run of another kind, and reads its parameters itself."""

    def is_asked(self, request: Request) -> bool:
        """Tell whether a request is a dry run. Raises `BadRequest` where there is none, and
        `ValidationFailed` for parameters that are unknown or wrong."""
        if self.is_own:
            return False
        self.refuse(request)
        return read_dry_run(request, self.known)

    def refuse(self, request: Request) -> None:
        """Raise `BadRequest` if a dry run is asked for where there is none."""
        if self.why_not is not None and DRY_RUN in request.query_params:
            raise BadRequest(f"This has no dry run, and nothing was done. {self.why_not}")


def trial_of(route: APIRoute) -> Trial | None:
    """Return how a route can be tried; None for one that reads."""
    if route.methods == {"GET"}:
        return None
    extra = route.openapi_extra or {}
    listed = extra.get("parameters", ())
    known = frozenset(each["name"] for each in listed if each["in"] == "query")
    why_not: str | None = extra.get(NO_DRY_RUN)
    headers = [told.get("headers", {}) for told in route.responses.values()]
    is_tried = any(DRY_RUN_HEADER in each for each in headers)
    return Trial(known, why_not, is_own=why_not is None and not is_tried)


def told(reply: Response) -> Response:
    """Return a reply as one to a dry run: marked, and without what would lead nowhere."""
    for name in _LEAD_NOWHERE:
        if name in reply.headers:
            del reply.headers[name]
    reply.headers[DRY_RUN_HEADER] = "true"
    return reply
