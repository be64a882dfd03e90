"""Sessions of people: begun by signing in, kept alive by their refresh tokens, ended for a reason.

Only the newest refresh token of a session is good, once; its reply brings the next one (RFC 9700,
section 4.14.2). Whoever lost that reply gets the same one again for a few seconds. Any other use of
an old token means that two hold it, and ends the session.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Final, Literal
from uuid import UUID

import structlog

from cerebro_sdk.schemas.identity.auth import Tokens
from cerebro_server.components.identity.errors import SessionEnded
from cerebro_server.components.identity.rules import END_SESSIONS
from cerebro_server.components.identity.service import notices, refresh_tokens
from cerebro_server.components.identity.service.refresh_tokens import Refresh
from cerebro_server.components.identity.service.sign_in import (
    LIVING,
    USER_COLUMNS,
    actor_of_user,
    scope_of,
)
from cerebro_server.kernel.access.actor import SYSTEM, Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.http.auth import Visitor
from cerebro_server.kernel.ids import uuid7

Because = Literal["logout", "ended", "reuse", "password", "disabled"]
GRACE_SECONDS = 10
_DAY_SECONDS = 86_400
_LONGEST_CLIENT = 200

_START: Final = """
insert into sessions
    (id, user_id, client, address, seed, counter, rotated_at, expires_at, last_seen_at)
values (%s, %s, %s, %s, %s, 1, now(), now() + make_interval(days => %s), now())
"""
# the clock, not now(): whoever waited for the lock began before the rotation that they waited for
_LOCK: Final = """
select counter, clock_timestamp() - rotated_at <= make_interval(secs => %s),
    ended_at is null and expires_at > clock_timestamp() and deleted_at is null
from sessions where id = %s for update
"""
_ROTATE: Final = """
update sessions set counter = counter + 1, rotated_at = clock_timestamp(), last_seen_at = now(),
    expires_at = now() + make_interval(days => %s)
where id = %s
"""


async def start(context: Context, *, client: str, address: str) -> Tokens:
    """Begin a session of the context's user and return its first tokens."""
    session_id, seed = uuid7(), secrets.token_bytes(32)
    days = context.settings.session_days
    named = "".join(c if c.isprintable() else "?" for c in client)[:_LONGEST_CLIENT]
    transaction = await context.write()
    values = (session_id, context.actor.user_id, named or "unknown", address or None, seed, days)
    await transaction.rows(Sql(_START, values))
    token = Refresh(context.workspace, session_id, 1)
    return _tokens(context.settings, context.actor, token, seed)


async def refresh(visitor: Visitor, text: str) -> Tokens:
    """Return new tokens for the newest refresh token of a session. Raises `SessionEnded`.

    The token just before it gets the same answer for 10 seconds. One that is older ends the
    session: somebody else may have it.
    """
    token = refresh_tokens.parse(text)
    scope = None if token is None else await scope_of(visitor.database, token.workspace)
    if token is None or scope is None:
        raise _over()
    rows = await visitor.database.read(
        scope,
        Sql(
            f"select s.seed, {USER_COLUMNS} from sessions s join users u on u.id = s.user_id "
            f"where s.id = %s and {LIVING}",
            (token.session_id,),
        ),
    )
    if not rows or not refresh_tokens.is_genuine(visitor.settings, token, bytes(rows[0][0])):
        raise _over()
    seed, actor = bytes(rows[0][0]), actor_of_user(rows[0][1:], session_id=token.session_id)
    async with visitor.context(actor, token.workspace, scope) as context:
        following = await _turn(context, token)
    if following is None:
        await _reused(visitor, actor, token, scope)
        raise _over()
    return _tokens(visitor.settings, actor, replace(token, number=following), seed)


async def end(context: Context, session_id: UUID, because: Because) -> bool:
    """End a session; tell whether it lived. One that has ended stays as it is."""
    transaction = await context.write()
    ended = await transaction.rows(
        Sql(
            "update sessions set ended_at = now(), ended_because = %s, version = version + 1, "
            "updated_at = now() where id = %s and ended_at is null returning id",
            (because, session_id),
        )
    )
    return bool(ended)


async def end_all_of(
    context: Context, user_id: UUID, because: Because, *, except_session: UUID | None = None
) -> None:
    """End every living session of a user; their access tokens are refused from the next second."""
    transaction = await context.write()
    await transaction.rows(Sql(END_SESSIONS, (because, user_id, except_session)))


async def _turn(context: Context, token: Refresh) -> int | None:
    """Return the number of the token that follows, turning the counter; None for a token that was
    spent. Locks the session."""
    transaction = await context.write()
    row = await transaction.row(Sql(_LOCK, (GRACE_SECONDS, token.session_id)))
    if row is None:
        raise _over()
    counter, just_rotated, lives = row
    if not lives or token.number > counter:
        raise _over()
    if token.number == counter:
        days = context.settings.session_days
        await transaction.rows(Sql(_ROTATE, (days, token.session_id)))
        return token.number + 1
    return int(counter) if token.number == counter - 1 and just_rotated else None


async def _reused(visitor: Visitor, actor: Actor, token: Refresh, scope: Scope) -> None:
    """End the session of a spent token, and tell its user and whoever runs the server."""
    structlog.get_logger("cerebro.sign_in").warning(
        "refresh_token_reused",
        request_id=visitor.request_id,
        workspace=token.workspace,
        session=str(token.session_id),
        user=str(actor.user_id),
        address=visitor.address,
    )
    async with visitor.context(SYSTEM, token.workspace, scope) as context:
        if await end(context, token.session_id, "reuse"):
            await notices.session_was_shared(context, actor, address=visitor.address)


def _tokens(settings: Settings, actor: Actor, token: Refresh, seed: bytes) -> Tokens:
    from cerebro_server.components.identity.service import access_tokens  # here: loads slowly

    if actor.user_id is None:
        raise TypeError("only people have sessions")
    access = access_tokens.Access(actor.user_id, token.session_id, token.workspace)
    return Tokens(
        access_token=access_tokens.issue(settings, access),
        token_type="Bearer",  # noqa: S106 - RFC 6749's word
        expires_in=settings.access_token_seconds,
        refresh_token=refresh_tokens.text_of(settings, token, seed),
        refresh_expires_in=settings.session_days * _DAY_SECONDS,
        workspace=token.workspace,
    )


def _over() -> SessionEnded:
    return SessionEnded(
        "This refresh token is not, or no longer, good; sign in again.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
