"""Sessions: who is signed in, from where, since when."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import Noun, Record, required


class Session(Record):
    """A sign-in of a person and what became of it."""

    noun: ClassVar[Noun] = Noun(
        name="sessions",
        singular="session",
        component="identity",
        title="client",
        columns=("client", "address", "user_id", "created_at", "last_seen_at", "ended_at"),
        verbs=("list", "search", "get"),
    )
    client: str = required("Client", "The program that signed in, as it named itself.")
    address: str | None = Field(
        default=None, title="Address", description="The network address that it came from."
    )
    user_id: UUID = required("User", "Who signed in.")
    expires_at: datetime = required("Expires", "When it ends unless it is used (UTC).")
    last_seen_at: datetime = required("Last seen", "When its tokens were renewed last (UTC).")
    ended_at: datetime | None = Field(
        default=None, title="Ended", description="When it ended; empty while it lives."
    )
    ended_because: (
        Literal["logout", "ended", "reuse", "password", "email", "disabled"] | str | None
    ) = Field(
        default=None,
        union_mode="left_to_right",
        title="Ended because",
        description="`logout`, `ended` (by somebody), `reuse` (of an old refresh token), "
        "`password` (changed or reset), `email` (changed) or `disabled` (or deleted).",
    )
