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
    where: str | None = Field(default=None, max_length=_LONGEST)
    record: str | None = Field(default=None, max_length=400)
    """`<noun>/<reference>`: only what it did to this one, and to links of this one; of a merge of
    many, all of the group that this one took part in."""
    force_fields: bool = False


class ReadInput(_Input):
    """How to read a file, and what its columns are."""

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


class ImportInput(ReadInput):
    """A file, and what to do with it."""

    upload_id: UUID
    mode: str = Field(default="upsert", pattern="^(upsert|create|update)$")
    deletes: bool = False
    missing_parent: MissingParent | None = None
    lists: Lists = "replace"


def read_merge(asked: Mapping[str, Any]) -> MergeInput | MergeGroup:
    """Read what is to be merged: one group, or many. Raises `ValidationFailed`."""
    is_many = "pairs" in asked or "duplicates" in asked
    return read(MergeInput, asked) if is_many else read(MergeGroup, asked)


class Reference(_Input):
    """A column that names another record."""

    to: str | None = Field(default=None, min_length=1, max_length=100)
    """The relation; the only one that leads to the noun, if left out."""
    of: str = Field(alias="from", min_length=3, max_length=200)
    """What of the other record the column has: `companies.external_ids.salesforce`."""


class DumpFile(ImportInput):
    """A file of a dump."""

    name: str = Field(min_length=1, max_length=255)
    upload_id: UUID | None = None  # type: ignore[assignment]
    """None for a file that is left out."""
    noun: str | None = Field(default=None, max_length=100)
    """What its rows are, if that is not to be found out."""
    map: dict[str, str | Reference | None] | None = None  # type: ignore[assignment]
    values: dict[str, str] = Field(default_factory=dict, max_length=100)
    """`{field: what every row gets}`"""
    skip: str | None = Field(default=None, max_length=300)
    """Why it is left out."""


class DumpInput(_Input):
    """The files of a dump."""

    files: list[DumpFile] = Field(min_length=1, max_length=1_000)
    preset: str | None = Field(default=None, max_length=100)
    """Whose dump it is."""
    guess: bool = False
    """Whether files that its presets do not know are read by the names of their columns."""
    keys: dict[str, str] = Field(default_factory=dict, max_length=100)
    """`{noun: the field that finds its records}`"""
    missing_parent: MissingParent | None = None
    keep_ids: bool = False
    keep_dates: bool = False
    fields: list[dict[str, Any]] = Field(default_factory=list, max_length=1_000)
    """The custom fields that the records had where the dump is from."""


def read(schema: type[M], asked: Mapping[str, Any]) -> M:
    """Read what is asked for. Raises `ValidationFailed`."""
    try:
        text = to_json(dict(asked))
    except (PydanticSerializationError, UnicodeEncodeError):
        said = "It holds a lone surrogate, which is not text (U+D800 to U+DFFF)."
        raise ValidationFailed.at("input", "not_text", said) from None
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        raise failure(error) from None
