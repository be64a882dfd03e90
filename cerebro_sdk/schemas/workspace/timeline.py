"""Timelines: what happened to one record, and what became of it, as people read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape
from cerebro_sdk.schemas.workspace.changes import Action, Actor

State = Literal["absent", "living", "deleted"] | str


class FieldChange(Shape):
    """One field that changed, or one key of a map."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="The field: `employees`, or `external_ids.crm`.")
    label: str = Field(description="What people call it.")
    old: Any = Field(default=None, description="The value before.")
    new: Any = Field(default=None, description="The value after.")
    text: str = Field(description="The difference in words: `Employees: 42 → 43`.")


class TimelineEntry(Shape):
    """One thing that happened to a record."""

    model_config = ConfigDict(extra="ignore")

    seq: int | None = Field(
        default=None,
        description="Its number in the journal; later ones are larger. Null of what happened "
        "elsewhere.",
    )
    at: datetime = Field(description="When (UTC).")
    action: Action = Field(union_mode="left_to_right", description="What happened to it.")
    actor: Actor = Field(description="Who did it: a person, or a key and the person behind it.")
    version: int | None = Field(
        default=None, description="The record's version after it; null of what happened elsewhere."
    )
    request_id: str | None = Field(default=None, description="The request that made it.")
    source: str | None = Field(
        default=None,
        description="Where it happened, before the record came here: `salesforce`; null: here.",
    )
    earlier_change_id: UUID | None = Field(
        default=None, description="Of what happened elsewhere, which of `earlier_changes` it is."
    )
    changes: list[FieldChange] = Field(description="What changed, field by field.")
    record_type: str | None = Field(
        default=None, description="Of a record that tells of it, its noun: `activities`."
    )
    record_id: UUID | None = Field(default=None, description="That record.")
    title: str | None = Field(default=None, description="What that record is called.")


class NetChange(FieldChange):
    """One field that differs between two moments, and who changed it last."""

    seq: int = Field(description="The number of its last change in the journal.")
    at: datetime = Field(description="When it last changed (UTC).")
    actor: Actor = Field(description="Who changed it last.")


class RecordDiff(Shape):
    """What became of a record between two moments."""

    model_config = ConfigDict(extra="ignore")

    record_type: str = Field(description="The noun: `companies`.")
    record_id: UUID = Field(description="The record.")
    from_version: int = Field(description="Its version at the beginning; 0 before there was one.")
    from_state: State = Field(
        union_mode="left_to_right", description="`absent`, `living` or `deleted` at the beginning."
    )
    to_version: int = Field(description="Its version at the end.")
    to_state: State = Field(
        union_mode="left_to_right", description="`absent`, `living` or `deleted` at the end."
    )
    changes: list[NetChange] = Field(description="What differs in the end, field by field.")
