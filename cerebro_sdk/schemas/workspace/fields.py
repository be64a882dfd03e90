"""Fields: what a workspace keeps of its records besides what every workspace does."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.custom_types import FieldType
from cerebro_sdk.schemas.kinds import Key, Kind, Line, Of, Text, WholeNumber
from cerebro_sdk.schemas.shape import Shape

_RECORD_TYPE = ("Record type", "The noun that has it: `contacts`.")
_KEY = ("Key", "The word that filters, files and programs go by; it never changes.")
_TYPE = ("Type", "What a value may be; it never changes.")
_LABEL = ("Label", "What people call it; made of the key, unless told otherwise.")
_OPTIONS = (
    "Options",
    "What can be chosen, for `select` and `multi_select`: key and label of each.",
)
_REQUIRED = ("Required", "Whether new records must have it, and nobody may empty it.")
_INDEXED = ("Indexed", "Whether an index makes filters and sorts by it quick.")
_UNIQUE = ("Unique", "Whether no two records may have the same value; brings an index.")
_DEFAULT = ("Default", "What new records have unless told otherwise.")
_ACTIVE = ("Active", "An inactive field is nowhere to be seen, and keeps its values.")
_POSITION = (
    "Position",
    "Where it stands among the noun's fields; the last, unless told otherwise.",
)


class Option(Payload):
    """One thing that can be chosen."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,59}$")] = Field(
        description="The word that is kept; it stays when the label changes."
    )
    label: Line = Field(description="What people read.")


def _option(given: Any) -> Any:
    """Make an option of a label alone: `Very high` has the key `very_high`."""
    if isinstance(given, str):
        slug = re.sub(r"[^a-z0-9]+", "_", given.strip().lower()).strip("_")
        label = given.strip()
        return {"key": slug, "label": label.capitalize() if label == slug else label}
    if isinstance(given, dict) and "label" not in given:
        return {**given, "label": given.get("key")}
    return given


def _listed(given: Any) -> Any:
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    return given


def _apart(options: list[Option]) -> list[Option]:
    if len({option.key for option in options}) < len(options):
        raise ValueError("Two options have the same key.")
    return options


Options = Annotated[
    list[Annotated[Option, BeforeValidator(_option)]],
    Field(max_length=500),
    BeforeValidator(_listed),
    AfterValidator(_apart),
    Of(Kind.OBJECT),
]
AnyValue = Annotated[Any, Of(Kind.OBJECT)]


class CustomFieldFields(Shape):
    """What a field has besides its identity and history."""

    description: Text | None = field("Description", "What it is for.")


class CustomField(Record, CustomFieldFields):
    """A field of the workspace's own, as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="fields",
        singular="field",
        component="workspace",
        title="path",
        keys=("path",),
        columns=("path", "type", "label", "is_required", "is_active", "updated_at"),
        verbs=EDITED,
    )
    path: str = required("Path", "Noun and key, `contacts.tier`; it never changes.")
    record_type: str = required(*_RECORD_TYPE)
    key: str = required(*_KEY)
    type: Annotated[FieldType | str, Of(Kind.TEXT)] = Field(
        union_mode="left_to_right", title=_TYPE[0], description=_TYPE[1]
    )
    label: str = required(*_LABEL)
    options: Annotated[list[Option], Of(Kind.OBJECT)] = required(*_OPTIONS)
    is_required: bool = required(*_REQUIRED)
    is_indexed: bool = required(*_INDEXED)
    is_unique: bool = required(*_UNIQUE)
    index_state: Annotated[Literal["building", "ready", "invalid"] | str | None, Of(Kind.TEXT)] = (
        Field(
            default=None,
            union_mode="left_to_right",
            title="Index",
            description="`building`, `ready`, or `invalid` with the reason in `index_error`; empty "
            "without an index.",
        )
    )
    index_error: str | None = field(
        "Index error", "Why the index could not be built, with the records that are in its way."
    )
    default: AnyValue = field(*_DEFAULT)
    is_active: bool = required(*_ACTIVE)
    position: int = required(*_POSITION)


class CustomFieldCreate(Payload, CustomFieldFields, Sourced):
    """A new field."""

    record_type: Key = required(*_RECORD_TYPE)
    key: Key = required(*_KEY)
    type: Annotated[FieldType, Of(Kind.TEXT)] = required(*_TYPE)
    label: Line | None = field(*_LABEL)
    options: Options = Field(default_factory=list, title=_OPTIONS[0], description=_OPTIONS[1])
    is_required: bool = Field(default=False, title=_REQUIRED[0], description=_REQUIRED[1])
    is_indexed: bool = Field(default=False, title=_INDEXED[0], description=_INDEXED[1])
    is_unique: bool = Field(default=False, title=_UNIQUE[0], description=_UNIQUE[1])
    default: AnyValue = field(*_DEFAULT)
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])
    position: WholeNumber | None = field(*_POSITION)


class CustomFieldUpdate(Payload, CustomFieldFields, Sourced):
    """What can change of a field: everything but noun, key and type."""

    label: Line = kept(*_LABEL)
    options: Options = kept(*_OPTIONS)
    is_required: bool = kept(*_REQUIRED)
    is_indexed: bool = kept(*_INDEXED)
    is_unique: bool = kept(*_UNIQUE)
    default: AnyValue = field(*_DEFAULT)
    is_active: bool = kept(*_ACTIVE)
    position: WholeNumber = kept(*_POSITION)
