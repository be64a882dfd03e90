"""What operations are asked to do, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError, PydanticSerializationError, to_json

from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.records.importing.joining import MissingParent
from cerebro_server.kernel.records.importing.preparing import Lists
from cerebro_server.kernel.records.importing.reading import Format
from cerebro_server.kernel.records.validation import failure

M = TypeVar("M", bound=BaseModel)
_LONGEST = 10_000
_FEW = 100
MOST_GROUPS = 10_000
"""Groups of one merge."""


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BulkInput(_Input):
    """A change or deletion of all that a filter fits."""

    where: str | None = Field(default=None, max_length=_LONGEST)
    values: dict[str, Any] = Field(default_factory=dict)


_Reference = Annotated[str, Field(min_length=1, max_length=300)]


class MergeGroup(_Input):
    """Records that become one."""

    into: _Reference
    """The one that stays."""
    records: list[_Reference] = Field(min_length=1, max_length=100)
    """Those that go, in the order in which they fill what is empty."""
    take: dict[str, _Reference] = Field(default_factory=dict, max_length=500)
    """`{field: whose value it gets}`"""
    values: dict[str, Any] = Field(default_factory=dict)


class DuplicatesInput(_Input):
    """Pairs that a scan found."""

    above: float | None = Field(default=None, gt=0, le=1)
    """Those of at least this score."""
    pairs: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_GROUPS)
    """These."""

    @model_validator(mode="after")
    def _something(self) -> DuplicatesInput:
        if self.above is None and self.pairs is None:
            raise PydanticCustomError("missing", "Say above which score, or which pairs.")
        return self


class MergeInput(_Input):
    """Many groups at once: named, or as a scan found them."""

    pairs: list[MergeGroup] | None = Field(default=None, min_length=1, max_length=MOST_GROUPS)
    """Of `duplicates`, what the plan made of it."""
    duplicates: DuplicatesInput | None = None

    @property
    def is_small(self) -> bool:
        """Whether a request can look at all of it."""
        return self.duplicates is None and len(self.pairs or ()) <= _FEW


class ScanInput(_Input):
    """A scan for duplicates: of all there is."""


class UndoInput(_Input):
    """What of an operation to take back."""

    operation_id: UUID
    record: str | None = Field(default=None, max_length=400)
    """Of a merge of many, only that which this record took part in: `contacts/REF`."""
    where: str | None = Field(default=None, max_length=_LONGEST)
    force_fields: bool = False


class ImportInput(_Input):
    """A file, and how to read it."""

    upload_id: UUID
    preset: str | None = Field(default=None, max_length=100)
    encoding: str | None = Field(default=None, max_length=40)
    delimiter: str | None = Field(default=None, max_length=1)
    format: Format | None = None
    sheet: str | None = Field(default=None, max_length=100)
    map: dict[str, str | None] | None = None
    """`{column: field, or None}`, which counts more than what is found."""
    mapping: str | None = Field(default=None, max_length=100)
    """The name of a mapping that was saved; what is said beside it counts more."""
    save_mapping: str | None = Field(default=None, min_length=1, max_length=100)
    """The name to save this mapping under."""
    key: str | None = Field(default=None, max_length=100)
    mode: str = Field(default="upsert", pattern="^(upsert|create|update)$")
    deletes: bool = False
    missing_parent: MissingParent | None = None
    lists: Lists = "replace"


def read_merge(asked: Mapping[str, Any]) -> MergeInput | MergeGroup:
    """Read what is to be merged: one group, or many. Raises `ValidationFailed`."""
    is_many = "pairs" in asked or "duplicates" in asked
    return read(MergeInput, asked) if is_many else read(MergeGroup, asked)


def read(schema: type[M], asked: Mapping[str, Any]) -> M:
    """Read what is asked for. Raises `ValidationFailed`."""
    try:
        text = to_json(dict(asked))
    except (PydanticSerializationError, UnicodeEncodeError):
        said = "It holds a lone surrogate, which is not text (U+D800 to U+DFFF)."
        wrong = {"pointer": "/input", "code": "not_text", "detail": said}
        raise ValidationFailed(said, errors=[wrong]) from None
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        raise failure(error) from None
