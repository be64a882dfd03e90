"""Jobs: what happens later, or did not."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun
from cerebro_sdk.schemas.shape import Shape

JobState = Literal["pending", "leased", "done", "dead", "cancelled"] | str
"""Where a job stands."""


class Job(Shape):
    """Something that happens later. One that is done is gone from the list."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun] = Noun(
        name="jobs",
        singular="job",
        component="workspace",
        title="kind",
        columns=("id", "kind", "key", "state", "due_at", "attempts", "last_error"),
    )

    id: UUID = Field(title="Id", description="The job's id, a UUIDv7.")
    kind: str = Field(title="Kind", description="What it does: `ddl`.")
    key: str | None = Field(
        default=None, title="Key", description="What it is about; of a kind and key one job lives."
    )
    state: JobState = Field(
        union_mode="left_to_right",
        title="State",
        description="`pending`, `leased` (it runs), `dead` (no further try), or `cancelled`.",
    )
    due_at: datetime = Field(title="Due", description="When it runs, or runs again (UTC).")
    attempts: int = Field(title="Attempts", description="How often it was tried.")
    last_error: str | None = Field(
        default=None, title="Last error", description="Why the last try failed."
    )
    payload: dict[str, Any] = Field(title="Payload", description="What was asked for.")
    actor: str = Field(
        title="Actor", description="In whose name: `user:<id>`, `key:<id>` or `system`."
    )
    operation_id: UUID | None = Field(
        default=None, title="Operation", description="The operation that asked for it."
    )
    request_id: str | None = Field(
        default=None, title="Request", description="The request that asked for it."
    )
    lease_until: datetime | None = Field(
        default=None, title="Leased until", description="How long its worker has it for itself."
    )
    created_at: datetime = Field(title="Created", description="When it was asked for (UTC).")
    updated_at: datetime = Field(title="Updated", description="When its state last changed (UTC).")


class JobCount(Shape):
    """How many jobs of a kind are in a state."""

    model_config = ConfigDict(extra="ignore")

    kind: str = Field(description="The kind.")
    state: JobState = Field(union_mode="left_to_right", description="The state.")
    count: int = Field(description="How many.")


class JobStats(Shape):
    """How much there is to do, and who does it."""

    model_config = ConfigDict(extra="ignore")

    due: int = Field(description="Jobs whose time has come and that nobody runs yet.")
    oldest_due_seconds: float | None = Field(
        default=None, description="How long the oldest of them has waited."
    )
    workers: int = Field(description="Workers of this server that live.")
    counts: list[JobCount] = Field(description="Jobs by kind and state.")
