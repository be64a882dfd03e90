"""What a search answers."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape


class Match(Shape):
    """Where the words were found."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="The field that fits best.")
    text: str | None = Field(default=None, description="What stands in it.")


class Hit(Shape):
    """One record that a search found."""

    model_config = ConfigDict(extra="ignore")

    record_type: str = Field(description="The noun: `companies`.")
    record_id: UUID = Field(description="The record's id.")
    title: str | None = Field(default=None, description="What the record is called.")
    subtitle: str | None = Field(
        default=None, description="What tells it from others: its e-mail address or domain."
    )
    score: float = Field(description="How well it fits, from 0 to 1; 1 is a key typed whole.")
    matched: Match | None = Field(default=None, description="Where the words were found.")


class SearchResults(Shape):
    """What a search found, best first."""

    model_config = ConfigDict(extra="ignore")

    items: list[Hit] = Field(description="The records, best first.")
