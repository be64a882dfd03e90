"""Who a token belongs to, and what they may do."""

from __future__ import annotations

import hmac
import time
from dataclasses import replace
from typing import Any, Final

from pydantic_core import from_json

from cerebro_server.components.identity.service.keys import parse_key
from cerebro_server.kernel.access import Actor, Role
from cerebro_server.kernel.access.actor import SYSTEM
from cerebro_server.kernel.access.permissions import parse_all
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.errors import NotAuthenticated
from cerebro_server.kernel.fields import read_definitions
from cerebro_server.kernel.ids import read_id

_DEFINITIONS: Final = (
    "(select json_agg(json_build_object('record_type', f.record_type, 'key', f.key, "
    "'type', f.type, 'label', f.label, 'description', f.description, 'options', f.options, "
    "'is_required', f.is_required, 'is_unique', f.is_unique, 'default', f.\"default\") "
    "order by f.record_type, f.position, "
    "f.id) from fields f where f.is_active and f.deleted_at is null)"
)
_MANAGED: Final = (
    "(with recursive below(id, key) as (select m.id, m.key from teams m "
    "where m.manager_id = u.id and m.deleted_at is null union select c.id, c.key from teams c "
    "join below b on c.parent_id = b.id where c.deleted_at is null) "
    "select array_agg(key order by key) from below)"
)
USER_COLUMNS: Final = (
    f"u.id, u.name, u.email, u.teams, {_MANAGED}, (select json_agg(json_build_object('key', r.key, "
    "'permissions', r.permissions, 'row_rules', r.row_rules, 'field_rules', r.field_rules) "
    "order by r.key) from roles r where r.key = any(u.roles) and r.deleted_at is null), "
    f"{_DEFINITIONS}"
)
"""What `actor_of_user` needs of `users u`."""
LIVING: Final = "u.deleted_at is null and u.disabled_at is null"
"""The condition for a user who may sign in."""
_BY_KEY: Final = (
    f"select k.secret_hash, k.id, k.name, k.scopes, {USER_COLUMNS} "
    "from keys k join users u on u.id = k.user_id where k.revoked_at is null "
    f"and (k.expires_at is null or k.expires_at > now()) and {LIVING} and"
)
_KEPT = 10_000

Signed = tuple[Actor, str, Scope]


class SignIn:
    """Checks tokens, and remembers those that passed for at most a second."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[float, Signed]] = {}

    async def __call__(self, database: Database, settings: Settings, token: str) -> Signed:
        """Return actor, workspace and scope of a token; raise `NotAuthenticated`."""
        known = self._remembered.get(token)
        if known and known[0] > time.monotonic():
            return known[1]
        if token.startswith("cbr_"):
            signed = await _by_key(database, token)
        else:
            signed = await _by_session(database, settings, token)
        if len(self._remembered) >= _KEPT:
            self._remembered.clear()
        until = time.monotonic() + settings.key_cache_seconds
        self._remembered[token] = (until, signed)
        return signed

    def forget(self, workspace: str) -> None:
        """Forget who asked in a workspace."""
        gone = [token for token, (_, signed) in self._remembered.items() if signed[1] == workspace]
        for token in gone:
            del self._remembered[token]


async def _by_key(database: Database, token: str) -> Signed:
    key = parse_key(token)
    if key is None:
        raise refused()
    scope = await scope_of(database, key.workspace)
    if scope is None:
        raise refused()
    rows = await database.read(scope, Sql(f"{_BY_KEY} k.lookup = %s", (key.lookup,)))
    if not rows or not hmac.compare_digest(bytes(rows[0][0]), key.secret_hash):
        raise refused()
    return _actor_of_key(rows[0]), key.workspace, scope


async def _by_session(database: Database, settings: Settings, token: str) -> Signed:
    """Find the session of an access token: what the token says is true, and may be over by now."""
    from cerebro_server.components.identity.service import access_tokens  # here: loads slowly

    access = access_tokens.read(settings, token)
    scope = None if access is None else await scope_of(database, access.workspace)
    if access is None or scope is None:
        raise refused()
    rows = await database.read(
        scope,
        Sql(
            f"select {USER_COLUMNS} from sessions s join users u on u.id = s.user_id "
            "where s.id = %s and u.id = %s and s.ended_at is null and s.expires_at > now() "
            f"and s.deleted_at is null and {LIVING}",
            (access.session_id, access.user_id),
        ),
    )
    if not rows:
        raise refused()
    return actor_of_user(rows[0], session_id=access.session_id), access.workspace, scope


async def recall(database: Database, scope: Scope, tag: str, behalf: str) -> Actor:
    """Return whoever the journal names by a tag, with the rights that they have now.

    Raises `NotAuthenticated` for a user who may not sign in any more, and for a key that is revoked
    or expired.
    """
    kind, _, text = tag.partition(":")
    if kind == "system":
        rows = await database.read(scope, Sql(f"select {_DEFINITIONS}"))
        return replace(SYSTEM, definitions=read_definitions(rows[0][0]))
    named = read_id(text)
    if kind == "key":
        rows = await database.read(scope, Sql(f"{_BY_KEY} k.id = %s", (named,)))
        found = _actor_of_key(rows[0]) if rows else None
    else:
        of_user = f"select {USER_COLUMNS} from users u where u.id = %s and {LIVING}"
        rows = await database.read(scope, Sql(of_user, (named,)))
        found = actor_of_user(rows[0]) if rows else None
    if found is None or (behalf and found.behalf != behalf):
        raise NotAuthenticated(f"{tag} may not sign in any more.")
    return found


def _actor_of_key(row: tuple[Any, ...]) -> Actor:
    _, key_id, name, scopes, user_id, _, email, teams, managed, roles, fields = row
    return Actor(
        *("key", key_id, user_id, name, _roles(roles), tuple(teams)),
        managed=tuple(managed or ()),
        scopes=parse_all(scopes),
        email=email,
        definitions=read_definitions(fields),
    )


def actor_of_user(row: tuple[Any, ...], **more: Any) -> Actor:
    """Make the actor for a person of the values of `USER_COLUMNS`."""
    user_id, name, email, teams, managed, roles, fields = row
    facts = ("user", user_id, user_id, name, _roles(roles), tuple(teams), tuple(managed or ()))
    return Actor(*facts, email=email, definitions=read_definitions(fields), **more)


async def scope_of(database: Database, workspace: str) -> Scope | None:
    """Return where a workspace is; None where there is none of that name."""
    rows = await database.read(
        await database.control(),
        Sql("select schema_name, role_name from workspaces where slug = %s", (workspace,)),
    )
    return Scope(*rows[0]) if rows else None


def refused() -> NotAuthenticated:
    """Return the one answer to every token that is none."""
    return NotAuthenticated(
        "The API key or access token is not valid: it may be mistyped, expired, revoked, or of "
        "another server; a session that has ended takes its tokens along.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def _roles(stored: Any) -> tuple[Role, ...]:
    return tuple(Role.of(role) for role in from_json(stored)) if stored else ()
