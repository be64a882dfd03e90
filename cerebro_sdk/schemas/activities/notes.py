"""Notes: what is worth knowing of a record."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.activities.links import Linked, LinksSent
from cerebro_sdk.schemas.base import (
    ALL,
    Customized,
    CustomizedRecord,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Text

_TEXT = ("Text", "What it says; Markdown, if you like.")
_PINNED = ("Is pinned", "Whether it stays on top.")
_INTERNAL = ("Is internal", "Whether it is for colleagues only, and goes to nobody outside.")


class Note(OwnedRecord, CustomizedRecord, Linked):
    """A note as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="notes",
        singular="note",
        component="activities",
        title="text",
        columns=("text", "is_pinned", "contact_id", "company_id", "deal_id", "created_at"),
        verbs=(*ALL, "destroy"),
    )
    text: str = required(*_TEXT)
    is_pinned: bool = required(*_PINNED)
    is_internal: bool = required(*_INTERNAL)


class NoteCreate(Payload, LinksSent, Customized, Owned, Sourced):
    """A new note."""

    text: Text = required(*_TEXT)
    is_pinned: bool = Field(default=False, title=_PINNED[0], description=_PINNED[1])
    is_internal: bool = Field(default=False, title=_INTERNAL[0], description=_INTERNAL[1])


class NoteUpdate(Payload, LinksSent, Customized, Owned, Sourced):
    """The fields of a note to change; null empties a field, what is left out stays."""

    text: Text = kept(*_TEXT)
    is_pinned: bool = kept(*_PINNED)
    is_internal: bool = kept(*_INTERNAL)
