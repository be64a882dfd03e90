"""The query language as data: what a filter is parsed to, and what a search takes as JSON."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from cerebro_sdk.schemas.shape import Shape

WORD = r"[^\s()\[\]{}\"'`,;\\=!<>]+"
"""A value that needs no quotes."""
SHIFT = r"[+-]\d{1,9}(?:mo|[smhdwy])"
"""A step in time: `-30d`, `+2mo`."""
MOMENT = rf"(?:now|today|NOW|TODAY)(?:\s*[+-]\s*\d{{1,9}}(?:mo|[smhdwy]))+(?!{WORD})"
"""`now` or `today` and at least one step: `now - 30d`."""
PATH = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
"""A field, or a path to one: `industry`, `company.industry`."""


def _word(text: str) -> str:
    if not re.fullmatch(WORD, text) or re.fullmatch(MOMENT, text):
        raise ValueError(f"{text!r} is not a single bare word; send it as text")
    return text


def _path(text: str) -> str:
    if not re.fullmatch(PATH, text) or text in ("not", "NOT"):
        raise ValueError(f"{text!r} is not a field name")
    return text


class Element(Shape):
    """A part of a query. Equality leaves out where in the text it stood."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    _position: int | None = PrivateAttr(default=None)

    @property
    def position(self) -> int | None:
        """Where it stands in the text it was parsed from, counted in characters from 1."""
        return self._position

    def at(self, position: int | None) -> Self:
        """Note where it stands in the text; returns itself."""
        self._position = position
        return self

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))


class Text(Element):
    """A value in quotes: always plain, never a special word such as `now`."""

    text: str = Field(description="The value, without quotes.")


class Word(Element):
    """A value without quotes: what it means depends on the field (`42`, `won`, `true`, `today`)."""

    word: Annotated[str, AfterValidator(_word)] = Field(description="The word as typed.")


class Moment(Element):
    """A time counted from now or today: `now - 30d`, `today + 2mo`."""

    moment: Literal["now", "today"] = Field(description="Where the count starts.")
    shifts: tuple[Annotated[str, Field(pattern=rf"^{SHIFT}$")], ...] = Field(
        min_length=1, description="Steps from there, in order: `-30d`; units s m h d w mo y."
    )


def _value_tag(value: Any) -> str:
    if isinstance(value, dict):
        return next((key for key in ("word", "moment") if key in value), "text")
    return type(value).__name__.lower()


Value = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Word, Tag("word")] | Annotated[Moment, Tag("moment")],
    Discriminator(_value_tag),
]

Path = Annotated[
    str,
    AfterValidator(_path),
    Field(description="The field, or a path to it: `industry`, `company.industry`."),
]


class Comparison(Element):
    """A field against one value."""

    op: Literal["=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "ends with"]
    field: Path
    value: Value


class In(Element):
    """A field against a list: equal to one of its values."""

    op: Literal["in"] = "in"
    field: Path
    values: tuple[Value, ...] = Field(min_length=1)


class IsEmpty(Element):
    """Whether a field holds anything."""

    op: Literal["is empty", "is not empty"]
    field: Path


class Has(Element):
    """A list field that has a value."""

    op: Literal["has"] = "has"
    field: Path
    value: Value


class HasSome(Element):
    """A list field that has any, or all, of several values."""

    op: Literal["has any", "has all"]
    field: Path
    values: tuple[Value, ...] = Field(min_length=1)


class HasWhere(Element):
    """A relation that has at least one record for which `where` holds."""

    op: Literal["has where"] = "has where"
    field: Path
    where: Node


class And(Element):
    """All of them."""

    op: Literal["and"] = "and"
    of: tuple[Node, ...] = Field(min_length=2)


class Or(Element):
    """At least one of them."""

    op: Literal["or"] = "or"
    of: tuple[Node, ...] = Field(min_length=2)


class Not(Element):
    """The exact complement."""

    op: Literal["not"] = "not"
    of: Node


Condition = Comparison | In | IsEmpty | Has | HasSome | HasWhere
Node = Annotated[Condition | And | Or | Not, Discriminator("op")]

for _model in (HasWhere, And, Or, Not):
    _model.model_rebuild()


class Search(Shape):
    """A list asked for with its filter as a tree."""

    model_config = ConfigDict(extra="forbid")

    where: Node | None = Field(default=None, description="The filter; all records if left out.")
    sort: str | None = Field(
        default=None, max_length=4_000, description="Fields to sort by: `-employees,name`."
    )
    deleted: Literal["exclude", "only", "include"] = Field(
        default="exclude", description="What to do with deleted records."
    )
    limit: int = Field(default=50, ge=1, le=500, description="Most records on a page.")
    cursor: str | None = Field(
        default=None, max_length=8_000, description="`next_cursor` of the page before."
    )
    count: Literal["exact", "estimated"] | None = Field(
        default=None, description="Say how many there are on all pages together."
    )
    as_of: str | None = Field(
        default=None,
        max_length=100,
        description="As it was at a moment: a day (to its end), a time with its zone, "
        "`now - 30d`, or `seq:812`.",
    )
