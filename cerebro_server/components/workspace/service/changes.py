"""Reading the journal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.records import bounds, journal, reader
from cerebro_server.kernel.records.journal import ACTOR_JOINS
from cerebro_server.kernel.records.references import known_noun, named, resolve

_ROW = (
    "(select row_to_json(_r) from (select c.seq, c.at, {actor} as actor, c.record_type, "
    "c.record_id, c.action, c.version, {diff} as diff, c.request_id, "
    "c.operation_id) _r)"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which changes."""

    record: str | None = None
    """`<noun>/<reference>`"""
    record_type: str | None = None
    actor: str | None = None
    """`me`, `system`, or a reference to a user; the id of a key."""
    action: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def bound(self) -> list[str]:
        """What a cursor is good for."""
        said = (self.record_type, self.record, self.actor, self.action, self.since, self.until)
        return ["changes", *(text or "" for text in said)]


async def page(context: Context, selection: Selection, *, limit: int, cursor: str | None) -> bytes:
    """Return one page of the journal as JSON, newest first.

    Changes of nouns that the caller may not read are left out. Raises `Invalid`, `NotFound`,
    `InvalidCursor`, and `Forbidden` for an actor that the caller may not look up.
    """
    of_list = selection.bound
    after = None if cursor is None else reader.read_cursor(context, cursor, of_list)
    where, row = await chosen(context, selection), shown(context)
    if after is not None:
        where = Sql.both(where, Sql("c.seq < %s", after))
    rows = await context.read(
        Sql(
            f"select {row.text}, c.seq from changes c {ACTOR_JOINS} "
            f"where {where.text} order by c.seq desc limit %s",
            (*row.params, *where.params, limit + 1),
        )
    )
    following = None
    if len(rows) > limit:
        following = reader.write_cursor(context, rows[limit - 1][1:], of_list)
    return reader.envelope(",".join(row[0].decode() for row in rows[:limit]), following)


async def chosen(context: Context, selection: Selection) -> Sql:
    """Return the condition for changes `c` that were asked for and that the caller may read.

    Raises as `page` does.
    """
    context.actor.require("changes:read")
    return Sql.both(_readable(context), *await _conditions(context, selection))


def shown(context: Context) -> Sql:
    """Return a change `c`, with `ACTOR_JOINS` beside it, as JSON: what the caller may see of it."""
    diff = journal.shown_diff(context, context.catalog.values())
    return Sql(_ROW.format(actor=journal.actor(context), diff=diff.text), diff.params)


async def _conditions(context: Context, selection: Selection) -> list[Sql]:
    """Return a condition for each thing that was asked for."""
    found = []
    if (kinds := journal.happened(selection.action, parameter="action")) is not None:
        found.append(kinds)
    if selection.since is not None:
        before = bounds.since(context, selection.since, of_record=False)
        found.append(Sql(f"not ({before.text})", before.params))
    if selection.until is not None:
        found.append(bounds.until(context, selection.until, of_record=False))
    if selection.record_type is not None:
        known = known_noun(context, selection.record_type, "record_type")
        found.append(Sql("c.record_type = %s", (known,)))
    if selection.record is not None:
        found.append(await _of_record(context, selection.record))
    if selection.actor is not None:
        found.append(await _by(context, selection.actor))
    return found


async def _of_record(context: Context, record: str) -> Sql:
    record_type, record_id = await named(context, record)
    return Sql("c.record_type = %s and c.record_id = %s", (record_type.name, record_id))


async def _by(context: Context, actor: str) -> Sql:
    """Return the condition for changes by somebody, with a key of theirs or without."""
    if actor == "system":
        return Sql("c.actor = 'system'")
    found: UUID | None = context.actor.user_id if actor == "me" else None
    if found is None:
        users = context.catalog["users"]
        kind, colon, rest = actor.partition(":")
        reference = rest if colon and kind in ("user", "key") else actor
        context.actor.require("users:read")  # or the answer would tell who exists
        found = await resolve(context, context.seen(users), reference, deleted_too=True)
    names = [f"user:{found}", f"key:{found}"]
    return Sql("(c.actor = any(%s) or c.on_behalf_of = %s)", (names, names[0]))


def _readable(context: Context) -> Sql:
    """Return the condition for changes of records that the caller may read."""
    everywhere = []
    ways = []
    for name, record_type in context.catalog.items():
        if not context.actor.may(f"{name}:read"):
            continue
        limit = context.condition(record_type, "read")
        if limit is None or (record_type.ends and context.is_open(record_type, "read")):
            everywhere.append(name)
            continue
        table = ident(record_type.table_name)
        there = f"exists (select from {table} t where t.id = c.record_id and {limit.text})"
        ways.append(Sql(f"(c.record_type = %s and {there})", (name, *limit.params)))
    ways.insert(0, Sql("c.record_type = any(%s)", (everywhere,)))
    text = " or ".join(way.text for way in ways)
    return Sql(f"({text})", tuple(param for way in ways for param in way.params))
