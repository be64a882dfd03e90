"""Deal contacts: who has which part in a deal."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Line, RecordRef
from cerebro_sdk.schemas.shape import Shape

_DEAL = ("Deal", "Which deal: an id, a number, or `source:external-id`.")
_CONTACT = ("Contact", "Who: an id, an e-mail address, or `source:external-id`.")
_PRIMARY = ("Is primary", "Whether this is whom to talk to first; one contact of a deal is.")


class DealContactFields(Shape):
    """What a deal's contact has besides its identity and history."""

    role: Line | None = field("Role", "The person's part in it: `decision maker`.")


class DealContact(Record, DealContactFields):
    """A contact of a deal as the server returns it; seen by whoever sees both of its ends."""

    noun: ClassVar[Noun] = Noun(
        name="deal_contacts",
        singular="deal_contact",
        component="sales",
        title="role",
        columns=("role", "deal_id", "contact_id", "is_primary"),
        verbs=(*EDITED, "destroy"),
    )
    deal_id: UUID = required(*_DEAL)
    contact_id: UUID = required(*_CONTACT)
    is_primary: bool = required(*_PRIMARY)


class DealContactCreate(Payload, DealContactFields, Sourced):
    """A new contact of a deal."""

    deal_id: RecordRef = required(*_DEAL)
    contact_id: RecordRef = required(*_CONTACT)
    is_primary: bool = Field(default=False, title=_PRIMARY[0], description=_PRIMARY[1])


class DealContactUpdate(Payload, DealContactFields, Sourced):
    """The fields of a deal's contact to change; null empties a field, what is left out stays."""

    deal_id: RecordRef = kept(*_DEAL)
    contact_id: RecordRef = kept(*_CONTACT)
    is_primary: bool = kept(*_PRIMARY)
