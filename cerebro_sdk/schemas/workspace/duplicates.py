"""Duplicates: the rules that find them, and the pairs that were found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.shape import Shape

How = Literal[
    "exact", "text", "edit", "words", "names", "date", "phone", "number", "domain", "email"
]
PairState = Literal["open", "dismissed", "merged"] | str
_Field = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Said = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class DuplicateComparison(Payload):
    """One thing in which two records are compared, and what it says of them."""

    name: _Said = Field(description="What it is about, as in reasons: `birthday`.")
    fields: list[_Field] = Field(
        min_length=1,
        max_length=3,
        description="The fields that are compared, a custom field by its key. `names` takes two, "
        "first and last name, and sees when they are swapped; of several others, each value of "
        "one record is held against each of the other.",
    )
    how: How = Field(
        description="`exact`; `text`: how texts begin counts more; `edit`: letters that differ; "
        "`words` in any order; `names`; `date`: swapped or mistyped digits are similar; `phone`: "
        "the last nine digits; `number`: by distance; `email`: the part before the @ in one "
        "domain; `domain` of an address or web site."
    )
    same: float = Field(ge=0, le=1, description="What it adds to the score where both are alike.")
    similar: float = Field(
        default=0, ge=0, le=1, description="What it adds where both are just similar enough."
    )
    different: float = Field(
        default=0, ge=-1, le=0, description="What it takes from the score where both differ."
    )
    similar_from: float = Field(
        default=0.85, gt=0, le=1, description="From which likeness on, 0 to 1, two are similar."
    )
    within: float | None = Field(
        default=None, gt=0, description="Of `number`: from which distance on two are different."
    )
    leave_out: list[_Said] = Field(
        default=[],
        max_length=500,
        description="Words that say nothing, such as `gmbh`; of `domain`, hosts that are "
        "everybody's.",
    )


class DuplicateRules(Payload):
    """How the duplicates of a noun are found."""

    blocks: list[Annotated[list[_Field], Field(min_length=1, max_length=4)]] = Field(
        min_length=1,
        max_length=40,
        description="Which records are compared: those that have all fields of a line in common, "
        "of any line. `last_name:sound` has them sound alike, `first_name:3` begin alike; "
        "`phone:digits` goes by the last nine digits, `birthday:year` by the year, "
        "`street:number` by the first number, `street:word` by the first word of four letters.",
    )
    compare: list[DuplicateComparison] = Field(
        min_length=1, max_length=40, description="What is compared, and how much each thing says."
    )
    review: float = Field(
        default=0.8, gt=0, le=1, description="From which score on a pair is there to be looked at."
    )
    merge: float = Field(
        default=0.98, gt=0, le=1, description="From which score on a pair may be merged unseen."
    )


class DuplicateRuleSet(Shape):
    """The rules that are in force for a noun."""

    model_config = ConfigDict(extra="ignore")

    record_type: str = Field(description="The noun: `contacts`.")
    version: int = Field(description="Rises with every change; 0 is what comes with Cerebro.")
    is_default: bool = Field(description="Whether these are the rules that come with Cerebro.")
    updated_at: datetime | None = Field(default=None, description="When they were last changed.")
    rules: DuplicateRules = Field(description="The rules.")


class DuplicateReason(Shape):
    """What one comparison says of a pair."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(description="What was compared: `birthday`.")
    says: Literal["same", "similar", "different"] | str = Field(
        union_mode="left_to_right", description="What it found."
    )
    points: float = Field(description="What it adds to the score.")
    text: str = Field(description="The same for people: `same birthday`.")


class DuplicateField(Shape):
    """One field of both records."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="The field: `birthday`.")
    label: str = Field(description="What people call it.")
    one: Any = Field(default=None, description="What the first record has.")
    other: Any = Field(default=None, description="What the second has.")
    is_same: bool = Field(description="Whether both have the same.")


class DuplicatePair(Shape):
    """Two records that are probably one."""

    model_config = ConfigDict(extra="ignore")

    id: UUID = Field(description="The pair's id; it stays through later scans.")
    record_type: str = Field(description="The noun: `contacts`.")
    one_id: UUID = Field(description="The older record.")
    one_title: str | None = Field(default=None, description="What it is called.")
    other_id: UUID = Field(description="The younger record.")
    other_title: str | None = Field(default=None, description="What it is called.")
    score: float = Field(description="How sure it is, 0 to 1.")
    reasons: list[DuplicateReason] = Field(description="Why, the weightiest first.")
    state: PairState = Field(
        union_mode="left_to_right",
        description="`open`; `dismissed`: somebody said that they are two; `merged`.",
    )
    rules_version: int = Field(description="The version of the rules that found it.")
    found_at: datetime = Field(description="When a scan last found it.")
    decided_at: datetime | None = Field(default=None, description="When it was dismissed.")
    fields: list[DuplicateField] = Field(
        default=[], description="Both records side by side; only where one pair is asked for."
    )
