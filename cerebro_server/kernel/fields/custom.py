"""Custom fields: a workspace's definitions, and what filters and statements need of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from cerebro_sdk.schemas.custom_types import adapter
from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import literal
from cerebro_server.kernel.fields.field import Field

COLUMN = "custom"
"""The column, and the wire's field, that holds the values by key."""


class _Part(NamedTuple):
    """What filters compare of a value: the whole of it, or a part by name."""

    path: tuple[str, ...]
    kind: Kind
    sql_type: str = "text"


_WHOLE = "numeric"
_PARTS: Mapping[str, Mapping[str, _Part]] = {
    "text": {"": _Part((), Kind.TEXT)},
    "long_text": {"": _Part((), Kind.LONG_TEXT)},
    "integer": {"": _Part((), Kind.INTEGER, _WHOLE)},
    "decimal": {"": _Part((), Kind.DECIMAL, "numeric")},
    "percent": {"": _Part((), Kind.DECIMAL, "numeric")},
    "currency": {
        "": _Part(("amount",), Kind.DECIMAL, "numeric"),
        "currency": _Part(("currency",), Kind.TEXT),
    },
    "boolean": {"": _Part((), Kind.BOOLEAN, "boolean")},
    "date": {"": _Part((), Kind.DATE, "date")},
    "datetime": {"": _Part((), Kind.DATETIME, "timestamptz")},
    "time": {"": _Part((), Kind.TIME)},
    "duration": {"": _Part((), Kind.DURATION, _WHOLE)},
    "email": {"": _Part((), Kind.EMAIL)},
    "phone": {"": _Part((), Kind.PHONE)},
    "url": {"": _Part((), Kind.URL)},
    "domain": {"": _Part((), Kind.DOMAIN)},
    "select": {"": _Part((), Kind.SELECT)},
    "multi_select": {"": _Part((), Kind.KEYS, "text[]")},
    "user": {"": _Part((), Kind.USER, "uuid")},
    "team": {"": _Part((), Kind.TEAM)},
    "person_name": {
        "": _Part(("full",), Kind.TEXT),
        **{name: _Part((name,), Kind.TEXT) for name in ("first", "last")},
    },
    "address": {
        "": _Part(("full",), Kind.LONG_TEXT),
        **{
            name: _Part((name,), Kind.TEXT)
            for name in ("street", "city", "state", "postal_code", "country")
        },
    },
    "rating": {"": _Part((), Kind.INTEGER, _WHOLE)},
    "checklist": {"": _Part(("*", "text"), Kind.KEYS, "text[]")},
    "range": {
        "": _Part((), Kind.RANGE, "jsonb"),
        "from": _Part(("from",), Kind.DECIMAL, "numeric"),
        "to": _Part(("to",), Kind.DECIMAL, "numeric"),
    },
    "date_range": {
        "": _Part((), Kind.RANGE, "jsonb"),
        "from": _Part(("from",), Kind.DATE, "date"),
        "to": _Part(("to",), Kind.DATE, "date"),
    },
    "barcode": {"": _Part((), Kind.TEXT)},
    "color": {"": _Part((), Kind.TEXT)},
}
_MASKABLE = frozenset({Kind.TEXT, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.DOMAIN})


@dataclass(frozen=True, eq=False)
class Definition:
    """One custom field, as its workspace defines it."""

    key: str
    type: str
    label: str
    description: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Key and label of what can be chosen."""
    is_required: bool = False
    default: Any = None
    is_unique: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Definition:
        """Make a definition of what its row holds."""
        return cls(
            stored["key"],
            stored["type"],
            stored["label"],
            stored["description"] or "",
            tuple((option["key"], option["label"]) for option in stored["options"]),
            stored["is_required"],
            stored["default"],
            bool(stored.get("is_unique")),
        )

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What validates its values."""
        return adapter(self.type, self.options)

    @property
    def maskable(self) -> bool:
        """Whether it is a line of text, whose end alone can be shown."""
        parts = _PARTS[self.type]
        return len(parts) == 1 and parts[""].kind in _MASKABLE

    def fields(self, *, writable: bool = True, masked: bool = False) -> Iterator[Field]:
        """Yield what filters and sorts may name: the field, and its parts such as `home.city`."""
        for name, part in _PARTS[self.type].items():
            yield Field(
                name=f"{self.key}.{name}" if name else self.key,
                kind=part.kind,
                label=f"{self.label}: {name}" if name else self.label,
                description=self.description,
                sql_type=part.sql_type,
                nullable=True,
                required=False,
                writable=writable,
                masked=masked,
                expression=_expression(self.key, part),
                of_custom=self.key,
                options=self.options,
                reader=_reader(self.key, part),
            )


def held(key: str) -> str:
    """Return the SQL of a custom field's whole value, as JSON."""
    return f't."{COLUMN}" -> {literal(key)}'


def _expression(key: str, part: _Part) -> str:
    value = held(key)
    if part.kind is Kind.KEYS:
        return f"as_words({value}, {literal(part.path[-1] if part.path else '')})"
    if part.kind is Kind.RANGE:
        return f"({value})"
    *parents, last = (key, *part.path)
    holder = "".join([f't."{COLUMN}"', *(f" -> {literal(parent)}" for parent in parents)])
    text = f"({holder} ->> {literal(last)})"
    return _AS.get(part.sql_type, "{}").format(text)


_AS = {
    "numeric": "as_number({})",
    "date": "as_date({})",
    "timestamptz": "as_time({})",
    "uuid": "as_uuid({})",
    "boolean": "as_boolean({})",
}


def _reader(key: str, part: _Part) -> Callable[[Mapping[str, Any]], Any]:
    """Return the Python twin of `_expression`, on a record whose `custom` is a dict."""
    convert = _CONVERT.get(part.sql_type)

    def read(row: Mapping[str, Any]) -> Any:
        value = (row.get(COLUMN) or {}).get(key)
        if part.kind is Kind.KEYS:
            inner = part.path[-1] if part.path else None
            return [item[inner] if inner else item for item in value or ()]
        for name in part.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None or convert is None:
            return value
        try:
            return convert(value)
        except (ArithmeticError, TypeError, ValueError):
            return None

    return read


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "numeric": lambda value: Decimal(str(value)),
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "uuid": UUID,
}
