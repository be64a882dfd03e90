"""The timeline of a record, and what became of it between two moments."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import REFERENCE, Cursor, Limit
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.auth import Caller
from cerebro_server.kernel.http.operations import json_reply
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.records import timeline

_JSON = "application/json"
_MOMENT = "a day, a time with its zone, `now - 30d`, a version of the record, or `seq:812`"


class TimelineQuery(Parameters):
    """A page of a timeline."""

    actions: str | None = Field(
        default=None,
        max_length=200,
        description="Only of these kinds, comma-separated: `created`, `updated`, `deleted`, "
        "`restored`.",
    )
    related: bool = Field(
        default=False,
        description="With the tasks, activities and notes about it, and about what belongs to it, "
        "each by its own moment; `actions` may then name `task`, `activity` and `note`, too.",
    )
    limit: int = Limit
    cursor: str | None = Cursor


class DiffQuery(Parameters):
    """Between which moments."""

    since: str | None = Field(
        default=None,
        max_length=100,
        description=f"From when: {_MOMENT}. A day counts from its beginning; from the record's own "
        "beginning if left out.",
    )
    until: str | None = Field(
        default=None,
        max_length=100,
        description=f"Up to when: {_MOMENT}. A day counts to its end; up to now if left out.",
    )


def timeline_route(router: APIRouter, record_type: RecordType) -> None:
    """Add the timeline of a record type."""

    @of_noun(
        router,
        record_type,
        "GET",
        "/{reference:path}/timeline",
        "timeline",
        reply=json_reply("TimelineEntryPage"),
        refusals=(404, 409, 422),
        query=TimelineQuery,
        parameters=[REFERENCE],
    )
    async def record_timeline(request: Request, context: Caller) -> Response:
        """See what happened to {a_one}.
        Newest first: who did what, when, and each difference as people read it. A deleted {one}
        has a timeline, too."""
        query = read_parameters(request, TimelineQuery)
        page = await timeline.page(
            context,
            record_type,
            request.path_params["reference"],
            actions=query.actions,
            limit=query.limit,
            cursor=query.cursor,
            related=query.related,
        )
        return Response(page, media_type=_JSON)


def diff_route(router: APIRouter, record_type: RecordType) -> None:
    """Add the difference of a record between two moments."""

    @of_noun(
        router,
        record_type,
        "GET",
        "/{reference:path}/diff",
        "diff",
        reply=json_reply("RecordDiff"),
        refusals=(404, 409, 422),
        query=DiffQuery,
        parameters=[REFERENCE],
    )
    async def record_diff(request: Request, context: Caller) -> Response:
        """See what became of {a_one} between two moments.
        The net of all changes: what was changed and changed back is no difference. Each one says
        who changed that field last."""
        query = read_parameters(request, DiffQuery)
        found = await timeline.difference(
            context,
            record_type,
            request.path_params["reference"],
            since=query.since,
            until=query.until,
        )
        return Response(found, media_type=_JSON)
