"""The domain that a web site tells of."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.kinds import Domain

_DOMAIN: Final[TypeAdapter[str]] = TypeAdapter(Domain)


def domain_of(website: str | None) -> str | None:
    """Return a web site's domain; some, such as `http://localhost`, have none."""
    try:
        return _DOMAIN.validate_python(website) if website else None
    except ValidationError:
        return None
