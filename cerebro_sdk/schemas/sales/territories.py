"""Territories: parts of the market, in a tree, whose managers see what lies in them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Line, RecordRef, Text, UserRef
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What the territory is called; no two living ones share a name.")
_PARENT = ("Parent", "The territory that it lies in: a name or an id.")
_MANAGER = (
    "Manager",
    "The user for whom deals and leads in it, and in all territories below, count as their team's.",
)


class TerritoryFields(Shape):
    """What a territory has besides its identity and history."""

    description: Text | None = field("Description", "What belongs to it.")


class Territory(Record, TerritoryFields):
    """A territory as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="territories",
        singular="territory",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "parent_id", "manager_id", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    parent_id: UUID | None = field(*_PARENT)
    manager_id: UUID | None = field(*_MANAGER)


class _Sent(Shape):
    parent_id: RecordRef | None = field(*_PARENT)
    manager_id: UserRef | None = field(*_MANAGER)


class TerritoryCreate(Payload, TerritoryFields, _Sent, Sourced):
    """A new territory."""

    name: Line = required(*_NAME)


class TerritoryUpdate(Payload, TerritoryFields, _Sent, Sourced):
    """The fields of a territory to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
