"""An export of many nouns as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import NotFound, WrongState

_COLUMNS = (
    *("id", "actor", "state", "nouns", "format", "filters", "since", "cursor", "rows"),
    *("total_rows", "bytes", "files", "problem", "created_at", "started_at", "ended_at"),
    "expires_at",
)
_JSON = ("filters", "files", "problem")
_SELECT: Final = (
    f"select {', '.join(f'e.{name}' for name in _COLUMNS)}, (select j.last_error from jobs j "
    "where j.kind = 'export' and j.key = e.id::text and j.state = 'dead' limit 1) from exports e "
    "where e.state <> 'deleted' and e.expires_at > now()"
)
_BEGIN: Final = """
update exports set state = 'running', attempt = %s, rows = 0, bytes = 0, total_rows = null,
    files = '[]', cursor = null, problem = null, started_at = now()
where id = %s and state in ('waiting', 'running')
returning nouns, format, filters, since
"""
_HELD: Final = "where id = %s and attempt = %s and state = 'running' returning 1"


class Export(NamedTuple):
    """An export, as long as it is kept."""

    id: UUID
    actor: str
    """Who asked for it, as the journal names them."""
    state: str
    nouns: list[str]
    format: str
    filters: Mapping[str, str]
    since: str | None
    cursor: str | None
    rows: int
    total_rows: int | None
    bytes: int
    files: list[dict[str, Any]]
    problem: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime

    def file(self, path: str) -> dict[str, Any]:
        """Return what is known of a file. Raises `NotFound`, and `WrongState` before it is
        ready."""
        if self.state != "ready":
            raise WrongState(f"The export is {self.state}; its files can be fetched once ready.")
        for file in self.files:
            if file["path"] == path:
                return file
        there = ", ".join(file["path"] for file in self.files)
        raise NotFound(f"The export has no file {path[:200]!r}; it has {there}.")


class Superseded(Exception):  # noqa: N818 - what happened
    """The export was deleted, or another attempt has begun."""


async def selected(context: Context, *conditions: Sql, limit: int) -> list[Export]:
    """Return exports of the caller's, newest first: a person sees what their keys asked for; a key,
    which may be for less, sees its own alone."""
    actor = context.actor
    own = Sql("e.user_id = %s", (actor.user_id,))
    if actor.type == "key":
        own = Sql("e.actor = %s", (actor.tag,))
    where = Sql.both(own, *conditions)
    statement = f"{_SELECT} and {where.text} order by e.id desc limit %s"
    return [_read(row) for row in await context.read(Sql(statement, (*where.params, limit)))]


async def begin(
    transaction: Transaction, export_id: UUID, attempt: UUID
) -> tuple[list[str], Any, dict[str, str], str | None] | None:
    """Begin an attempt, in place of the one before; return nouns, format, filters and since, or
    None where the export is over."""
    row = await transaction.row(Sql(_BEGIN, (attempt, export_id)))
    if row is None:
        return None
    nouns, form, filters, since = row
    return nouns, form, from_json(filters), since


async def change(
    transaction: Transaction, export_id: UUID, attempt: UUID, *, ended: bool = False, **values: Any
) -> None:
    """Set columns, if this attempt is still the one. Raises `Superseded`."""
    settings = [f"{name} = %s" for name in values] + (["ended_at = now()"] if ended else [])
    stored = [to_json(v).decode() if name in _JSON else v for name, v in values.items()]
    statement = f"update exports set {', '.join(settings)} {_HELD}"
    if await transaction.row(Sql(statement, (*stored, export_id, attempt))) is None:
        raise Superseded


def _read(row: Sequence[Any]) -> Export:
    *values, error = row
    found = dict(zip(_COLUMNS, values, strict=True))
    for name in _JSON:
        found[name] = None if found[name] is None else from_json(found[name])
    if error is not None and found["state"] in ("waiting", "running"):
        found["state"] = "failed"
        found["problem"] = {
            "code": "internal_error",
            "title": "The export failed",
            "status": 500,
            "detail": f"It was tried again and again, to no avail: {error}",
        }
    return Export(**found)
