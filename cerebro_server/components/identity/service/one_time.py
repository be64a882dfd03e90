"""One-time tokens: `cbr_ot_<workspace>_<id>_<secret><crc>`, for invitations and lost passwords.

What is stored is a hash over the secret and over the user's address and last change of password:
a change of either leaves every token of before worthless, by whatever door it came.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from cerebro_server.components.identity.errors import TokenNotValid
from cerebro_server.components.identity.service.keys import Key, new_key, parse_key
from cerebro_server.components.identity.service.sign_in import LIVING, scope_of
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.query import fold

Purpose = Literal["invite", "reset"]
_HOURS = {"invite": 72, "reset": 1}
_RESETS_AN_HOUR = 3


class Account(NamedTuple):
    """What a token is bound to."""

    user_id: UUID
    name: str
    email: str
    password_changed_at: datetime | None


class Found(NamedTuple):
    """A token that is good at the moment."""

    id: UUID
    purpose: Purpose
    account: Account
    workspace: str
    scope: Scope


async def issue(context: Context, account: Account, purpose: Purpose) -> tuple[str, datetime]:
    """Make a token; return its text, which is never stored, and until when it is good.

    A new invitation takes the place of older ones.
    """
    text, key = new_key(context.workspace, kind="ot_")
    transaction = await context.write()
    *_, [(expires_at,)] = await transaction.batch(
        Sql(
            "delete from one_time_tokens where user_id = %s "
            "and (purpose = 'invite' and %s = 'invite' or expires_at < now() - interval '1 day')",
            (account.user_id, purpose),
        ),
        Sql(
            "insert into one_time_tokens (id, user_id, purpose, lookup, secret_hash, expires_at) "
            "values (%s, %s, %s, %s, %s, now() + make_interval(hours => %s)) returning expires_at",
            (
                *(uuid7(), account.user_id, purpose, key.lookup),
                *(_bound(key, account), _HOURS[purpose]),
            ),
        ),
    )
    return text, expires_at


async def may_reset(context: Context, user_id: UUID) -> bool:
    """Tell whether one more message about a lost password may go out: three an hour, so that
    nobody's mailbox is flooded by others."""
    [(sent,)] = await context.read(
        Sql(
            "select count(*) from one_time_tokens where user_id = %s and purpose = 'reset' "
            "and created_at > now() - interval '1 hour'",
            (user_id,),
        )
    )
    return bool(sent < _RESETS_AN_HOUR)


async def find(database: Database, text: str) -> Found:
    """Return what a token is for. Raises `TokenNotValid`, the same for every reason."""
    key = parse_key(text, kind="ot_")
    scope = None if key is None else await scope_of(database, key.workspace)
    if key is None or scope is None:
        raise refused()
    rows = await database.read(
        scope,
        Sql(
            "select o.id, o.purpose, o.secret_hash, u.id, u.name, u.email, u.password_changed_at "
            "from one_time_tokens o join users u on u.id = o.user_id where o.lookup = %s "
            f"and o.used_at is null and o.expires_at > now() and {LIVING}",
            (key.lookup,),
        ),
    )
    if not rows:
        raise refused()
    token_id, purpose, kept, *of_user = rows[0]
    account = Account(*of_user)
    if not hmac.compare_digest(bytes(kept), _bound(key, account)):
        raise refused()
    return Found(token_id, purpose, account, key.workspace, scope)


async def claim(context: Context, found: Found) -> None:
    """Use a token up, once and by one request only. Raises `TokenNotValid`.

    Locks the user, and looks again whether the token still belongs to their address and password.
    """
    transaction = await context.write()
    account = found.account
    user, used = await transaction.batch(
        Sql(
            f"select 1 from users u where u.id = %s and u.email = %s and {LIVING} "
            "and u.password_changed_at is not distinct from %s for update",
            (account.user_id, account.email, account.password_changed_at),
        ),
        Sql(
            "update one_time_tokens set used_at = now() "
            "where id = %s and used_at is null and expires_at > now() returning id",
            (found.id,),
        ),
    )
    if not user or not used:
        raise refused()


def refused() -> TokenNotValid:
    """Return the one answer to every token that is none."""
    detail = "It is mistyped, used, expired, or older than a change of the address or password."
    return TokenNotValid(
        f"{detail} Ask for a new one.",
        errors=[{"pointer": "/token", "code": "token_not_valid", "detail": detail}],
    )


def _bound(key: Key, account: Account) -> bytes:
    changed = account.password_changed_at.isoformat() if account.password_changed_at else ""
    said = f"{account.user_id}\0{fold(account.email)}\0{changed}"
    return hashlib.sha256(key.secret_hash + said.encode()).digest()
