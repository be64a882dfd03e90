"""Exports of many nouns: asked for, looked at, deleted. Each is there for whoever asked for it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.exports import ExportCreate
from cerebro_server.components.workspace.service import exporting
from cerebro_server.kernel import clock
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import (
    AmbiguousReference,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
    closest,
)
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import read_id, uuid7
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.exporting import changed, stored
from cerebro_server.kernel.records.exporting.stored import Export

AT_ONCE: Final = 1_000
"""Rows that are written within the request."""
_UNDERWAY = 5
_END = re.compile(r"[0-9a-f-]{6,35}")
_SAFETY_SECONDS = 60.0
_INSERT: Final = """
insert into exports (id, actor, user_id, nouns, format, filters, since, expires_at)
values (%s, %s, %s, %s, %s, %s::jsonb, %s, now() + make_interval(days => %s))
"""


async def create(context: Context, asked: ExportCreate) -> bytes:
    """Ask for an export, and write it at once where it is small; return it.

    Raises all that can be wrong with what was asked for, `Forbidden`, and `Conflict` while too many
    of the caller's are underway.
    """
    nouns = _nouns(context, asked.nouns)
    _check_filters(asked.where, nouns)
    asked_for = exporting.Asked(nouns, asked.format, asked.where, asked.since)
    statements = await exporting.statements(context, asked_for)
    await _check_room(context)
    is_small = await exporting.fewer_than(context, statements.values(), AT_ONCE)
    export_id, actor = uuid7(), context.actor
    filters = to_json(asked.where).decode()
    async with context.apart() as apart:
        transaction = await apart.write()
        days = context.settings.export_days
        values = (actor.tag, actor.user_id, nouns, asked.format, filters, asked.since, days)
        await transaction.rows(Sql(_INSERT, (export_id, *values)))
        # of a small one too, in case this server does not live to write it
        due_at = clock.now() + timedelta(seconds=_SAFETY_SECONDS) if is_small else None
        payload = {"export_id": str(export_id)}
        await enqueue(
            transaction, kind="export", key=str(export_id), payload=payload, due_at=due_at
        )
    if is_small:
        with contextlib.suppress(Unavailable):  # the job does it later
            await exporting.run(context.apart, export_id)
    return await get(context, str(export_id))


async def get(context: Context, reference: str) -> bytes:
    """Return an export of the caller's as JSON. Raises `NotFound`, `AmbiguousReference`."""
    return to_json(_wire(await find(context, reference)))


async def page(context: Context, *, limit: int, cursor: str | None) -> bytes:
    """Return a page of the caller's exports as JSON, newest first. Raises `InvalidCursor`."""
    of_list, before = ["exports"], []
    if cursor is not None:
        before.append(Sql("e.id < %s::uuid", reader.read_cursor(context, cursor, of_list)))
    found = await stored.selected(context, *before, limit=limit + 1)
    following = None
    if len(found) > limit:
        following = reader.write_cursor(context, [str(found[limit - 1].id)], of_list)
    return to_json({"items": [_wire(each) for each in found[:limit]], "next_cursor": following})


async def delete(context: Context, reference: str) -> bytes:
    """Delete an export with its files; return it as it was. Raises as `find` does."""
    found = await find(context, reference)
    transaction = await context.write()
    await transaction.rows(Sql("update exports set state = 'deleted' where id = %s", (found.id,)))
    await enqueue(transaction, kind="tidy", key="tidy", payload={})
    return to_json(_wire(found))


async def find(context: Context, reference: str) -> Export:
    """Return an export of the caller's, by its id or the last 6 or more characters of it.

    Raises `NotFound`, `AmbiguousReference`.
    """
    full, end = read_id(reference), reference.lower()
    found = []
    if full is not None or _END.fullmatch(end):
        named = Sql("right(e.id::text, %s) = %s", (len(end), end))
        condition = Sql("e.id = %s", (full,)) if full else named
        found = await stored.selected(context, condition, limit=11)
    if not found:
        raise NotFound(
            f"There is no export {reference[:80]!r} of yours; exports are kept for "
            f"{context.settings.export_days} days."
        )
    if len(found) > 1:
        raise AmbiguousReference(
            f"{len(found)} exports fit {reference!r}; use a longer or full id.",
            candidates=[str(each.id) for each in found],
        )
    return found[0]


async def readable(context: Context, reference: str, path: str) -> tuple[Export, dict[str, Any]]:
    """Return an export and a file of it, for whoever may still export all that it holds.

    Raises as `find` does, `WrongState`, `Forbidden`.
    """
    found = await find(context, reference)
    check_rights(context, found.nouns)
    return found, found.file(path)


def check_rights(context: Context, nouns: Sequence[str]) -> None:
    """Raise `Forbidden` unless the caller may export all of these."""
    for noun in nouns:
        for permission in changed.needed(context.catalog[noun]):
            context.actor.require(permission)


def _nouns(context: Context, asked: Sequence[str] | None) -> list[str]:
    """Return the nouns to export, what is named before what names it."""
    there = {name: each for name, each in context.catalog.items() if _is_exportable(each)}
    if asked is None:
        may = context.actor.may
        found = [name for name, each in there.items() if all(map(may, changed.needed(each)))]
        if all(there[name].goes_along for name in found):
            raise Forbidden(
                "You may export nothing: that takes a permission such as "
                "contacts:export; ask whoever runs the workspace."
            )
        return found
    for number, noun in enumerate(asked):
        if noun not in there:
            near = closest(noun, there)
            meant = f" Did you mean {near}?" if near else ""
            said = f"{noun!r} cannot be exported; there are {', '.join(there)}.{meant}"
            wrong = {"pointer": f"/nouns/{number}", "code": "unknown_noun", "detail": said}
            raise Invalid(said, errors=[wrong])
    check_rights(context, asked)
    return [name for name in there if name in asked]


def _is_exportable(record_type: RecordType) -> bool:
    if "export" in record_type.noun.verbs or record_type.goes_along:
        return True
    return bool(record_type.ends) and all(map(_is_exportable, record_type.ends.values()))


def _check_filters(filters: Mapping[str, str], nouns: Sequence[str]) -> None:
    for noun in filters:
        if noun not in nouns:
            said = f"There is a filter for {noun!r}, which is not exported; {', '.join(nouns)} are."
            wrong = {"pointer": f"/where/{noun}", "code": "unknown_noun", "detail": said}
            raise Invalid(said, errors=[wrong])


async def _check_room(context: Context) -> None:
    counting = "select count(*) from exports where user_id = %s and state in ('waiting', 'running')"
    counting += " and expires_at > now()"
    [(underway,)] = await context.read(Sql(counting, (context.actor.user_id,)))
    if underway >= _UNDERWAY:
        raise Conflict(
            f"{underway} exports of yours are underway, as many as may be; wait for one, or delete "
            "one."
        )


def _wire(export: Export) -> dict[str, Any]:
    said = export._asdict()
    said["where"] = said.pop("filters")
    del said["actor"]
    return said
