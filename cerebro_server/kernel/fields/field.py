"""One field of a record type: its wire side and its column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo
from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from cerebro_sdk.schemas.kinds import Kind, Of

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PLAIN: dict[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    Decimal: Kind.DECIMAL,
    datetime: Kind.DATETIME,
    date: Kind.DATE,
    UUID: Kind.UUID,
    dict: Kind.MAP,
    str: Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field as filters, writers, the journal and the documentation see it."""

    name: str
    kind: Kind
    label: str
    description: str
    sql_type: str
    """PostgreSQL's name of the column's type: `text`, `integer`, `timestamptz`, `uuid`, `jsonb`."""
    nullable: bool
    required: bool
    """Must be given when a record is created."""
    writable: bool
    """May be sent by clients; what the server keeps by itself may not."""
    masked: bool = False
    """Shown by its end only, and to be found by nothing."""
    expression: str | None = None
    """Its SQL over the table's row `t`, where that is not the column of its name."""
    of_custom: str | None = None
    """The custom field that it is, or is a part of."""
    options: tuple[tuple[str, str], ...] = ()
    """Key and label of what can be chosen."""
    reader: Callable[[Mapping[str, Any]], Any] | None = None
    """The twin of `expression` in Python."""

    def read(self, row: Mapping[str, Any]) -> Any:
        """Return the field of a record at hand."""
        return row.get(self.name) if self.reader is None else self.reader(row)

    @property
    def sql(self) -> str:
        """The field of the table's row `t`."""
        return self.expression or f't."{self.name}"'

    @property
    def filterable(self) -> bool:
        """Whether filters and sorts may name it."""
        return self.kind not in (Kind.MAP, Kind.PARTS, Kind.OBJECT) and not self.masked


def kind_of(info: FieldInfo) -> Kind:
    """Return the kind of a wire field: its `Of` mark, or what its plain type says."""
    for part in _parts(info.annotation):
        if isinstance(part, Of):
            return part.kind
    for mark in info.metadata:
        if isinstance(mark, Of):
            return mark.kind
    for part in _parts(info.annotation):
        if isinstance(part, type) and part in _PLAIN:
            return _PLAIN[part]
    raise TypeError(f"no kind for {info.annotation!r}")


def sql_type(column: Column[Any]) -> str:
    """Return PostgreSQL's name for a column's type."""
    name = column.type.compile(dialect=_DIALECT).lower()
    return {"timestamp with time zone": "timestamptz", "varchar": "text"}.get(name, name)


def _parts(annotation: Any) -> Iterator[Any]:
    """Walk a type from the outside in: unions, `Annotated` and its marks, containers."""
    origin = get_origin(annotation)
    if origin is None:
        yield annotation
        return
    if origin is Annotated:
        base, *marks = get_args(annotation)
        yield from marks
        yield from _parts(base)
        return
    if isinstance(origin, type):
        yield origin
    if origin is dict:
        return
    for argument in get_args(annotation):
        yield from _parts(argument)
