"""Positions: who works where, as what, since when; one contact may have several."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import (
    EDITED,
    Noun,
    Payload,
    Record,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Day, Line, RecordRef
from cerebro_sdk.schemas.shape import Shape

_CONTACT = ("Contact", "Who: an id, an e-mail address, or `source:external-id`.")
_COMPANY = ("Company", "Where: an id, a domain, or `source:external-id`.")
_CURRENT = ("Is current", "Whether it is so today.")


class PositionFields(Shape):
    """What a position has besides its identity and history."""

    role: Line | None = field("Role", "What the person is there: `CTO`.")


class Position(Record, PositionFields):
    """A position as the server returns it; seen by whoever sees both of its ends."""

    noun: ClassVar[Noun] = Noun(
        name="positions",
        singular="position",
        component="contacts",
        title="role",
        columns=("role", "contact_id", "company_id", "is_current", "started_on", "ended_on"),
        verbs=(*EDITED, "destroy"),
    )
    contact_id: UUID = required(*_CONTACT)
    company_id: UUID = required(*_COMPANY)
    is_current: bool = required(*_CURRENT)
    started_on: date | None = field("Started on", "The first day.")
    ended_on: date | None = field("Ended on", "The last day.")


class _Days(Shape):
    started_on: Day | None = field("Started on", "The first day.")
    ended_on: Day | None = field("Ended on", "The last day.")


class PositionCreate(Payload, PositionFields, _Days, Sourced):
    """A new position."""

    contact_id: RecordRef = required(*_CONTACT)
    company_id: RecordRef = required(*_COMPANY)
    is_current: bool = Field(default=True, title=_CURRENT[0], description=_CURRENT[1])


class PositionUpdate(Payload, PositionFields, _Days, Sourced):
    """The fields of a position to change; null empties a field, what is left out stays."""

    contact_id: RecordRef = kept(*_CONTACT)
    company_id: RecordRef = kept(*_COMPANY)
    is_current: bool = kept(*_CURRENT)
