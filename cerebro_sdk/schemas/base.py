"""What every record and every payload on the wire has in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.kinds import CustomValues, ExternalIds, TeamKey, Timestamp, UserRef
from cerebro_sdk.schemas.shape import Shape

R = TypeVar("R")

_LAST = [
    "custom",
    "owner_id",
    "team",
    "external_ids",
    "source_created_at",
    "created_at",
    "updated_at",
    "locked_at",
    "deleted_at",
    "version",
]


EDITED = (
    *("list", "search", "get", "create", "update", "delete", "restore"),
    *("timeline", "diff"),
)
"""What can be done with records that are kept by hand."""
ALL = (*EDITED, "import", "export")
"""What can be done with most records."""


@dataclass(frozen=True, slots=True)
class Noun:
    """How one kind of record is called and shown, on every surface."""

    name: str
    """Plural, as in URLs, commands and permissions: `companies`."""
    singular: str
    """As in event names: `company.created`."""
    component: str
    """The component that owns it: `contacts`."""
    title: str
    """The field that stands for the record where there is room for one."""
    keys: tuple[str, ...] = ()
    """Natural keys: unique among living records, usable as references."""
    columns: tuple[str, ...] = ()
    """What a list shows unless told otherwise."""
    verbs: tuple[str, ...] = ALL
    """Which of the operations that the kernel has for every noun this one gets."""

    @property
    def one(self) -> str:
        """One of them, in words: `an activity`."""
        return f"{'an' if self.singular[0] in 'aeio' else 'a'} {self.singular}"


def field(label: str, description: str) -> Any:
    """Declare a field that may be null; label and description feed OpenAPI, CLI, TUI and web."""
    return Field(default=None, title=label, description=description)


def required(label: str, description: str) -> Any:
    """Declare a field that every record has and every create payload must bring."""
    return Field(title=label, description=description)


def kept(label: str, description: str) -> Any:
    """Declare a field of an update payload that may be left out, but not set to null."""
    return Field(default_factory=lambda: None, title=label, description=description)


def parts(label: str, description: str) -> Any:
    """Declare a list on a record; an empty one where there is nothing."""
    return Field(default_factory=list, title=label, description=description)


class Payload(Shape):
    """What a client sends. Unknown fields are refused, so that a typing error is never lost."""

    model_config = ConfigDict(extra="forbid")


class Record(Shape):
    """What the server returns. Unknown fields are ignored: an old SDK reads a new server."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun]

    id: UUID = Field(title="Id", description="The record's id, a UUIDv7.")
    version: int = Field(
        title="Version", description='Rises by one with every change; its ETag is `"<version>"`.'
    )
    created_at: datetime = Field(
        title="Created", description="When the record came into Cerebro (UTC)."
    )
    updated_at: datetime = Field(title="Updated", description="When it last changed (UTC).")
    deleted_at: datetime | None = Field(
        default=None, title="Deleted", description="When it was deleted; null while it lives."
    )
    external_ids: dict[str, str] = Field(
        default_factory=dict,
        title="External ids",
        description="Ids of the same record elsewhere: `{source: id}`, unique per source.",
    )
    source_created_at: datetime | None = Field(
        default=None,
        title="Created at source",
        description="When the record was made in the system it was imported from.",
    )

    @classmethod
    def ordered_fields(cls) -> list[str]:
        """Return the field names as people read them: what it is, its own fields, then times."""
        first = ["id", cls.noun.title]
        last = [name for name in _LAST if name in cls.model_fields]
        own = [name for name in cls.model_fields if name not in (*first, *last)]
        own.sort(key=lambda name: not cls.model_fields[name].is_required())
        return [*first, *own, *last]


class Sourced(Shape):
    """The two fields that tie a record to the system it came from; part of every payload."""

    external_ids: ExternalIds = Field(
        default_factory=dict,
        title="External ids",
        description="Ids of the same record elsewhere: `{source: id}`, unique per source.",
    )
    source_created_at: Timestamp | None = Field(
        default=None,
        title="Created at source",
        description="When the record was made in the system it was imported from.",
    )


_OWNER = (
    "Owner",
    "The user who is responsible; whoever creates the record, unless told otherwise.",
)
_TEAM = ("Team", "The team that shares it; the first one of its creator, unless told otherwise.")


class Owned(Shape):
    """Who is responsible for a record; part of the payload of every record with an owner."""

    owner_id: UserRef | None = Field(default=None, title=_OWNER[0], description=_OWNER[1])
    team: TeamKey | None = Field(default=None, title=_TEAM[0], description=_TEAM[1])


class OwnedRecord(Record):
    """A record with an owner, as the server returns it."""

    owner_id: UUID | None = Field(default=None, title=_OWNER[0], description=_OWNER[1])
    team: str | None = Field(default=None, title=_TEAM[0], description=_TEAM[1])


_CUSTOM = (
    "Custom fields",
    "The workspace's own fields by key, as `fields` defines them; null empties one.",
)


class Customized(Shape):
    """The workspace's own fields; part of the payload of every record that can have them."""

    custom: CustomValues = Field(default_factory=dict, title=_CUSTOM[0], description=_CUSTOM[1])


class CustomizedRecord(Record):
    """A record that can have fields of the workspace's own, as the server returns it."""

    custom: dict[str, Any] = Field(default_factory=dict, title=_CUSTOM[0], description=_CUSTOM[1])


class LockableRecord(Record):
    """A record that can be locked, as the server returns it."""

    locked_at: datetime | None = Field(
        default=None,
        title="Locked",
        description="When it was locked (UTC); null while it may be changed.",
    )


class Page(Shape, Generic[R]):
    """One page of a list."""

    items: list[R] = Field(description="The records of this page, in the order asked for.")
    next_cursor: str | None = Field(
        default=None, description="Send as `cursor` to get the next page; null on the last one."
    )
    count: int | None = Field(
        default=None, description="With `count`: how many there are on all pages together."
    )
    count_is_exact: bool | None = Field(
        default=None, description="Whether `count` was counted; else it is told from a sample."
    )
