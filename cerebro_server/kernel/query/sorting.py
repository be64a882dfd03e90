"""In which order a list comes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query.limits import MAX_SORT_KEYS
from cerebro_server.kernel.query.mistakes import refusal
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.query.typed import find_field
from cerebro_server.kernel.query.values import TEXTS

_LONG = frozenset({Kind.LONG_TEXT, Kind.URL})


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by. Ascending ends with the empty ones, descending begins with them."""

    field: Field
    descending: bool = False
    column: str | None = None
    """The column of `t` that has the expression already."""

    @property
    def sql(self) -> str:
        """The expression on table `t` that rows are ordered by."""
        if self.column is not None:
            return f"t.{self.column}"
        # a cursor holds the key, and must fit into an address; a name of five parts is long, too
        side = comparable(self.field)
        is_own = self.field.of_custom is not None and self.field.kind in TEXTS
        return f"pg_catalog.left({side}, 250)" if is_own or self.field.kind in _LONG else side

    @property
    def sql_type(self) -> str:
        """PostgreSQL's type of the expression."""
        return "text" if self.field.kind in TEXTS else self.field.sql_type

    @property
    def text(self) -> str:
        """The key as it is typed: `-employees`."""
        return f"-{self.field.name}" if self.descending else self.field.name


@dataclass(frozen=True, slots=True)
class Sort:
    """The keys in order; together they tell any two records apart."""

    keys: tuple[SortKey, ...]

    @property
    def text(self) -> str:
        """The whole order as text, tie-break included."""
        return ",".join(key.text for key in self.keys)

    @property
    def order_by(self) -> str:
        """The keys as SQL puts them after `order by`."""
        return ", ".join(f"{key.sql} desc" if key.descending else key.sql for key in self.keys)

    @property
    def by_keys(self) -> Sort:
        """The same order of rows `t` that have the keys as `k0`, …"""
        keys = enumerate(self.keys)
        return Sort(tuple(replace(key, column=f"k{number}") for number, key in keys))


def parse_sort(text: str | None, fields: Mapping[str, Field], *, default: str = "id") -> Sort:
    """Read `-employees,name`; the id is added as the tie-break, in the last key's direction."""
    keys: list[SortKey] = []
    seen: set[str] = set()
    start = 0
    if text is None or not text.strip():
        text = default
    for part in text[:4_000].split(","):
        position = start + len(part) - len(part.lstrip()) + 1
        start += len(part) + 1
        name = part.strip()
        descending = name.startswith("-")
        name = name.removeprefix("-").strip()
        if not name:
            raise refusal("Sort: a field is missing here.", position=position)
        if wrong := re.fullmatch(r"(\S+)\s+(asc|desc)|\+(\S+)", name, re.IGNORECASE):
            plain = wrong[1] or wrong[3]
            meant = f"-{plain}" if (wrong[2] or "").lower() == "desc" else plain
            raise refusal(f"Sort: `{name}` is no field.", position=position, suggestion=meant)
        field = find_field(name, fields, position)
        if field.kind is Kind.RANGE:
            raise refusal(
                f"Sort: `{name}` is a range.", position=position, suggestion=f"{name}.from"
            )
        if field.kind in (Kind.KEYS, Kind.PARTS):
            raise refusal(f"Sort: `{name}` holds several values.", position=position)
        name = field.name  # `owner` is `owner_id`
        if name in seen:
            raise refusal(f"Sort: `{name}` stands twice.", position=position)
        if len(seen) == MAX_SORT_KEYS:
            raise refusal(f"Sort: at most {MAX_SORT_KEYS} fields.", position=position)
        seen.add(name)
        keys.append(SortKey(field, descending))
    if "id" not in seen:
        keys.append(SortKey(fields["id"], keys[-1].descending))
    return Sort(tuple(keys))
