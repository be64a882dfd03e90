"""Indexes of custom fields: on just what filters and sorts compare, or they serve neither."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from cerebro_server.kernel.db import ident
from cerebro_server.kernel.fields import Definition, Field
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query.sorting import SortKey
from cerebro_server.kernel.query.sql import comparable

PREFIX: Final = "custom_"
INDEXABLE: Final = (
    *("text", "integer", "decimal", "percent", "currency", "boolean", "date", "datetime"),
    *("time", "duration", "email", "phone", "domain", "select", "user", "team", "rating"),
    *("barcode", "color"),
)
"""Types whose values are one thing to compare, and fit into an index (2 704 bytes)."""
UNIQUE: Final = tuple(kind for kind in INDEXABLE if kind not in ("boolean", "currency"))


class Index(NamedTuple):
    """An index of a custom field."""

    name: str
    is_unique: bool
    expressions: str

    def creation(self, table: str) -> str:
        """Return the statement that builds it without stopping writers; outside a transaction."""
        return (
            f"create {'unique ' if self.is_unique else ''}index concurrently {ident(self.name)} "
            f"on {ident(table)} ({self.expressions}) where deleted_at is null"
        )


def stem(noun: str, key: str) -> str:
    """Return how the names of a field's indexes begin: names end at 63 characters, keys do not."""
    return PREFIX + hashlib.sha256(f"{noun}.{key}".encode()).hexdigest()[:24]


def indexes(noun: str, definition: Definition, *, is_unique: bool) -> Iterator[Index]:
    """Yield the indexes of a field: one for filters, and another for sorts where they differ."""
    field = whole(definition)
    name = stem(noun, definition.key)
    filtered, sorted_ = of_row(comparable(field), None), of_row(SortKey(field).sql, None)
    tail = "" if is_unique else ", id"
    yield Index(name, is_unique, f"({filtered}){tail}")
    if is_unique or sorted_ != filtered:
        yield Index(f"{name}_sort", False, f"({sorted_}), id")


def whole(definition: Definition) -> Field:
    """Return what filters compare of a field by its key alone."""
    return next(field for field in definition.fields() if field.name == definition.key)


def of_row(expression: str, row: str | None) -> str:
    """Return an expression over row `t` as one over another row, or over the table's own."""
    column = f'"{COLUMN}"' if row is None else f'{row}."{COLUMN}"'
    return expression.replace(f't."{COLUMN}"', column)


def sharing(table: str, definition: Definition, *, most: int) -> str:
    """Return the statement that selects the ids of living records that share a value, and how many
    there are; not the value, which a rule may hide from whoever reads this."""
    value = comparable(whole(definition))
    return (
        "select array_agg(t.id::text order by t.id), count(*) "
        f"from {ident(table)} t where t.deleted_at is null and ({value}) is not null "
        f"group by {value} having count(*) > 1 order by 2 desc, 1 limit {most}"
    )
