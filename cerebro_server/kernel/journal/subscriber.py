"""Who wants to know of changes, and what for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the journal."""

    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    request_id: str | None
    operation_id: UUID | None
    undoes: UUID | None
    """The operation that it takes back."""
    is_silent: bool
    """Whether its operation asked that nothing acts on it."""
    record_type: str
    record_id: UUID
    action: str
    version: int
    diff: Mapping[str, Any]


class Wish(NamedTuple):
    """A job that a subscriber asks for; of a kind and key one lives at a time."""

    kind: str
    key: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Subscriber:
    """Turns changes into jobs. It sees every change that it wants once, in order of their commits,
    many at a time; what it does has to be a function of them alone."""

    name: str
    jobs: Callable[[Sequence[Change]], Sequence[Wish]]
    nouns: frozenset[str] | None = None
    """The nouns that it wants to know of; None: all."""
    actions: frozenset[str] | None = None
    """`created`, `updated` …; None: all."""
    acts: bool = False
    """Whether it acts on what people do, as workflows: then it is shown nothing that is silent, and
    nothing that an undo does."""

    def wants(self, change: Change) -> bool:
        """Tell whether it wants to know of this one."""
        if self.acts and (change.is_silent or change.undoes is not None):
            return False
        return (self.nouns is None or change.record_type in self.nouns) and (
            self.actions is None or change.action in self.actions
        )
