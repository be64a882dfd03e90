"""Changes: the journal, one entry for every change of every record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun
from cerebro_sdk.schemas.shape import Shape

Action = Literal["created", "updated", "deleted", "restored", "destroyed", "merged"] | str
"""What can happen to a record."""


class Actor(Shape):
    """Who did it."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["user", "key", "system"] | str = Field(
        union_mode="left_to_right",
        description="`user`, `key` (an API key) or `system`; in timelines also `elsewhere`.",
    )
    id: UUID | None = Field(default=None, description="The user's or key's id.")
    name: str | None = Field(default=None, description="The user's or key's name.")


class Change(Shape):
    """One change of one record, as the journal holds it."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun] = Noun(
        name="changes",
        singular="change",
        component="workspace",
        title="seq",
        columns=("seq", "at", "actor", "record", "action", "diff"),
    )

    seq: int = Field(title="Seq", description="Its number; later changes have larger ones.")
    at: datetime = Field(title="At", description="When (UTC).")
    actor: Actor = Field(title="Actor", description="Who.")
    record_type: str = Field(title="Record type", description="The noun: `companies`.")
    record_id: UUID = Field(title="Record id", description="The record that changed.")
    action: Action = Field(
        union_mode="left_to_right", title="Action", description="What happened to it."
    )
    version: int = Field(title="Version", description="The record's version after the change.")
    diff: dict[str, Any] = Field(
        title="Diff", description="What changed: `{field: [old, new]}`; maps by key."
    )
    request_id: str | None = Field(
        default=None, title="Request", description="The request that made it."
    )
    operation_id: UUID | None = Field(
        default=None,
        title="Operation",
        description="The operation that made it; `undo` takes back `seq:812` or all of that.",
    )
    cursor: str | None = Field(
        default=None,
        title="Cursor",
        description="In the feed (`after`): where to go on behind it.",
    )
