"""Roles: what their holders may do, with which records and fields."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Key, Line, Text, Texts, Words
from cerebro_sdk.schemas.shape import Shape

_KEY = ("Key", "The word that users go by; it never changes.")
_NAME = ("Name", "What the role is called.")
_PERMISSIONS = (
    "Permissions",
    "`<noun>:<action>[:own|team|all]`, such as `companies:update:team`; `companies:*` and `*:read` "
    "stand for several.",
)
_ROWS = (
    "Row rules",
    "Filters by noun: through this role only records that fit are seen and changed.",
)
_FIELDS = (
    "Field rules",
    "`hidden`, `masked` or `read_only` by `<noun>.<field>`, such as `contacts.phone`.",
)


class RoleFields(Shape):
    """What a role has besides its identity and history."""

    description: Text | None = field("Description", "Whom it is for.")


class Role(Record, RoleFields):
    """A role as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="roles",
        singular="role",
        component="identity",
        title="name",
        keys=("key",),
        columns=("key", "name", "is_built_in", "permissions", "updated_at"),
        verbs=EDITED,
    )
    key: str = required(*_KEY)
    name: str = required(*_NAME)
    permissions: list[str] = required(*_PERMISSIONS)
    row_rules: dict[str, str] = required(*_ROWS)
    field_rules: dict[str, str] = required(*_FIELDS)
    is_built_in: bool = required("Built in", "Comes with Cerebro and cannot be changed.")


class RoleCreate(Payload, RoleFields, Sourced):
    """A new role."""

    key: Key = required(*_KEY)
    name: Line = required(*_NAME)
    permissions: Words = Field(
        default_factory=list, title=_PERMISSIONS[0], description=_PERMISSIONS[1]
    )
    row_rules: Texts = Field(default_factory=dict, title=_ROWS[0], description=_ROWS[1])
    field_rules: Texts = Field(default_factory=dict, title=_FIELDS[0], description=_FIELDS[1])


class RoleUpdate(Payload, RoleFields, Sourced):
    """The fields of a role to change; what is left out stays."""

    name: Line = kept(*_NAME)
    permissions: Words = kept(*_PERMISSIONS)
    row_rules: Texts = kept(*_ROWS)
    field_rules: Texts = kept(*_FIELDS)
