"""Operations: what touches many records is planned, applied and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun, Payload
from cerebro_sdk.schemas.shape import Shape
from cerebro_sdk.schemas.workspace.changes import Actor
from cerebro_sdk.schemas.workspace.timeline import FieldChange

OperationState = (
    Literal[
        "planning",
        "planned",
        "applying",
        "applied",
        "undoing",
        "undone",
        "failed",
        "cancelled",
        "expired",
    ]
    | str
)
RowAction = Literal["create", "update", "delete", "restore", "unchanged", "skip", "error"] | str


class PlanCounts(Shape):
    """How many rows of a plan do what."""

    model_config = ConfigDict(extra="ignore")

    create: int = Field(default=0, description="Records that are made.")
    update: int = Field(default=0, description="Records that are changed.")
    delete: int = Field(default=0, description="Records that are deleted; they can be restored.")
    restore: int = Field(default=0, description="Deleted records that are brought back.")
    unchanged: int = Field(default=0, description="Rows that change nothing.")
    skip: int = Field(default=0, description="Rows that are left out on purpose.")
    error: int = Field(default=0, description="Rows that are wrong, or left for a reason.")


class DoneCounts(Shape):
    """How many rows came to what."""

    model_config = ConfigDict(extra="ignore")

    created: int = Field(default=0, description="Records that were made.")
    updated: int = Field(default=0, description="Records that were changed.")
    deleted: int = Field(default=0, description="Records that were deleted.")
    restored: int = Field(default=0, description="Deleted records that were brought back.")
    left: int = Field(
        default=0,
        description="Planned rows that were not written, since something came in between; "
        "`errors` says why.",
    )


class NounCounts(Shape):
    """The counts of one noun."""

    model_config = ConfigDict(extra="ignore")

    record_type: str = Field(description="The noun: `contacts`.")
    plan: PlanCounts = Field(description="What the plan comes to.")
    done: DoneCounts = Field(description="What has been done of it; what was left is not here.")


class FieldCount(Shape):
    """How many records a plan changes in one field."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="Noun and field: `contacts.email`.")
    records: int = Field(description="Records that it changes.")


class RowProblem(Shape):
    """Why a row does nothing, or came to nothing."""

    model_config = ConfigDict(extra="allow")

    code: str = Field(description="What is wrong, as a word that never changes.")
    message: str = Field(description="What is wrong, for people.")


class OperationRow(Shape):
    """One row of a plan."""

    model_config = ConfigDict(extra="ignore")

    number: int = Field(description="Its number in the plan.")
    record_type: str = Field(description="The noun: `contacts`.")
    action: RowAction = Field(
        union_mode="left_to_right", description="What it does; `error` and `skip` do nothing."
    )
    record_id: UUID | None = Field(default=None, description="The record.")
    label: str | None = Field(default=None, description="What the record is called.")
    line: int | None = Field(default=None, description="Line of the file that it is from.")
    file: str | None = Field(default=None, description="Of several files, the one it is from.")
    changes: list[FieldChange] = Field(default=[], description="What it changes, by field.")
    problem: RowProblem | None = Field(
        default=None, description="Why it does nothing, or was left when its turn came."
    )


