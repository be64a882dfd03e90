"""Who may: permissions, actors, and what both come to for rows and fields."""

from cerebro_server.kernel.access.actor import Actor, Role, Way
from cerebro_server.kernel.access.conditions import (
    condition,
    condition_ever,
    is_open,
    subject_of,
)
from cerebro_server.kernel.access.permissions import ACTIONS, Permission, parse, permissions_of
from cerebro_server.kernel.access.seeing import LEVELS, restrictions, seen

__all__ = [
    "ACTIONS",
    "LEVELS",
    "Actor",
    "Permission",
    "Role",
    "Way",
    "condition",
    "condition_ever",
    "is_open",
    "parse",
    "permissions_of",
    "restrictions",
    "seen",
    "subject_of",
]
