"""Passwords that are changed, reset, or chosen for the first time."""

from __future__ import annotations

from typing import Final

import structlog

from cerebro_sdk.schemas.identity.auth import ChangePassword, Done, Redeem, ResetRequest
from cerebro_server.components.identity.errors import WrongPassword
from cerebro_server.components.identity.service import (
    login_limits,
    notices,
    one_time,
    passwords,
    sessions,
)
from cerebro_server.components.identity.service.auth import MOST_WORKSPACES
from cerebro_server.components.identity.service.one_time import Account
from cerebro_server.components.identity.service.passwords import Person
from cerebro_server.components.identity.service.sign_in import LIVING
from cerebro_server.kernel.access.actor import SYSTEM, Actor
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.errors import Forbidden
from cerebro_server.kernel.http.auth import Visitor
from cerebro_server.kernel.query import fold

KEEP: Final = (
    "insert into passwords (user_id, hash) values (%s, %s) "
    "on conflict (user_id) do update set hash = excluded.hash"
)
"""Stores the hash of a user's password."""
MARK: Final = (
    "update users set password_changed_at = now(), version = version + 1, updated_at = now() "
    "where id = %s"
)
"""Notes, in the journal too, that a password was set: one-time tokens of before are worthless."""


async def change_password(context: Context, wanted: ChangePassword, *, address: str) -> Done:
    """Set another password for the caller, who has to know the current one; end their other
    sessions.

    Raises `Forbidden` for a key, `WrongPassword`, `TooManyAttempts`, `ValidationFailed`.
    """
    actor = context.actor
    if actor.user_id is None or actor.session_id is None:
        raise Forbidden("An API key cannot change the password of its user; sign in for that.")
    email = actor.email or ""
    rows = await context.read(
        Sql("select hash from passwords where user_id = %s", (actor.user_id,))
    )
    # whoever holds a stolen access token must not find the password out with it
    subject = login_limits.subject_of(context.settings, email=email, address=address)
    await login_limits.begin(context.database, subject, is_known=True)
    if not await passwords.verify(rows[0][0] if rows else None, wanted.current):
        detail = "This is not your current password."
        error = {"pointer": "/current", "code": WrongPassword.code, "detail": detail}
        raise WrongPassword(detail, errors=[error])
    await login_limits.succeed(context.database, subject)
    person = Person(email, actor.name, context.workspace)
    await passwords.check(wanted.new, field="new", person=person)
    hashed = await passwords.hash_of(wanted.new)
    await _set(context, actor, hashed)
    return Done(detail="The password is changed; your other sessions have ended.")


async def request_reset(visitor: Visitor, wanted: ResetRequest) -> None:
    """Send a link for a new password to a user's address, in each of their workspaces; to nobody
    where there is none. For after the reply, which says the same in any case."""
    try:
        await _send_resets(visitor, wanted)
    except Exception as error:  # the reply has gone, and nobody may tell from what comes after it
        log = structlog.get_logger("cerebro.sign_in")
        log.error("reset_failed", request_id=visitor.request_id, exc_info=error)


async def _send_resets(visitor: Visitor, wanted: ResetRequest) -> None:
    database = visitor.database
    email = fold(wanted.email.strip().replace("\0", ""))
    rows = await database.read(
        await database.control(),
        Sql(
            "select l.workspace, l.user_id, w.schema_name, w.role_name from logins l "
            "join workspaces w on w.slug = l.workspace where l.email = %s "
            "order by l.workspace limit %s",
            (email, MOST_WORKSPACES),
        ),
    )
    for workspace, user_id, schema, role in rows:
        async with visitor.context(SYSTEM, workspace, Scope(schema, role)) as context:
            transaction = await context.write()
            row = await transaction.row(
                Sql(
                    "select u.id, u.name, u.email, u.password_changed_at from users u "
                    f"where u.id = %s and {LIVING} for update",
                    (user_id,),
                )
            )
            if row is None or not await one_time.may_reset(context, user_id):
                continue
            account = Account(*row)
            token, until = await one_time.issue(context, account, "reset")
            await notices.reset(
                context, email=account.email, name=account.name, token=token, until=until
            )


async def redeem(visitor: Visitor, wanted: Redeem) -> Done:
    """Set a password with the token of an invitation or a reset; end all sessions of the user.

    Raises `TokenNotValid`, and `ValidationFailed` for a password that will not do, which leaves the
    token as it is.
    """
    found = await one_time.find(visitor.database, wanted.token.strip())
    account = found.account
    person = Person(account.email, account.name, found.workspace)
    await passwords.check(wanted.password, field="password", person=person)
    hashed = await passwords.hash_of(wanted.password)
    actor = Actor("user", account.user_id, account.user_id, account.name, (), email=account.email)
    async with visitor.context(actor, found.workspace, found.scope) as context:
        await one_time.claim(context, found)
        await _set(context, actor, hashed)
    subject = login_limits.subject_of(
        visitor.settings, email=account.email, address=visitor.address
    )
    await login_limits.succeed(visitor.database, subject)
    return Done(detail=f"The password is set; sign in to workspace {found.workspace} with it.")


async def _set(context: Context, user: Actor, hashed: str) -> None:
    transaction = await context.write()
    await transaction.batch(Sql(KEEP, (user.user_id, hashed)), Sql(MARK, (user.user_id,)))
    if user.user_id is None:
        raise TypeError("only people have passwords")
    await sessions.end_all_of(context, user.user_id, "password", except_session=user.session_id)
    await notices.password_was_set(context, email=user.email or "")