class Operation(Shape):
    """One operation: its plan, and how far it has come."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun] = Noun(
        name="operations",
        singular="operation",
        component="workspace",
        title="kind",
        columns=("id", "kind", "state", "by", "created_at"),
    )

    id: UUID = Field(title="Id", description="The operation's id.")
    kind: str = Field(
        title="Kind",
        description="What it does: `contacts.update`, `undo`; `edit` is a single write that was "
        "taken back.",
    )
    state: OperationState = Field(
        union_mode="left_to_right",
        title="State",
        description="`planning`, `planned`, `applying`, `applied`, `undoing`, `undone`; `failed` "
        "and `cancelled` can be resumed; a plan is `expired` after 7 days.",
    )
    by: Actor = Field(title="By", description="Who made it.")
    input: dict[str, Any] = Field(title="Input", description="What it was asked to do.")
    options: dict[str, Any] = Field(title="Options", description="How.")
    plan: PlanCounts = Field(title="Plan", description="What its plan comes to.")
    done: DoneCounts = Field(title="Done", description="What has been done of it so far.")
    nouns: list[NounCounts] = Field(
        default=[], title="Nouns", description="The same counts, noun by noun."
    )
    fields: list[FieldCount] = Field(
        default=[], title="Fields", description="Which fields it changes, in how many records."
    )
    report: dict[str, Any] = Field(
        default={},
        title="Report",
        description="What its kind tells: how a file was read; which values a merge loses; what a "
        "scan for duplicates found.",
    )
    sample: list[OperationRow] = Field(
        default=[], title="Sample", description="The first rows that it writes."
    )
    undoes: UUID | None = Field(
        default=None, title="Undoes", description="The operation that this one takes back."
    )
    undone_by: UUID | None = Field(
        default=None,
        title="Undone by",
        description="The operation that took this one back, or the last that took back a part.",
    )
    may_undo: bool = Field(
        default=False,
        title="May undo",
        description="Whether there is something to take back, and you may: it is yours, or you "
        "hold `operations:undo`.",
    )
    problem: dict[str, Any] | None = Field(
        default=None, title="Problem", description="Why it failed, as every error of the API."
    )
    created_at: datetime = Field(title="Created", description="When it was asked for (UTC).")
    planned_at: datetime | None = Field(
        default=None, title="Planned", description="When its plan was ready."
    )
    started_at: datetime | None = Field(
        default=None, title="Started", description="When it began to write."
    )
    ended_at: datetime | None = Field(
        default=None, title="Ended", description="When it was applied, cancelled, or failed."
    )
    expires_at: datetime = Field(
        title="Expires", description="When its plan is too old to be applied."
    )
    plan_removed_at: datetime | None = Field(
        default=None,
        title="Plan removed",
        description="Since when the rows of its plan are gone; counts and errors are kept.",
    )


class OperationOptions(Payload):
    """How to plan and apply."""

    yes: bool = Field(default=False, description="Apply it as soon as it is planned.")
    silent: bool = Field(
        default=False, description="Keep workflows from acting on what it changes."
    )
    all_or_nothing: bool = Field(
        default=False,
        description="Write all rows in one transaction, or none where one cannot be written (409 "
        "`not_whole`); at most 10 000 rows.",
    )


class OperationCreate(Payload):
    """What to do with many records."""

    kind: str = Field(
        min_length=1,
        max_length=100,
        description="Noun and verb: `contacts.update`, `contacts.delete`, `contacts.merge`, "
        "`contacts.import`, `contacts.find_duplicates`; `import` for several files.",
    )
    input: dict[str, Any] = Field(
        default_factory=dict,
        description="What its kind takes. `update`: `where` and `values`; `delete`: `where`; "
        "`merge`: `into`, `records`, `take` (a field, and whose value it gets) and `values`; or "
        "`pairs`, a list of such; or `duplicates`, with `above` a score, or `pairs` by id; "
        "`find_duplicates`: nothing; `import`: `files`, each with `name` and `upload_id`, and what "
        "docs/dumps.md says.",
    )
    options: OperationOptions = Field(default_factory=OperationOptions, description="How.")


class OperationApply(Payload):
    """How to apply a plan."""

    on_drift: Literal["refuse", "skip", "replan"] = Field(
        default="refuse",
        description="Where records changed since it was planned: `refuse` all of it (409 "
        "`plan_drifted`), `skip` those, or `replan` and apply the new plan.",
    )


class OperationUndo(Payload):
    """What of an operation to take back."""

    where: str | None = Field(
        default=None, max_length=10_000, description="Only records that fit this filter."
    )
    force_fields: bool = Field(
        default=False,
        description="Of records that were changed since, take back the fields that were not.",
    )
    record: str | None = Field(
        default=None,
        max_length=400,
        description="Of a merge of many, only what this record took part in: `contacts/REF`.",
    )
    yes: bool = Field(default=False, description="Apply the undo as soon as it is planned.")


class Undo(Payload):
    """What to take back: an operation, or a single change."""

    what: str | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="An operation's id or the end of it, `seq:812` of a change, the id of a "
        "request, or `contacts/ada@x.example` for the last change of that record. Left out: the "
        "last thing that you did and that is not taken back.",
    )
    where: str | None = Field(
        default=None, max_length=10_000, description="Only records that fit this filter."
    )
    force_fields: bool = Field(
        default=False,
        description="Of records that were changed since, take back the fields that were not.",
    )
    yes: bool = Field(default=False, description="Apply the undo as soon as it is planned.")


class OperationRedo(Payload):
    """How to do again what was undone."""

    yes: bool = Field(default=False, description="Apply it as soon as it is planned.")
