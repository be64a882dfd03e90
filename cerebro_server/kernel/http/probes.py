"""`/livez`, `/readyz`, `/metrics`: for machines that watch this one."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from cerebro_server.kernel import redis
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Rows
from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.db.examine import OLDEST_WRITE
from cerebro_server.kernel.errors import NotAuthenticated, Problem
from cerebro_server.kernel.jobs.overview import FIGURES
from cerebro_server.kernel.telemetry import exposition

router = APIRouter(tags=["probes"])
_NOWHERE = Scope("pg_catalog", "none")
_PATIENCE_SECONDS = 2.0


@router.get("/livez", operation_id="livez", summary="Is the process alive?")
async def livez() -> dict[str, str]:
    """Answer as long as the process can; looks at nothing else."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Can it serve requests?",
    responses={503: {"description": "A part that is needed does not answer."}},
)
async def readyz(request: Request) -> Response:
    """Ask the database and Redis. Redis alone being away leaves the server ready."""
    state = request.app.state
    checks: dict[str, Any] = {}
    found = await _ask(state.database, Sql("select 1"))
    checks["database"] = "does not answer" if found is None else "ok"
    answer = await redis.ping(state.settings)
    checks["redis"] = {True: "ok", False: "does not answer", None: "not configured"}[answer]
    ready = checks["database"] == "ok"
    return JSONResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503
    )


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Measures, for Prometheus",
    response_class=PlainTextResponse,
    responses={401: {"description": "`CEREBRO_METRICS_TOKEN` is set, and was not sent."}},
)
async def metrics(request: Request) -> Response:
    """Return Prometheus' text format. Where the operator set a token, it is asked for."""
    state = request.app.state
    _require_token(request, state.settings)
    oldest = await _ask(state.database, Sql(OLDEST_WRITE))
    figures = Sql(FIGURES, (state.settings.job_lease_seconds,))
    content, media_type = exposition(
        pool=state.database.stats(),
        oldest_write_seconds=oldest,
        jobs=await _ask(state.database, figures, as_control=True),
    )
    return Response(content, media_type=media_type)


def _require_token(request: Request, settings: Settings) -> None:
    if settings.metrics_token is None:
        return
    wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotAuthenticated(
            "The measures of this server take a token of their own.",
            headers={"WWW-Authenticate": "Bearer"},
        )


async def _ask(database: Database, statement: Sql, *, as_control: bool = False) -> Any:
    """Return the one value of a statement; None when there is no answer in time."""

    async def ask() -> Rows:
        scope = await database.control() if as_control else _NOWHERE
        return await database.read(scope, statement)

    question = asyncio.create_task(ask())
    # not cancelled at the end of its time: the driver would wait for a frozen server to confirm
    await asyncio.wait({question}, timeout=_PATIENCE_SECONDS)
    if not question.done():
        question.add_done_callback(lambda late: late.cancelled() or late.exception())
        return None
    try:
        return question.result()[0][0]
    except Problem:
        return None
