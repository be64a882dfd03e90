"""From bytes or dictionaries to valid rows, and from pydantic's errors to ours."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cerebro_server.kernel.errors import MalformedJson, ValidationFailed

_TEXTS = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is required.",
}


def payload_values(schema: type[BaseModel], body: bytes, *, sent_only: bool) -> dict[str, Any]:
    """Validate a JSON body; return the values, of the fields that were sent only if so asked."""
    try:
        payload = schema.model_validate_json(body)
    except ValidationError as error:
        raise failure(error) from None
    return payload.model_dump(exclude_unset=sent_only)


def failure(error: ValidationError) -> MalformedJson | ValidationFailed:
    """Turn pydantic's errors into a problem with a JSON pointer to each field."""
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
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in detail["loc"])
    return "".join(f"/{part}" for part in parts)
