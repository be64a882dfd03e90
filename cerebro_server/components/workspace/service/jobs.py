"""Jobs as people see them: listed, counted, run again, cancelled."""

from __future__ import annotations

import re
from typing import Any, Final, Literal
from uuid import UUID

from psycopg import errors as pg

from cerebro_sdk.schemas.workspace.jobs import Job
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import AmbiguousReference, Conflict, Invalid, NotFound
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import reader

STATES: Final = ("pending", "leased", "dead", "cancelled")
_WIRE: Final = (
    "(select row_to_json(_r) from (select "
    + ", ".join(f"j.{name}" for name in Job.model_fields)
    + ") _r)"
)
_STATS: Final = """
select json_build_object(
    'due', count(*) filter (where is_due),
    'oldest_due_seconds',
        extract(epoch from now() - min(j.due_at) filter (where is_due))::float8,
    'workers', %s::integer,
    'counts', (select coalesce(json_agg(c order by c.kind, c.state), '[]') from (
        select kind, state, count(*) as count from jobs group by kind, state) c))
from jobs j, lateral (select j.state = 'pending' and j.due_at <= now() as is_due) d
"""
_WORKERS: Final = """
select count(*)::integer from workers
where seen_at > clock_timestamp() - make_interval(secs => %s)
"""
_RETRY: Final = """
update jobs j set state = 'pending', due_at = now(), attempts = 0, updated_at = now()
where id = %s and state in ('pending', 'dead', 'cancelled') returning $wire
"""
_CANCEL: Final = """
update jobs j set state = 'cancelled', updated_at = now()
where id = %s and state in ('pending', 'dead', 'cancelled') returning $wire
"""
_ALIKE = 10
_END = re.compile(r"[0-9a-f-]{6,36}")


async def page(
    context: Context, *, state: str | None, kind: str | None, limit: int, cursor: str | None
) -> bytes:
    """Return one page of jobs as JSON, the newest first. Raises `Invalid`, `InvalidCursor`."""
    of_list = ["jobs", state or "", kind or ""]
    conditions = []
    if state is not None:
        conditions.append(Sql("j.state = any(%s)", (_states(state),)))
    if kind is not None:
        conditions.append(Sql("j.kind = %s", (kind,)))
    if cursor is not None:
        conditions.append(Sql("j.id < %s::uuid", reader.read_cursor(context, cursor, of_list)))
    where = Sql.both(*conditions)
    statement = f"select {_WIRE}, j.id from jobs j where {where.text} order by j.id desc limit %s"
    rows = await context.read(Sql(statement, (*where.params, limit + 1)))
    following = None
    if len(rows) > limit:
        following = reader.write_cursor(context, [str(rows[limit - 1][1])], of_list)
    return reader.envelope(",".join(row[0].decode() for row in rows[:limit]), following)


async def get(context: Context, reference: str) -> bytes:
    """Return a job as JSON. Raises `NotFound`, `AmbiguousReference`."""
    _, _, wire = await _find(context, reference)
    return wire


async def stats(context: Context) -> bytes:
    """Return how much there is to do, as JSON."""
    database = context.database
    seconds = context.settings.job_lease_seconds
    [(workers,)] = await database.read(await database.control(), Sql(_WORKERS, (seconds,)))
    [(found,)] = await context.read(Sql(_STATS, (workers,)))
    return bytes(found)


async def retry(context: Context, reference: str) -> bytes:
    """Let a job run again, and return it. Raises `NotFound`, and `Conflict` for one that runs, or
    in whose place another lives."""
    return await _move(context, reference, _RETRY, "run again")


async def cancel(context: Context, reference: str) -> bytes:
    """Let a job never run, and return it. Raises `NotFound`, and `Conflict` for one that runs."""
    return await _move(context, reference, _CANCEL, "cancelled")


async def _move(
    context: Context, reference: str, statement: str, verb: Literal["run again", "cancelled"]
) -> bytes:
    job_id, key, _ = await _find(context, reference)
    transaction = await context.write()
    try:
        row = await transaction.row(Sql(statement.replace("$wire", _WIRE), (job_id,)))
    except pg.UniqueViolation as error:
        raise Conflict(
            f"Another job of this kind is there already for {key!r}; this one is not needed."
        ) from error
    if row is None:
        raise Conflict(f"The job runs just now, so it cannot be {verb}; look again shortly.")
    return bytes(row[0])


async def _find(context: Context, reference: str) -> tuple[UUID, str | None, bytes]:
    """Return a job's id, key and JSON, by its id or the end of it."""
    job_id = read_id(reference)
    where = Sql("j.id = %s", (job_id,))
    if job_id is None:
        if not _END.fullmatch(reference.lower()):
            raise NotFound(f"There is no job {reference!r}: name its id, or 6 characters of it.")
        values: tuple[Any, ...] = (len(reference), reference.lower())
        where = Sql("right(j.id::text, %s) = %s", values)
    statement = f"select j.id, j.key, {_WIRE} from jobs j where {where.text} limit {_ALIKE}"
    rows = await context.read(Sql(statement, where.params))
    if not rows:
        raise NotFound(f"There is no job {reference!r}; one that is done is gone from the list.")
    if len(rows) > 1:
        listed = [{"id": str(row[0]), "label": str(row[1] or row[0])} for row in rows]
        raise AmbiguousReference(
            f"{reference!r} fits {len(rows)} jobs; name more of the id.", candidates=listed
        )
    [(found, key, wire)] = rows
    return found, key, bytes(wire)


def _states(text: str) -> list[str]:
    asked = [word.strip() for word in text.split(",") if word.strip()]
    for word in asked:
        if word not in STATES:
            said = f"A job is never {word!r}; it is one of {', '.join(STATES)}."
            wrong = {"parameter": "state", "code": "unknown_state", "detail": said}
            raise Invalid(said, errors=[wrong])
    return asked
