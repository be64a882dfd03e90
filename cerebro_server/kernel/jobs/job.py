"""A job as the worker that claimed it knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job."""

    id: UUID
    kind: str
    key: str | None
    payload: Mapping[str, Any]
    attempt: int
    """The number of this try, from 1."""
    token: int
    """What a write shows to prove that the lease is still held: a later claim has a larger one."""
    actor: str
    """Who asked for it: `user:<uuid>`, `key:<uuid>` or `system`."""
    on_behalf_of: str | None
    request_id: str | None
    operation_id: UUID | None
