"""How a job ends: done, to be tried again, parked, or given back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.jobs.job import Job

MOST_TRIES: Final = 10
_LONGEST_PAUSE_SECONDS = 3_600.0
_LONGEST_ERROR = 4_000

# The token tells whether the lease is still ours; what another has taken over stays as it is.
_OURS: Final = (
    "from unnest(%s::uuid[], %s::bigint[]) as o(id, token) "
    "where j.id = o.id and j.token = o.token and j.state = 'leased'"
)
_DONE: Final = f"""
with ended as (
    delete from jobs j using unnest(%s::uuid[], %s::bigint[]) as o(id, token)
    where j.id = o.id and j.token = o.token and j.state = 'leased' and not j.again
)
update jobs j set state = 'pending', again = false, attempts = 0, due_at = clock_timestamp(),
    worker_id = null, lease_until = null, updated_at = clock_timestamp()
{_OURS} and j.again
"""
_BACK: Final = f"""
update jobs j set state = 'pending', attempts = j.attempts - 1, worker_id = null,
    lease_until = null, updated_at = clock_timestamp()
{_OURS}
"""
_FAILED: Final = """
update jobs set state = case when again then 'pending' else %s end,
    due_at = clock_timestamp() + make_interval(secs => %s), last_error = %s,
    attempts = case when again then 0 else attempts end, again = false,
    worker_id = null, lease_until = null, updated_at = clock_timestamp()
where id = %s and token = %s and state = 'leased'
"""
FENCE: Final = """
update jobs set lease_until = clock_timestamp() + make_interval(secs => %s)
where id = %s and token = %s and state = 'leased' returning again
"""
"""Locks a job and extends its lease; no row comes back where the lease is lost."""
END: Final = """
with ended as (delete from jobs where id = %s and not again)
update jobs set state = 'pending', again = false, attempts = 0, due_at = clock_timestamp(),
    worker_id = null, lease_until = null, updated_at = clock_timestamp()
where id = %s and again
"""
"""Ends a job that the transaction has locked, or runs it once more if that was asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job."""

    job: Job
    verdict: Literal["done", "back", "retry", "dead"]
    error: str = ""
    after_seconds: float = 0.0


def backoff(attempt: int) -> float:
    """Return how many seconds to wait after this try: twice as long each time, give or take half,
    so that what failed together does not come back together."""
    pause = min(2.0**attempt, _LONGEST_PAUSE_SECONDS)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311


def failed(job: Job, error: str, *, after_seconds: float | None = None) -> Outcome:
    """Return what comes of a job that failed: another try, or none after the last."""
    if job.attempt >= MOST_TRIES:
        return Outcome(job, "dead", error)
    pause = backoff(job.attempt) if after_seconds is None else after_seconds
    return Outcome(job, "retry", error, pause)


async def settle(database: Database, scope: Scope, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of jobs of a workspace, all at once."""
    statements = []
    for verdict, text in (("done", _DONE), ("back", _BACK)):
        jobs = [outcome.job for outcome in outcomes if outcome.verdict == verdict]
        if jobs:
            pair = ([job.id for job in jobs], [job.token for job in jobs])
            statements.append(Sql(text, pair * 2 if verdict == "done" else pair))
    for outcome in outcomes:
        if outcome.verdict in ("retry", "dead"):
            state = "pending" if outcome.verdict == "retry" else "dead"
            said = outcome.error[:_LONGEST_ERROR].replace("\0", "")
            values = (state, outcome.after_seconds, said, outcome.job.id, outcome.job.token)
            statements.append(Sql(_FAILED, values))
    async with database.transaction(scope) as transaction:
        await transaction.batch(*statements, then_commit=True)
