"""One try of a job, and what came of it."""

from __future__ import annotations

import asyncio

import structlog

from cerebro_server.kernel.errors import (
    BadRequest,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    Problem,
)
from cerebro_server.kernel.jobs.settling import Outcome, failed
from cerebro_server.kernel.worker.work import Dead, Fenced, Handler, Retry, Work

_LONGEST_SECONDS = 3_600.0
_PERMANENT = (BadRequest, Forbidden, Invalid, NotAuthenticated, NotFound)
_log = structlog.get_logger("cerebro.worker")


async def attempt(handler: Handler, work: Work) -> Outcome | None:
    """Run a job once; return what is to be written down of it, None where nothing is."""
    job = work.job
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            await handler(work)
    except Fenced:
        _log.warning("lease_lost", job=str(job.id), kind=job.kind, attempt=job.attempt)
        return None
    except asyncio.CancelledError:
        return Outcome(job, "back")  # the worker stops
    except Exception as error:
        return _failed(work, error)
    return None if work.has_ended else Outcome(job, "done")


def _failed(work: Work, error: Exception) -> Outcome:
    """Return what comes of a job that raised; the log has the traceback of what nobody expected."""
    job = work.job
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, Problem):
        said = f"{error.code}: {error.detail}"
    elif isinstance(error, Dead | Retry):
        said = str(error)
    if isinstance(error, (Dead, *_PERMANENT)):
        outcome = Outcome(job, "dead", said)
    else:
        pause = error.after_seconds if isinstance(error, Retry) else None
        outcome = failed(job, said, after_seconds=pause)
    known = isinstance(error, (Problem, Dead, Retry))
    _log.warning(
        "job_dead" if outcome.verdict == "dead" else "job_failed",
        job=str(job.id),
        kind=job.kind,
        attempt=job.attempt,
        # not what it says, which may hold values of records
        error=error.code if isinstance(error, Problem) else type(error).__name__,
        exc_info=None if known else error,
    )
    return outcome
