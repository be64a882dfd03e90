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
    except Retry as error:
        return failed(job, str(error), after_seconds=error.after_seconds)
    except Dead as error:
        return _parked(work, str(error))
    except _PERMANENT as error:
        return _parked(work, f"{error.code}: {error.detail}")
    except asyncio.CancelledError:
        return Outcome(job, "back")  # the worker stops
    except Exception as error:
        return _failed(work, error)
    return None if work.has_ended else Outcome(job, "done")


def _parked(work: Work, said: str) -> Outcome:
    job = work.job
    _log.error("job_dead", job=str(job.id), kind=job.kind, error=said)
    return Outcome(job, "dead", said)


def _failed(work: Work, error: Exception) -> Outcome:
    job = work.job
    is_problem = isinstance(error, Problem)
    said = f"{error.code}: {error.detail}" if isinstance(error, Problem) else _told(error)
    outcome = failed(job, said)
    _log.warning(
        "job_failed" if outcome.verdict == "retry" else "job_dead",
        job=str(job.id),
        kind=job.kind,
        attempt=job.attempt,
        error=said,
        exc_info=None if is_problem else error,
    )
    return outcome


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
