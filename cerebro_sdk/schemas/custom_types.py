"""The types of custom fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter

from cerebro_sdk.schemas.custom_values import (
    Address,
    Barcode,
    ChecklistItem,
    Clock,
    Color,
    DateRange,
    Duration,
    Money,
    Number,
    NumberRange,
    Percent,
    PersonName,
    Rating,
    Whole,
    items_of,
    money_of,
    name_of,
    or_json,
    range_of,
    refuse,
    truth,
    words,
)
from cerebro_sdk.schemas.kinds import (
    Day,
    Domain,
    Email,
    Kind,
    Line,
    Of,
    Phone,
    TeamKey,
    Text,
    Timestamp,
    Url,
    UserRef,
)

FieldType = Literal[
    "text",
    "long_text",
    "integer",
    "decimal",
    "percent",
    "currency",
    "boolean",
    "date",
    "datetime",
    "time",
    "duration",
    "email",
    "phone",
    "url",
    "domain",
    "select",
    "multi_select",
    "user",
    "team",
    "person_name",
    "address",
    "rating",
    "checklist",
    "range",
    "date_range",
    "barcode",
    "color",
]
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
"""Every type of custom field."""


def _list_of(item: Any, *marks: Any) -> Any:
    return Annotated[list[item], Field(max_length=200), *marks, Of(Kind.KEYS)]


_TYPES: dict[str, Any] = {
    "text": Line,
    "long_text": Text,
    "integer": Whole,
    "decimal": Number,
    "percent": Percent,
    "currency": Annotated[Money, BeforeValidator(or_json(money_of)), Of(Kind.DECIMAL)],
    "boolean": Annotated[bool, BeforeValidator(truth), Of(Kind.BOOLEAN)],
    "date": Day,
    "datetime": Timestamp,
    "time": Clock,
    "duration": Duration,
    "email": Email,
    "phone": Phone,
    "url": Url,
    "domain": Domain,
    "user": UserRef,
    "team": TeamKey,
    "person_name": Annotated[PersonName, BeforeValidator(or_json(name_of)), Of(Kind.TEXT)],
    "address": Annotated[
        Address, BeforeValidator(or_json(lambda text: {"street": text})), Of(Kind.TEXT)
    ],
    "rating": Rating,
    "checklist": _list_of(
        ChecklistItem, BeforeValidator(items_of), BeforeValidator(or_json(words))
    ),
    "range": Annotated[NumberRange, BeforeValidator(or_json(range_of)), Of(Kind.RANGE)],
    "date_range": Annotated[DateRange, BeforeValidator(or_json(range_of)), Of(Kind.RANGE)],
    "barcode": Barcode,
    "color": Color,
}


def adapter(kind: str, options: tuple[tuple[str, str], ...] = ()) -> TypeAdapter[Any]:
    """Return what validates values of a type; those of selects go by key or label of options."""
    if kind not in ("select", "multi_select"):
        return TypeAdapter(_TYPES[kind])
    keys = [key for key, _ in options]
    known = {label.casefold(): key for key, label in reversed(options)}
    known |= {key: key for key in keys}

    def chosen(value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else value
        found = known.get(text) or known.get(text.casefold()) if isinstance(text, str) else None
        if found is None:
            said = f"{{value}} is none of {', '.join(keys)}."
            raise refuse("option", said, value)
        return found

    literal: Any = Literal[tuple(keys)] if keys else str
    one = Annotated[literal, BeforeValidator(chosen), Of(Kind.SELECT)]
    if kind == "select":
        return TypeAdapter(one)
    unique = AfterValidator(lambda values: list(dict.fromkeys(values)))
    return TypeAdapter(_list_of(one, unique, BeforeValidator(or_json(words))))


def normal_form(adapter: TypeAdapter[Any], value: Any) -> Any:
    """Return a value as it is kept, JSON throughout; None where nothing is in it.

    Raises pydantic's ValidationError.
    """
    found = adapter.validate_python(value)
    if isinstance(found, BaseModel) and not found.model_dump(exclude_none=True):
        return None
    kept = adapter.dump_python(found, mode="json", exclude_none=True, by_alias=True)
    return None if kept in ("", [], {}) else kept
