"""From bytes or dictionaries to valid rows, and from pydantic's errors to ours."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cerebro_server.kernel.errors import MalformedJson, ValidationFailed
from cerebro_server.kernel.fields import RecordType

_MOST_ERRORS = 500
_KIND = re.compile(r"[a-z-]+\[.*\]$")
_TEXTS = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is required.",
    "timezone_aware": "Say in which time zone, too, with Z for UTC: 2026-11-20T12:00:00Z.",
    "read_only": "Your role lets you read this field, not change it.",
}


def create_values(record_type: RecordType, body: bytes) -> dict[str, Any]:
    """Validate the body of a create; return the values of all fields.

    `record_type` is as the caller sees it: what they may not write is refused.
    """
    return _payload(record_type, record_type.create, body).model_dump()


def update_values(record_type: RecordType, body: bytes) -> dict[str, Any]:
    """Validate the body of a change; return the values of the fields that were sent."""
    return _payload(record_type, record_type.update, body).model_dump(exclude_unset=True)


def _payload(record_type: RecordType, schema: type[BaseModel] | None, body: bytes) -> BaseModel:
    if schema is None:
        raise TypeError(f"{record_type.name} take no payload")
    payload = parse_payload(schema, body)
    closed = [name for name in schema.model_fields if name not in record_type.writable]
    wrong = [name for name in closed if name in payload.model_fields_set]
    if wrong:
        raise _closed(record_type, wrong)
    return payload


M = TypeVar("M", bound=BaseModel)


def parse_payload(schema: type[M], body: bytes) -> M:
    """Validate a JSON body. Raises `MalformedJson`, `ValidationFailed`."""
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        raise failure(error) from None


def _closed(record_type: RecordType, names: list[str]) -> ValidationFailed:
    """Refuse fields that a rule closes; one that is hidden is as if it were not."""
    errors = []
    for name in names:
        code = "read_only" if name in record_type.fields else "extra_forbidden"
        errors.append({"pointer": f"/{name}", "code": code, "detail": _TEXTS[code]})
    said = "; ".join(f"{e['pointer'].lstrip('/')}: {e['detail']}" for e in errors)
    return ValidationFailed(said, errors=errors)


def failure(error: ValidationError) -> MalformedJson | ValidationFailed:
    """Turn pydantic's errors into a problem with a JSON pointer to each field."""
    if error.error_count() > _MOST_ERRORS:
        # a body of 1 MB holds 90,000 unknown fields: listed, they were a reply of 8 MB
        said = f"{error.error_count():,} things are wrong with the body, too many to list."
        return ValidationFailed(
            said, errors=[{"pointer": "", "code": "too_many_errors", "detail": said}]
        )
    details = error.errors(include_url=False, include_context=False)
    if details[0]["type"] == "json_invalid":
        return MalformedJson(f"{details[0]['msg']}.")
    errors = [
        {"pointer": _pointer(detail), "code": detail["type"], "detail": message(detail)}
        for detail in details
    ]
    said = "; ".join(f"{e['pointer'].lstrip('/') or 'body'}: {e['detail']}" for e in errors[:5])
    return ValidationFailed(said, errors=errors)


def message(detail: ErrorDetails) -> str:
    """Return what is wrong with one value, for people."""
    if detail["input"] is None and detail["type"].endswith("_type"):
        return "This field may not be empty."
    return _TEXTS.get(detail["type"]) or re.sub(r"^Value error, ", "", detail["msg"])


def _pointer(detail: ErrorDetails) -> str:
    # of several kinds that a value may have, pydantic names each: `function-after[_line(), …]`
    named = (str(part) for part in detail["loc"] if not _KIND.match(str(part)))
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in named)
