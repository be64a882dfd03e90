"""Custom fields of every type, values for each that lie close together, and filters on them."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from cerebro_sdk.schemas.custom_types import FIELD_TYPES, normal_form
from cerebro_server.kernel.fields import Definition, Field

_TEXTS = ["a", "A", "a b", "b", "É", "é", "zz", "%"]
_OPTIONS = (("gold", "Gold"), ("very_high", "Very high"), ("x", "É"))
POOLS: dict[str, list[Any]] = {
    "text": _TEXTS,
    "long_text": [*_TEXTS, "a\nb"],
    "integer": [-1, 0, 1, 9, 10, 2**53 - 1],
    "decimal": ["-1", "0", "0.1", "9.5", "10", "1e20"],
    "percent": ["0", "9.5", "10", "100"],
    "currency": ["9.50 EUR", "10 EUR", "10 USD", "-1 USD"],
    "boolean": [True, False],
    "date": ["2026-03-28", "2026-03-29", "2024-02-29", "0004-02-29"],
    "datetime": ["2026-03-28T23:00:00Z", "2026-03-29T12:30:15.123456Z", "2026-03-29T00:00:00Z"],
    "time": ["0:00", "9:30", "10:00:01", "23:59:59"],
    "duration": ["0", "90", "1h30m", "1d"],
    "email": ["a@x.example", "b@x.example"],
    "phone": ["555", "+1 555"],
    "url": ["https://a.example", "https://b.example/A"],
    "domain": ["a.example", "b.example"],
    "select": ["gold", "very_high", "x"],
    "multi_select": [["gold"], ["x", "gold"], ["very_high"]],
    "user": [str(UUID(int=number)) for number in (0, 1, 2**64)],
    "team": ["red", "blue", "green"],
    "person_name": ["Ada", "Ada Lovelace", {"prefix": "Dr.", "last": "É"}],
    "address": [{"city": "a"}, {"city": "A", "country": "b"}, {"street": "zz"}],
    "rating": [1, 3, 5],
    "checklist": ["a, b", [{"text": "É", "is_done": True}]],
    "range": ["1..2", "..2", "9.5.."],
    "date_range": ["2026-03-28..2026-03-29", "..2026-03-28"],
    "barcode": ["4006381333931", "036000291452"],
    "color": ["#abc", "#ffffff"],
}
DEFINITIONS = {
    f"x_{kind}": Definition(f"x_{kind}", kind, kind, options=_OPTIONS if "select" in kind else ())
    for kind in FIELD_TYPES
}
FIELDS: dict[str, Field] = {
    field.name: field for each in DEFINITIONS.values() for field in each.fields()
}
KEPT = {
    key: [normal_form(each.adapter, value) for value in POOLS[each.type]]
    for key, each in DEFINITIONS.items()
}


def values_at_random(chance: random.Random) -> dict[str, Any]:
    """Return the custom values of one row: of each field some, or nothing."""
    return {key: chance.choice(kept) for key, kept in KEPT.items() if chance.random() < 0.7}


def typed_values(field: Field) -> list[str]:
    """Return what people may type to mean values of a field, or of a part of one."""
    pool = POOLS[DEFINITIONS[str(field.of_custom)].type]
    part = field.name.partition(".")[2]
    match part, field.sql_type:
        case _, "numeric":
            return ["-1", "0", "0.1", "2", "9.5", "10", "90", "100", "1e20"]
        case _, "date":
            return ["2026-03-28", "2026-03-29", "2024-02-29"]
        case "currency", _:
            return ["eur", "USD"]
        case "", "text[]":
            return ["gold", "VERY HIGH", "é", "a", "b"]
        case "", "text" if all(isinstance(value, str) for value in pool):
            return [value for value in pool if "\n" not in value]
    return ["a", "É", "Ada", "zz", "Dr. É"]
