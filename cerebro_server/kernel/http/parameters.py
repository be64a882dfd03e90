"""Query parameters: one pydantic model for each operation, checked in one call.

FastAPI would look at each parameter by itself, at 0.06 ms apiece, and let a misspelt one pass.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from cerebro_server.kernel.errors import ValidationFailed

M = TypeVar("M", bound="Parameters")


class Parameters(BaseModel):
    """The query parameters of an operation; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def read_parameters(request: Request, model: type[M]) -> M:
    """Return the request's query parameters. Raises `ValidationFailed` naming each wrong one."""
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) < len(pairs):
        twice = next(name for name in given if [key for key, _ in pairs].count(name) > 1)
        raise _refused([(twice, "repeated", "Send this parameter once.")])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refused(
            [
                (str(detail["loc"][0]), detail["type"], _said(detail["type"], detail["msg"], model))
                for detail in error.errors(include_url=False, include_context=False)
            ]
        ) from None


@cache
def described(model: type[Parameters]) -> list[dict[str, Any]]:
    """Return the parameters as OpenAPI tells them."""
    schema = model.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": field.pop("description", ""),
            "schema": {key: value for key, value in field.items() if key != "title"},
        }
        for name, field in schema["properties"].items()
    ]


def _said(code: str, message: str, model: type[Parameters]) -> str:
    if code == "extra_forbidden":
        return f"There is no such parameter; there is: {', '.join(model.model_fields)}."
    return message


def _refused(errors: list[tuple[str, str, str]]) -> ValidationFailed:
    return ValidationFailed(
        "; ".join(f"{name}: {message}" for name, _, message in errors),
        errors=[{"parameter": n, "code": c, "detail": message} for n, c, message in errors],
    )
