"""Earlier changes: what happened to records elsewhere, before they came here."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.base import field as optional
from cerebro_sdk.schemas.kinds import Key, Line, RecordRef, Text, Timestamp
from cerebro_sdk.schemas.shape import Shape

_CONTACT = ("Contact", "The contact that changed: an id, an e-mail, `source:external-id`.")
_COMPANY = ("Company", "The company that changed: an id, a domain, `source:external-id`.")
_DEAL = ("Deal", "The deal that changed: an id, a number, `source:external-id`.")
_LEAD = ("Lead", "The lead that changed: an id, `source:external-id`.")
_FIELD = ("Field", "Which field: by our name where we have it, else as it is called there.")
_OLD = ("Old value", "What it was before; null where that is not known, or it was empty.")
_NEW = ("New value", "What it became; null where it was emptied.")
_CHANGED = ("Changed", "When it changed there (UTC).")
_BY = ("Changed by", "Who changed it: a user here by e-mail, else as the file has it.")
_SOURCE = ("Source", "Where it happened: `salesforce`.")


class EarlierChange(Record):
    """A change of a record elsewhere; seen by whoever sees the record and the field."""

    noun: ClassVar[Noun] = Noun(
        name="earlier_changes",
        singular="earlier_change",
        component="sales",
        title="field",
        columns=(
            *("record_type", "record_id", "field", "old_value", "new_value"),
            *("changed_at", "changed_by", "source"),
        ),
        verbs=("list", "search", "get", "import", "export"),
    )
    record_type: str = required("Record type", "What changed: `contacts`.")
    record_id: UUID = required("Record", "The record that changed.")
    contact_id: UUID | None = optional(*_CONTACT)
    company_id: UUID | None = optional(*_COMPANY)
    deal_id: UUID | None = optional(*_DEAL)
    lead_id: UUID | None = optional(*_LEAD)
    field: str = required(*_FIELD)
    old_value: str | None = optional(*_OLD)
    new_value: str | None = optional(*_NEW)
    changed_at: datetime = required(*_CHANGED)
    changed_by: str | None = optional(*_BY)
    source: str = required(*_SOURCE)


class _Sent(Shape):
    contact_id: RecordRef | None = optional(*_CONTACT)
    company_id: RecordRef | None = optional(*_COMPANY)
    deal_id: RecordRef | None = optional(*_DEAL)
    lead_id: RecordRef | None = optional(*_LEAD)
    old_value: Text | None = optional(*_OLD)
    new_value: Text | None = optional(*_NEW)
    changed_by: Line | None = optional(*_BY)


class EarlierChangeCreate(Payload, _Sent, Sourced):
    """A change elsewhere, as a file has it: no other door takes one. It names one record."""

    field: Line = required(*_FIELD)
    changed_at: Timestamp = required(*_CHANGED)
    source: Key | None = optional(*_SOURCE)


class EarlierChangeUpdate(Payload, _Sent, Sourced):
    """What a file says anew of a change that came from a file."""

    field: Line = kept(*_FIELD)
    changed_at: Timestamp = kept(*_CHANGED)
    source: Key = kept(*_SOURCE)
