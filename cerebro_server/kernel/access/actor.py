"""Who is asking, and all that follows from their roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from cerebro_server.kernel.access.permissions import (
    EVERYTHING,
    SCOPES,
    Permission,
    expanded,
    narrower,
    parse_all,
    widest,
)
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden
from cerebro_server.kernel.fields import NO_DEFINITIONS, Definitions, RecordType


@dataclass(frozen=True, slots=True)
class Role:
    """A role, ready to be asked."""

    key: str
    permissions: tuple[Permission, ...]
    row_rules: Mapping[str, str] = field(default_factory=dict)
    """A filter by noun, in the query language."""
    field_rules: Mapping[str, str] = field(default_factory=dict)
    """`hidden`, `masked` or `read_only` by `<noun>.<field>`."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Role:
        """Make a role of what its row holds."""
        return cls(
            stored["key"],
            parse_all(stored["permissions"]),
            stored["row_rules"] or {},
            stored["field_rules"] or {},
        )


class Way(NamedTuple):
    """How one role lets an action be done: with whose records, and with which of them."""

    role: str
    scope: str
    rule: str | None

    @property
    def is_open(self) -> bool:
        """Whether it leads to every record."""
        return self.scope == "all" and self.rule is None


SYSTEM_ROLE = Role("system", (EVERYTHING,))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a person, a program with a person's key, or the system itself.

    What several roles allow adds up; a key's scopes can only narrow it.
    """

    type: str
    id: UUID | None
    user_id: UUID | None
    name: str
    roles: tuple[Role, ...]
    teams: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    """Keys of the teams that they manage, and of all below."""
    scopes: tuple[Permission, ...] | None = None
    """What a key is narrowed to; None for a person."""
    email: str | None = None
    session_id: UUID | None = None
    """The session of somebody who signed in."""
    definitions: Definitions = NO_DEFINITIONS
    """The custom fields of the workspace, read along with the roles."""
    _ways: dict[tuple[str, str], tuple[Way, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    limits: dict[tuple[str, str], Sql | None] = field(
        default_factory=dict, repr=False, compare=False
    )
    """Conditions that were compiled already. An actor is remembered for a second, so what a rule
    says of the present moment is at most that old."""

    def with_roles(self, *roles: Role) -> Actor:
        """Return the same caller with other roles."""
        return replace(self, roles=roles, _ways={}, limits={})

    @property
    def tag(self) -> str:
        """How the journal names it: `key:<uuid>`."""
        return f"{self.type}:{self.id}" if self.id else self.type

    @property
    def behalf(self) -> str:
        """The user behind a key, as the journal names it."""
        return f"user:{self.user_id}" if self.user_id and self.user_id != self.id else ""

    def ways(self, noun: str, action: str) -> tuple[Way, ...]:
        """Return the ways in which an action may be done; none means never."""
        known = self._ways.get((noun, action))
        if known is None:
            known = self._ways[noun, action] = tuple(self._found(noun, action))
        return known

    def may(self, permission: str) -> bool:
        """Tell whether a permission is held, for some records at least."""
        noun, _, action = permission.partition(":")
        return bool(self.ways(noun, action))

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the permission is held."""
        if not self.may(permission):
            who = "This key lacks" if self.type == "key" else "You lack"
            raise Forbidden(
                f"{who} the permission {permission}; ask whoever runs the workspace.",
                permission=permission,
            )

    def held(self, known: Iterable[str]) -> list[str]:
        """Return those of the known permissions that are held, each in its widest scope."""
        found: list[str] = []
        for permission in known:
            noun, _, action = permission.partition(":")
            scopes = [way.scope for way in self.ways(noun, action)]
            if scopes:
                found.append(str(Permission(noun, action, max(scopes, key=SCOPES.index))))
        return found

    def covers(self, wanted: Iterable[Permission], catalog: Mapping[str, RecordType]) -> bool:
        """Tell whether all of this may be given to others: nobody gives what they do not hold.

        Roles with rules for rows or fields do not count, since what they give is less than it says.
        """
        plain = [role for role in self.roles if not role.row_rules and not role.field_rules]
        return all(
            any(_holds(role.permissions, single) for role in plain)
            and (self.scopes is None or _holds(self.scopes, single))
            for pattern in wanted
            for single in expanded(pattern, catalog)
        )

    def _found(self, noun: str, action: str) -> Iterator[Way]:
        limit = "all" if self.scopes is None else widest(self.scopes, noun, action)
        if limit is None:
            return
        for role in self.roles:
            scope = widest(role.permissions, noun, action)
            if scope is not None:
                yield Way(role.key, narrower(scope, limit), role.row_rules.get(noun))


def _holds(held: Iterable[Permission], wanted: Permission) -> bool:
    if wanted == EVERYTHING:
        return EVERYTHING in tuple(held)
    scope = widest(held, wanted.noun, wanted.action)
    return scope is not None and SCOPES.index(scope) >= SCOPES.index(wanted.scope)


SYSTEM = Actor("system", None, None, "Cerebro", (SYSTEM_ROLE,))
"""The server itself."""
