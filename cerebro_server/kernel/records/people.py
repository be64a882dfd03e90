"""Whose a record is: owners and teams in payloads, found out for a whole set at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import handing


class Missed(Protocol):
    """Counts references that lead nowhere."""

    def miss(self, said: str) -> None:
        """Count one."""


_USERS = "users"
_TEAMS = "teams"


async def resolve_people(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Replace references to users by their ids, and refuse users and teams that there are not.

    Somebody of another workspace is as unknown as nobody. Costs nothing where rows name nobody but
    the caller, their own teams, or no one at all.
    """
    await resolve_users(context, batch, _fields(record_type, Kind.USER))
    await check_teams(context, batch, _fields(record_type, Kind.TEAM))


async def fill_owner(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Give new records that name no owner to the caller, and with them to the caller's team; unless
    rules are to find them one once they are written."""
    me, teams = context.actor.user_id, context.actor.teams
    owner, rows = record_type.owner, batch.rows
    if owner not in record_type.stored or me is None:
        return
    unowned = [row for row in rows if row.get(owner) is None]
    if unowned and await handing.applies(context, record_type):
        rows = [row for row in rows if row.get(owner) is not None]
    for row in rows:
        if row.get(owner) is None:
            row[owner] = str(me)
        mine = row[owner] == str(me)
        if record_type.team is not None and row.get(record_type.team) is None and mine and teams:
            row[record_type.team] = teams[0]


async def let_go(
    context: Context,
    record_type: RecordType,
    batch: Batch,
    tally: Callable[[str], Missed],
    addresses: Mapping[str, str],
) -> dict[int, str]:
    """Take users and teams that there are not out of rows, counted as references that lead nowhere:
    what comes from elsewhere belonged to people who are not here. Users are found by their ids,
    else by the `addresses` that these have where they come from.

    Return whom rows name, by number, that would tell of nobody without: a follow of theirs.
    """
    named = Batch(batch.rows)
    await resolve_people(context, record_type, named)
    elsewhere = {
        (refusal.row, refusal.field): addresses[said]
        for refusal in named.refusals
        if (said := str(batch.rows[refusal.row][refusal.field or ""])) in addresses
    }
    if elsewhere:
        for (number, field), address in elsewhere.items():
            batch.rows[number][field or ""] = address
        named = Batch(batch.rows)
        await resolve_people(context, record_type, named)
    needed: dict[int, str] = {}
    for refusal in named.refusals:
        name, row = refusal.field or "", batch.rows[refusal.row]
        tally(name).miss(str(row[name]))
        if name in record_type.same_by:
            needed[refusal.row] = str(row[name])
        else:
            row[name] = None
    return needed


def _fields(record_type: RecordType, kind: Kind) -> list[str]:
    return [name for name in record_type.stored if record_type.plain.fields[name].kind is kind]


async def resolve_users(context: Context, batch: Batch, fields: Iterable[str]) -> None:
    """Replace what names users in these fields by their ids; refuse whom there is not."""
    me = str(context.actor.user_id) if context.actor.user_id else None
    known: dict[str, str | None] = {"me": me} | ({me: me} if me else {})
    named = {row[name] for row in batch.rows for name in fields if row.get(name) is not None}
    if unknown := [reference for reference in named if reference not in known]:
        known |= await _users(context, unknown)
    for number, row in enumerate(batch.rows):
        for name in fields:
            reference = row.get(name)
            if reference is None:
                continue
            if (found := known.get(reference)) is None:
                batch.refuse(number, name, "unknown_user", f"There is no user {reference}.")
            else:
                row[name] = found


async def _users(context: Context, references: list[str]) -> dict[str, str | None]:
    """Return the ids of living users by what they were called."""
    table = ident(context.catalog[_USERS].table_name)
    by_id = [reference for reference in references if read_id(reference)]
    by_email = {fold(reference): reference for reference in references if not read_id(reference)}
    rows: list[tuple[Any, ...]] = await context.read(
        Sql(
            f"select id::text, id::text from {table} where id = any(%s::uuid[]) "
            "and deleted_at is null union all select value, record_id::text from record_keys "
            "where record_type = %s and kind = 'email' and value = any(%s)",
            (by_id, _USERS, list(by_email)),
        )
    )
    return {by_email.get(name, name): found for name, found in rows}


async def check_teams(context: Context, batch: Batch, fields: Iterable[str]) -> None:
    """Refuse teams in these fields that there are not."""
    known = set(context.actor.teams)
    named = {row[name] for row in batch.rows for name in fields if row.get(name) is not None}
    if unknown := list(named - known):
        rows = await context.read(
            Sql(
                "select value from record_keys "
                "where record_type = %s and kind = 'key' and value = any(%s)",
                (_TEAMS, unknown),
            )
        )
        known |= {value for (value,) in rows}
    for number, row in enumerate(batch.rows):
        for name in fields:
            if row.get(name) is not None and row[name] not in known:
                batch.refuse(number, name, "unknown_team", f"There is no team {row[name]}.")
