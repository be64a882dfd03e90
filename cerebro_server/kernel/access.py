"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cerebro_server.kernel.errors import Forbidden

ACTIONS = {
    "read": "See {noun}, alone, in lists and in filters.",
    "create": "Add {noun}.",
    "update": "Change {noun}.",
    "delete": "Delete {noun}; they can be restored.",
    "restore": "Bring deleted {noun} back.",
    "import": "Add and change {noun} from files.",
    "export": "Take {noun} out as files.",
}
"""What can be done with every record type; permissions are `<noun>:<action>`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a person through an API key, or the system itself."""

    type: str
    id: UUID | None
    user_id: UUID | None
    name: str
    permissions: frozenset[str]
    """Permissions or patterns: `companies:read`, `companies:*`, `*:read`, `*`."""

    @property
    def tag(self) -> str:
        """How the journal names it: `key:<uuid>`."""
        return f"{self.type}:{self.id}" if self.id else self.type

    @property
    def behalf(self) -> str:
        """The user behind a key, as the journal names it."""
        return f"user:{self.user_id}" if self.user_id and self.user_id != self.id else ""

    def may(self, permission: str) -> bool:
        """Tell whether a permission is held."""
        noun, _, action = permission.partition(":")
        return not self.permissions.isdisjoint(("*", permission, f"{noun}:*", f"*:{action}"))

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the permission is held."""
        if not self.may(permission):
            raise Forbidden(
                f"This key lacks the permission {permission}; ask whoever runs the workspace.",
                permission=permission,
            )
