"""The manifest that every component fills in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.auth import Authenticate


@dataclass(frozen=True)
class Component:
    """What a component brings."""

    name: str
    record_types: Sequence[RecordType] = ()
    """Its nouns; each gets its routes, permissions, events and journal from the kernel."""
    routers: Sequence[APIRouter] = ()
    """Routes of its own verbs."""
    tables: Sequence[str] = ()
    """Writable tables that are no records."""
    sign_in: Callable[[], Authenticate] | None = None
    """Makes what turns a token into an actor; one component brings it."""
