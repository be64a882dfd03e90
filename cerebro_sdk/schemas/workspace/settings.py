"""Settings as the journal tells of them: who changed them, when, and how. They have commands and
routes of their own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from cerebro_sdk.schemas.base import Noun, Record, field, required
from cerebro_sdk.schemas.kinds import Kind, Of

_AnyValue = Annotated[Any, Of(Kind.OBJECT)]


class KeptMapping(Record):
    """A saved mapping of files, as `cerebro mappings` shows it."""

    noun: ClassVar[Noun] = Noun(
        name="import_mappings",
        singular="import_mapping",
        component="workspace",
        title="name",
        verbs=(),
    )
    record_type: str = required("Noun", "The noun whose files it is for: `contacts`.")
    name: str = required("Name", "What it was saved as.")
    mapping: _AnyValue = field("Mapping", "What each column of a file becomes.")


class KeptRules(Record):
    """The rules by which duplicates of a noun are found, as `duplicates rules` shows them."""

    noun: ClassVar[Noun] = Noun(
        name="duplicate_rules",
        singular="duplicate_rule_set",
        component="workspace",
        title="record_type",
        verbs=(),
    )
    record_type: str = required("Noun", "The noun whose duplicates they find: `contacts`.")
    rules: _AnyValue = field(
        "Rules", "The rules; null where those that come with Cerebro are in force."
    )
