"""Keys: how programs sign in, with at most the rights of the user who made them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import Noun, Payload, Record, required
from cerebro_sdk.schemas.kinds import Line, Timestamp, Words
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What it is for.")
_SCOPES = (
    "Scopes",
    "Permissions that it narrows its user to, such as `companies:read`; `*` does not narrow.",
)


class KeyFields(Shape):
    """What a key has besides its identity and history."""

    expires_at: Timestamp | None = Field(
        default=None, title="Expires", description="When it ends by itself; empty for never."
    )


class Key(Record, KeyFields):
    """An API key as the server returns it; its secret is shown only when it is made."""

    noun: ClassVar[Noun] = Noun(
        name="keys",
        singular="key",
        component="identity",
        title="name",
        columns=("name", "prefix", "user_id", "scopes", "expires_at", "last_used_at", "revoked_at"),
        verbs=("list", "search", "get"),
    )
    name: str = required(*_NAME)
    scopes: list[str] = required(*_SCOPES)
    prefix: str = required("Prefix", "Its beginning, to tell it from others: `cbr_main_4Hs0…`.")
    user_id: UUID = required("User", "Whose rights it has.")
    last_used_at: datetime | None = Field(
        default=None, title="Last used", description="When it was used last, to some minutes."
    )
    revoked_at: datetime | None = Field(
        default=None, title="Revoked", description="When it was revoked; it never works again."
    )


class KeyCreate(Payload, KeyFields):
    """A new key of the caller."""

    name: Line = required(*_NAME)
    scopes: Words = Field(
        default_factory=lambda: ["*"], title=_SCOPES[0], description=_SCOPES[1], min_length=1
    )


class NewKey(Key):
    """A key that was made just now, with its secret."""

    secret: str = Field(description="The whole key. It is stored nowhere and shown this once.")
