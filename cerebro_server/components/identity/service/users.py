"""Users invited, disabled and let in again; and the operator's way to set a password."""

from __future__ import annotations

from typing import Any

import psycopg
from pydantic_core import from_json

from cerebro_sdk.schemas.identity.users import Invitation
from cerebro_server.components.identity import records, rules
from cerebro_server.components.identity.errors import AlreadyJoined
from cerebro_server.components.identity.service import (
    notices,
    one_time,
    passwords,
    recovering,
    sessions,
)
from cerebro_server.components.identity.service.one_time import Account
from cerebro_server.components.identity.service.passwords import Person
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Conflict, NotFound, ValidationFailed
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.writer import Written


async def invite(context: Context, reference: str) -> Invitation:
    """Send a user the link to choose a password with, good for 72 hours; it replaces older ones.

    Needs `users:invite`. Raises `NotFound`, `Forbidden` (for a user who holds more than the
    caller), `AlreadyJoined`, `Conflict` for a disabled one.
    """
    shown = await writer.change(context, records.users, reference, {}, action="invite")
    [(email, name, disabled_at, changed_at, has_password, by)] = await context.read(
        Sql(
            "select u.email, u.name, u.disabled_at, u.password_changed_at, "
            "exists (select from passwords p where p.user_id = u.id), "
            "(select name from users where id = %s) from users u where u.id = %s",
            (context.actor.user_id, shown.id),
        )
    )
    if disabled_at is not None:
        raise Conflict("The user is disabled; enable them before they are invited.")
    if has_password:
        raise AlreadyJoined("The user has a password; if it is lost, they can ask to reset it.")
    account = Account(shown.id, name, email, changed_at)
    token, until = await one_time.issue(context, account, "invite")
    await notices.invitation(
        context, email=email, name=name, by=by or context.actor.name, token=token, until=until
    )
    # as the caller sees it: a rule may mask addresses
    visible = from_json(shown.json).get("email") or "hidden"
    return Invitation(email=visible, expires_at=until)


async def disable(context: Context, reference: str) -> Written:
    """Keep a user from signing in, and end their sessions and, with them, what their keys may do.

    The second time nothing changes. Needs `users:disable`. Raises `NotFound`, `Forbidden` for a
    user who holds more than the caller, `ValidationFailed` for the last owner.
    """
    values = {"disabled_at": context.now}
    found = await writer.change(context, records.users, reference, values, action="disable")
    await sessions.end_all_of(context, found.id, "disabled")
    return found


async def enable(context: Context, reference: str) -> Written:
    """Let a disabled user sign in again, with a new session. Needs `users:disable`."""
    values = {"disabled_at": None}
    return await writer.change(context, records.users, reference, values, action="disable")


def set_password(
    connection: psycopg.Connection[Any], *, workspace: str, email: str, password: str
) -> None:
    """Set a lost password, as whoever has the database; end all sessions of the user.

    Raises `NotFound` where no living user has the address, `ValidationFailed`.
    """
    found = connection.execute(
        "select schema_name from public.workspaces where slug = %s", (workspace,)
    ).fetchone()
    if found is None:
        raise NotFound(f"There is no workspace {workspace}.")
    schema = ident(found[0])
    user = connection.execute(
        f"select id, name from {ident(found[0])}.users where deleted_at is null "
        f"and {ident(found[0])}.fold(email) = {ident(found[0])}.fold(%s)",
        (email,),
    ).fetchone()
    if user is None:
        raise NotFound(f"No user of workspace {workspace} has the address {email}.")
    if wrong := passwords.wrong_with(password, Person(email, user[1], workspace)):
        raise ValidationFailed.at("password", *wrong)
    connection.execute("select set_config('cerebro.actor', 'system', true)")
    connection.execute("select set_config('search_path', %s, true)", (f"{schema}, pg_temp",))
    connection.execute(recovering.KEEP, (user[0], passwords.hash_now(password)))
    connection.execute(recovering.MARK, (user[0],))
    connection.execute(rules.END_SESSIONS, ("password", user[0], None))
