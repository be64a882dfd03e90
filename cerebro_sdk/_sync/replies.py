# Generated from ../_async/replies.py by tools/sync_client.py; do not edit.
"""What comes back: replies read as wire schemas, or taken as plain dicts."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cerebro_sdk import errors

if TYPE_CHECKING:
    import pydantic


@cache
def schema_of(path: str) -> type[pydantic.BaseModel]:
    """Import a wire schema: `contacts.companies:Company`."""
    module, _, name = path.partition(":")
    found: type[pydantic.BaseModel] = getattr(import_module(f"cerebro_sdk.schemas.{module}"), name)
    return found


def read(path: str, value: Any) -> Any:
    """Read what the server sent as a wire schema."""
    from pydantic import ValidationError  # by now the schema has imported it

    try:
        return schema_of(path).model_validate(value)
    except ValidationError as error:
        name = path.partition(":")[2]
        detail = f"The server's reply does not fit {name}: {error.errors()[0]['msg']}"
        raise errors.unexpected(200, detail) from error


def mapping(value: Any) -> dict[str, Any]:
    """Take what the server sent as it is, if it is a JSON object."""
    if not isinstance(value, dict):
        raise errors.unexpected(200, "The server did not answer with a JSON object.")
    return value
