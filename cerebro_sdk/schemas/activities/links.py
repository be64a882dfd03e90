"""What tasks, activities and notes are about, and who follows what: the links that they share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cerebro_sdk.schemas.base import field
from cerebro_sdk.schemas.kinds import RecordRef
from cerebro_sdk.schemas.shape import Shape

_CONTACT = ("Contact", "The contact that it is about: an id, an e-mail address.")
_COMPANY = ("Company", "The company that it is about: an id, a domain.")
_DEAL = ("Deal", "The deal that it is about: an id, a number.")
_LEAD = ("Lead", "The lead that it is about: an id, or `source:external-id`.")


class Linked(Shape):
    """The records that something is about, as the server returns them."""

    contact_id: UUID | None = field(*_CONTACT)
    company_id: UUID | None = field(*_COMPANY)
    deal_id: UUID | None = field(*_DEAL)
    lead_id: UUID | None = field(*_LEAD)


class LinksSent(Shape):
    """The records that something is about, as they are sent."""

    contact_id: RecordRef | None = field(*_CONTACT)
    company_id: RecordRef | None = field(*_COMPANY)
    deal_id: RecordRef | None = field(*_DEAL)
    lead_id: RecordRef | None = field(*_LEAD)


def word(value: Any) -> Any:
    """Read one of a few words as people write it: `Not held` for `not_held`."""
    if not isinstance(value, str):
        return value
    return value.strip().lower().replace(" ", "_").replace("-", "_")
