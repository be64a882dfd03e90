"""Who gets new records that name no owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Handover:
    """What a component does for records that nobody owns, where a workspace has rules for it.

    The first argument of each is the caller's `Context` (a floor above this one).
    """

    applies: Callable[[Any], Awaitable[bool]]
    """Whether there are rules: new records without an owner are then written without one."""
    give: Callable[[Any, Sequence[UUID]], Awaitable[None]]
    """Gives these an owner, as far as a rule fits; in the transaction that wrote them."""
    told: Callable[[Any, Sequence[UUID]], Awaitable[list[dict[str, Any]]]]
    """Returns how many of these went to whom by which rule."""
    many: Mapping[str, Any]
    """What is told instead where more are new than can be tried."""
