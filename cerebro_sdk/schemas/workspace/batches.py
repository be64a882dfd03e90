"""Many records in one request, and what came of each."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape


class BatchWrite(Shape):
    """Records to create and to update."""

    model_config = ConfigDict(extra="forbid")

    items: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=10_000,
        description="The records, as they are read and created; also with the columns of a file: "
        "`email`, `company.domain`. What an item does not name stays as it is.",
    )
    mode: Literal["upsert", "create", "update"] = Field(
        default="upsert",
        description="Whether to `create` what is new only, to `update` what is there only, or both "
        "(`upsert`); the other items are skipped.",
    )
    key: str | None = Field(
        default=None,
        max_length=100,
        description="The field that finds a record: `email`, `domain`, `external_ids.crm`. An "
        "external id if left out, else a natural key that the items have.",
    )
    lists: Literal["replace", "append"] = Field(
        default="replace",
        description="What to do with lists that a record has: replace them, or append what is new.",
    )
    missing_parent: Literal["refuse", "create", "skip"] | None = Field(
        default=None,
        description="What to do where an item names another record that is not there, such as a "
        "company: refuse the item, create it, or write the item without. If left out it is created "
        "where you may, else refused.",
    )
    all_or_nothing: bool = Field(
        default=False,
        description="Write all items in one transaction, or none: 409 with the first 20 that are "
        "wrong. Else each item is written or refused by itself.",
    )


class ItemError(Shape):
    """What is wrong with an item."""

    model_config = ConfigDict(extra="ignore")

    field: str | None = Field(default=None, description="The field; none where it is the item.")
    value: str | None = Field(default=None, description="The value, as text.")
    code: str = Field(description="What is wrong, as a word that never changes.")
    message: str = Field(description="What is wrong, for people.")


class ItemResult(Shape):
    """What came of an item."""

    model_config = ConfigDict(extra="ignore")

    index: int = Field(description="Its place among the items, from 0.")
    result: Literal["created", "updated", "unchanged", "skipped", "refused"] | str = Field(
        description="What was done. `skipped`: another item has the same key, or the mode leaves "
        "it out."
    )
    id: UUID | None = Field(default=None, description="The record, where there is one.")
    errors: list[ItemError] = Field(default=[], description="Why it was refused.")


class BatchReport(Shape):
    """What came of a batch."""

    model_config = ConfigDict(extra="ignore")

    operation_id: UUID = Field(description="The operation that it was: what takes it back.")
    created: int = Field(default=0, description="Records made.")
    updated: int = Field(default=0, description="Records changed.")
    unchanged: int = Field(default=0, description="Items equal to what was there.")
    skipped: int = Field(default=0, description="Items left out.")
    refused: int = Field(default=0, description="Items with errors; nothing of them was written.")
    ignored: list[str] = Field(
        default=[], description="Keys of items that hold values but are no fields."
    )
    items: list[ItemResult] = Field(description="What came of each, in the order of the request.")
