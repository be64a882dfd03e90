"""Signing in and out, and who one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import structlog

from cerebro_sdk.schemas.identity.auth import Done, Login, Tokens, WhoAmI
from cerebro_server.components.identity.errors import NoSession, SignInFailed, WorkspaceNeeded
from cerebro_server.components.identity.service import login_limits, passwords, sessions
from cerebro_server.components.identity.service.sign_in import LIVING, USER_COLUMNS, actor_of_user
from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.http.auth import Visitor
from cerebro_server.kernel.query import fold

MOST_WORKSPACES = 5
_LOGINS: Final = """
select l.workspace, l.user_id, w.schema_name, w.role_name
from logins l join workspaces w on w.slug = l.workspace
where l.email = %s and (%s::text is null or l.workspace = %s)
order by l.workspace limit %s
"""
# how many workspaces one address has at most: everybody's sign-in verifies that many passwords, or
# the time that it takes would say in how many an address is known
_MOST: Final = """
select coalesce(max(n), 1) from (select count(*) from logins group by email) as counted(n)
"""


class _Candidate(NamedTuple):
    """A workspace that an address leads to."""

    workspace: str
    scope: Scope
    actor: Actor
    stored: str | None
    """The password's hash."""
    is_known: bool
    """Whether the user signed in from this address before."""


async def login(visitor: Visitor, wanted: Login) -> Tokens:
    """Sign in with address and password; in several workspaces, if the password fits several, only
    once told which.

    Raises `SignInFailed` (the same for an unknown address, a wrong password, a disabled user and
    one without a password), `WorkspaceNeeded`, `TooManyAttempts`.
    """
    email = wanted.email.strip().replace("\0", "")
    found, verifications = await _logins(visitor, email, wanted.workspace)
    subject = login_limits.subject_of(visitor.settings, email=email, address=visitor.address)
    is_known = any(candidate.is_known for candidate in found)
    await login_limits.begin(visitor.database, subject, is_known=is_known)
    stored = [candidate.stored for candidate in found]
    stored += [None] * (verifications - len(stored))
    fits = [await passwords.verify(each, wanted.password) for each in stored]
    fitting = [candidate for candidate, fit in zip(found, fits, strict=False) if fit]
    if not fitting:
        _log("sign_in_failed", visitor, account=subject.account.hex())
        raise SignInFailed(
            "No user who may sign in has this address and password.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    await login_limits.succeed(visitor.database, subject)
    if len(fitting) > 1:
        names = [candidate.workspace for candidate in fitting]
        raise WorkspaceNeeded(
            f"Address and password fit the workspaces {', '.join(names)}; say which one.",
            workspaces=names,
        )
    return await _enter(visitor, fitting[0], wanted.password)


async def logout(context: Context) -> Done:
    """End the caller's session. Raises `NoSession` for a key."""
    if context.actor.session_id is None:
        raise NoSession("This is an API key, which has no session; revoke it to make it worthless.")
    await sessions.end(context, context.actor.session_id, "logout")
    return Done(detail="Signed out; the tokens of this session are worthless now.")


async def whoami(context: Context) -> WhoAmI:
    """Return the caller as the server sees it."""
    actor = context.actor
    rows = await context.read(Sql("select name from users where id = %s", (actor.user_id,)))
    is_key = actor.type == "key"
    return WhoAmI(
        workspace=context.workspace,
        type=actor.type,
        user_id=actor.user_id,
        name=rows[0][0] if rows else actor.name,
        email=actor.email,
        key=actor.name if is_key else None,
        roles=[role.key for role in actor.roles],
        teams=list(actor.teams),
        permissions=actor.held(sorted(context.known_permissions)),
    )


async def _logins(
    visitor: Visitor, email: str, workspace: str | None
) -> tuple[list[_Candidate], int]:
    """Return where an address leads to, and how many passwords are to be verified for it."""
    database = visitor.database
    control = await database.control()
    named = workspace and workspace.replace("\0", "")
    values = (fold(email), named, named, MOST_WORKSPACES)
    rows = await database.read(control, Sql(_LOGINS, values))
    verifications = 1
    if named is None:
        [(most,)] = await database.read(control, Sql(_MOST))
        verifications = min(int(most), MOST_WORKSPACES)
    found = [await _candidate(visitor, row) for row in rows]
    for _ in range(verifications - len(rows)):
        await database.read(control, Sql("select 1"))  # as many statements as for a known address
    return [candidate for candidate in found if candidate is not None], verifications


async def _candidate(visitor: Visitor, row: Sequence[Any]) -> _Candidate | None:
    workspace, user_id, schema, role = row
    scope = Scope(schema, role)
    rows = await visitor.database.read(
        scope,
        Sql(
            "select p.hash, exists (select from sessions s where s.user_id = u.id "
            "and s.address = %s and s.created_at > now() - interval '30 days'), "
            f"{USER_COLUMNS} from users u left join passwords p on p.user_id = u.id "
            f"where u.id = %s and {LIVING}",
            (visitor.address, user_id),
        ),
    )
    if not rows:  # disabled just now
        return None
    stored, is_known, *of_user = rows[0]
    return _Candidate(workspace, scope, actor_of_user(tuple(of_user)), stored, is_known)


async def _enter(visitor: Visitor, chosen: _Candidate, password: str) -> Tokens:
    """Start a session; renew a hash that was made with older parameters."""
    renewed = None
    if chosen.stored is not None and passwords.is_outdated(chosen.stored):
        renewed = await passwords.hash_of(password)
    async with visitor.context(chosen.actor, chosen.workspace, chosen.scope) as context:
        if renewed is not None:
            transaction = await context.write()
            await transaction.rows(
                Sql(
                    "update passwords set hash = %s where user_id = %s and hash = %s",
                    (renewed, chosen.actor.user_id, chosen.stored),
                )
            )
        tokens = await sessions.start(context, client=visitor.client, address=visitor.address)
    _log("signed_in", visitor, workspace=chosen.workspace, user=str(chosen.actor.user_id))
    return tokens


def _log(event: str, visitor: Visitor, **more: str) -> None:
    log = structlog.get_logger("cerebro.sign_in")
    log.info(event, request_id=visitor.request_id, address=visitor.address, **more)
