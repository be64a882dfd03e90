"""In whose workspace and in whose name a transaction runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OPEN: Final = (
    "select set_config('search_path', %s, true), set_config('role', %s, true), "
    "set_config('cerebro.actor', %s, true), set_config('cerebro.on_behalf_of', %s, true), "
    "set_config('cerebro.request', %s, true)"
)
"""The statement that opens every transaction; all of it ends with the transaction."""

OPEN_READ: Final = f"{OPEN}, set_config('transaction_read_only', 'on', true)"
"""The same for a read: PostgreSQL refuses whatever would write."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What PostgreSQL is told before anything else in a transaction.

    `schema` and `role` decide what can be touched; the journal's triggers read the rest. A write
    without an actor is refused by them.
    """

    schema: str
    role: str
    """The role to take on; `none` on servers where Cerebro may not make roles."""
    actor: str = ""
    """`user:<uuid>`, `key:<uuid>` or `system`."""
    on_behalf_of: str = ""
    """The user that a key acts for: `user:<uuid>`."""
    request: str = ""
    """Id of the request."""

    @property
    def params(self) -> tuple[str, str, str, str, str]:
        """Parameters of `OPEN`. pg_temp stands last, or a temporary table could hide a real one."""
        path = f'"{self.schema}", pg_temp'
        return (path, self.role, self.actor, self.on_behalf_of, self.request)
