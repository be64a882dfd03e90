"""Who a token belongs to."""

from __future__ import annotations

import hmac
import time
from uuid import UUID

from cerebro_server.components.identity.service.keys import parse_key
from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.errors import NotAuthenticated

_ROLES = {"owner": frozenset({"*"})}
_KEPT = 10_000

Signed = tuple[Actor, str, Scope]


class SignIn:
    """Checks API keys, and remembers those that passed for at most a second."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[float, Signed]] = {}
        self._control: Scope | None = None

    async def __call__(self, database: Database, settings: Settings, token: str) -> Signed:
        """Return actor, workspace and scope of a token; raise `NotAuthenticated`."""
        known = self._remembered.get(token)
        if known and known[0] > time.monotonic():
            return known[1]
        signed = await self._check(database, token)
        if len(self._remembered) >= _KEPT:
            self._remembered.clear()
        until = time.monotonic() + settings.key_cache_seconds
        self._remembered[token] = (until, signed)
        return signed

    async def _check(self, database: Database, token: str) -> Signed:
        key = parse_key(token)
        if key is None:
            raise _refused()
        control = await self._control_scope(database)
        workspaces = await database.read(
            control,
            Sql("select schema_name, role_name from workspaces where slug = %s", (key.workspace,)),
        )
        if not workspaces:
            raise _refused()
        scope = Scope(*workspaces[0])
        rows = await database.read(
            scope,
            Sql(
                "select k.id, k.secret_hash, k.name, k.scopes, u.id, u.role "
                "from api_keys k join users u on u.id = k.user_id "
                "where k.lookup = %s and k.revoked_at is null and u.disabled_at is null",
                (key.lookup,),
            ),
        )
        if not rows or not hmac.compare_digest(bytes(rows[0][1]), key.secret_hash):
            raise _refused()
        return _actor(*rows[0]), key.workspace, scope

    async def _control_scope(self, database: Database) -> Scope:
        """Return the scope that may read `public`, found out once."""
        if self._control is None:
            roles = await database.read(
                Scope("public", "none"),
                Sql(
                    "select rolname from pg_roles where rolname = regexp_replace("
                    "session_user, '^(cerebro_[a-z0-9]+)_app$', '\\1_control')"
                ),
            )
            role = roles[0][0] if roles and roles[0][0].endswith("_control") else "none"
            self._control = Scope("public", role)
        return self._control


def _actor(
    key_id: UUID, _hash: bytes, name: str, scopes: list[str], user_id: UUID, role: str
) -> Actor:
    # a key can only narrow what its owner may; today's only role may do everything
    permissions = frozenset(scopes) if "*" in _ROLES[role] else frozenset(scopes) & _ROLES[role]
    return Actor("key", key_id, user_id, name, permissions)


def _refused() -> NotAuthenticated:
    return NotAuthenticated(
        "The API key is not valid: it may be mistyped, revoked or of another server.",
        headers={"WWW-Authenticate": "Bearer"},
    )
