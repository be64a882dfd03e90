"""A set of rows on its way into the database, and what is wrong with some of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Refusal:
    """One field of one row that is refused."""

    row: int
    """Index into the batch."""
    field: str | None
    code: str
    message: str


@dataclass(slots=True)
class Batch:
    """Rows as dictionaries of wire fields, validated and normalised; rules read and change them."""

    rows: list[dict[str, Any]]
    before: list[dict[str, Any]] = field(default_factory=list)
    """The records as they were, where records are changed; `rows` then holds the changes."""
    refusals: list[Refusal] = field(default_factory=list)
    also: dict[int, frozenset[str]] = field(default_factory=dict)
    """Of rows of a file, columns that the component has filled in besides the file's own."""
    allow_invalid: bool = False
    """Whether phone numbers that are none are kept, flagged, instead of refused."""
    relinks: bool = False
    """Whether records change only since what they name is merged: it is the same, under another
    id."""

    def refuse(self, row: int, name: str | None, code: str, message: str) -> None:
        """Refuse one row because of one field."""
        self.refusals.append(Refusal(row, name, code, message))

    @property
    def refused(self) -> set[int]:
        """The numbers of the rows of which something was refused."""
        return {refusal.row for refusal in self.refusals}

    async def judge(self, rules: Rules | None, context: Any, *, leave: Collection[int]) -> None:
        """Let rules see the rows, but for those to leave: of what names nothing they would read a
        word as an id."""
        kept = [number for number in range(len(self.rows)) if number not in leave]
        if rules is None or not kept:
            return
        inner = replace(
            self,
            rows=[self.rows[number] for number in kept],
            before=[self.before[number] for number in kept] if self.before else [],
            refusals=[],
            also={n: self.also[old] for n, old in enumerate(kept) if old in self.also},
        )
        await rules(context, inner)
        for each in inner.refusals:
            self.refuse(kept[each.row], each.field, each.code, each.message)


class Arrangement(NamedTuple):
    """What becomes of records that a plan makes since rows name them."""

    values: Mapping[str, Mapping[str, Any]]
    """Columns that change, by the record's id."""
    told: Sequence[Mapping[str, Any]]
    """What the plan tells of them, as JSON."""


class Making(Protocol):
    """Records that an import makes since its rows name them."""

    def may(self, noun: str) -> bool:
        """Whether records of a noun are to be made, and the caller may."""

    async def make(self, noun: str, rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Plan new records; return their ids, None for one that rules refuse."""

    def columns(self, noun: str) -> Mapping[str, str]:
        """Return what columns of files of a noun in the same import are taken for."""


Rules = Callable[[Any, Batch], Awaitable[None]]
"""What a component does with new rows before they are written: set-wise, for one row or thousands.
Its first argument is the caller's `Context` (a floor above this one)."""
