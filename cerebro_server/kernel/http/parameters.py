"""Query parameters: one pydantic model for each operation, checked in one call, and
`dry_run`, which all have that write.

FastAPI would look at each parameter by itself, at 0.06 ms apiece, and let a misspelt one pass.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cerebro_server.kernel.errors import ValidationFailed

M = TypeVar("M", bound="Parameters")
DRY_RUN: Final = "dry_run"
_TOLD: Final = "cerebro.dry_run"
"""Where a request keeps whether it is one, once that was found out."""


class Parameters(BaseModel):
    """The query parameters of an operation; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class DryRunQuery(Parameters):
    """Whether a write is only tried."""

    dry_run: bool = Field(
        default=False,
        description="Do all of it and take it back: the reply is what it would be, or why it would "
        "be refused, and nothing is kept.",
    )


def read_dry_run(request: Request, known: Container[str]) -> bool:
    """Find out whether a request is a dry run, and that all of its parameters are known, since one
    that is misspelt would be no dry run. Raises `ValidationFailed`."""
    names = dict(request.query_params.multi_items())
    if unknown := [name for name in names if name not in known]:
        said = "There is no such parameter."
        raise _refused([(name, "extra_forbidden", said) for name in unknown])
    values = request.query_params.getlist(DRY_RUN)
    if len(values) > 1:
        raise _refused([(DRY_RUN, "repeated", "Send this parameter once.")])
    try:
        is_dry = bool(values) and DryRunQuery.model_validate({DRY_RUN: values[0]}).dry_run
    except ValidationError:
        raise _refused([(DRY_RUN, "bool_parsing", "It is true or false.")]) from None
    request.scope[_TOLD] = is_dry
    return is_dry


def is_dry_run(request: Request) -> bool:
    """Tell whether a request is a dry run, as `read_dry_run` has found."""
    return bool(request.scope.get(_TOLD))


def read_parameters(request: Request, model: type[M]) -> M:
    """Return the request's query parameters. Raises `ValidationFailed` naming each wrong one."""
    pairs = request.query_params.multi_items()
    if _TOLD in request.scope:
        pairs = [pair for pair in pairs if pair[0] != DRY_RUN]
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
