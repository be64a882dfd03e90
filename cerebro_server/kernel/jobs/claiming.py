"""Taking jobs that are due, and taking them back from workers that fell silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.jobs.job import Job
from cerebro_server.kernel.jobs.settling import MOST_TRIES

# of each kind its own share, so that none waits behind ten thousand of another
_CLAIM: Final = """
with due as materialized (
    select found.id from unnest(%s::text[], %s::integer[]) as lane(kind, most), lateral (
        select j.id from jobs j
        where j.kind = lane.kind and j.state = 'pending' and j.due_at <= statement_timestamp()
        order by j.due_at, j.id limit lane.most for update skip locked) as found
)
update jobs j set state = 'leased', token = j.token + 1, attempts = j.attempts + 1,
    worker_id = %s, lease_until = clock_timestamp() + make_interval(secs => %s),
    updated_at = clock_timestamp()
from due where j.id = due.id
returning j.id, j.kind, j.key, j.payload, j.attempts, j.token, j.actor, j.on_behalf_of,
    j.request_id, j.operation_id
"""
_NEXT: Final = """
select extract(epoch from min(found.due_at) - statement_timestamp())::float8
from unnest(%s::text[]) as lane(kind), lateral (
    select j.due_at from jobs j where j.kind = lane.kind and j.state = 'pending'
    order by j.due_at limit 1) as found
"""
_TAKE_BACK: Final = f"""
with lost as materialized (
    select id from jobs where state = 'leased' and lease_until < clock_timestamp()
        and (worker_id <> all(%s) or (worker_id = %s and id <> all(%s)))
    for update skip locked
)
update jobs j set worker_id = null, lease_until = null, updated_at = clock_timestamp(),
    state = case when j.attempts < {MOST_TRIES} then 'pending' else 'dead' end,
    last_error = format('The worker fell silent during try %%s.', j.attempts)
from lost where j.id = lost.id
returning j.id
"""
_LEFT: Final = """
select exists (select from jobs where state = 'leased' and worker_id <> all(%s))
"""
_COUNTS: Final = """
select count(*) filter (where state = 'pending' and due_at <= statement_timestamp())::integer,
    count(*) filter (where state = 'dead')::integer
from jobs
"""


class Claimed(NamedTuple):
    """What a claim found."""

    jobs: list[Job]
    next_in: float | None
    """Seconds until the next job is due, negative for one that waits; None where there is none."""


async def claim(
    database: Database,
    scope: Scope,
    shares: Mapping[str, int],
    *,
    kinds: Sequence[str],
    worker_id: UUID,
    lease_seconds: float,
) -> Claimed:
    """Lease jobs of a workspace that are due, of each kind at most its share, the oldest first."""
    values = (list(shares), list(shares.values()), worker_id, lease_seconds)
    async with database.transaction(scope) as transaction:
        rows, after = await transaction.batch(
            Sql(_CLAIM, values), Sql(_NEXT, (list(kinds),)), then_commit=True
        )
    return Claimed([_job(row) for row in rows], after[0][0])


async def take_back(
    database: Database, scope: Scope, *, living: Sequence[UUID], me: UUID, held: Sequence[UUID]
) -> tuple[int, bool]:
    """Take a workspace's jobs back whose lease is over and whose worker does not live; return how
    many, and whether such workers hold leases still.

    Of this worker's own, those that it does not hold: the reply to the claim was lost.
    """
    async with database.transaction(scope) as transaction:
        taken, left = await transaction.batch(
            Sql(_TAKE_BACK, (list(living), me, list(held))), Sql(_LEFT, (list(living),))
        )
    return len(taken), bool(left[0][0])


async def next_in(database: Database, scope: Scope, kinds: Sequence[str]) -> float | None:
    """Return in how many seconds the next job of these kinds is due; None where there is none."""
    [(seconds,)] = await database.read(scope, Sql(_NEXT, (list(kinds),)))
    return None if seconds is None else float(seconds)


async def counts(database: Database, scope: Scope) -> tuple[int, int]:
    """Return how many jobs of a workspace are due, and how many are dead."""
    [(due, dead)] = await database.read(scope, Sql(_COUNTS))
    return due, dead


def _job(row: tuple[Any, ...]) -> Job:
    job_id, kind, key, payload, *rest = row
    return Job(job_id, kind, key, from_json(payload), *rest)
