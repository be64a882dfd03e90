"""Signing in and out, passwords, and who one is."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.shape import Shape

Password = Field(
    min_length=1, max_length=1024, description="12 to 128 characters of any kind, not a common one."
)


class Login(Payload):
    """An e-mail address and its password."""

    email: str = Field(max_length=320, description="The user's address.")
    password: str = Field(max_length=1024, description="The user's password.")
    workspace: str | None = Field(
        default=None,
        max_length=40,
        description="Which workspace, where the same address and password fit several.",
    )


class Refresh(Payload):
    """A refresh token."""

    refresh_token: str = Field(max_length=400, description="The newest one of the session.")


class ChangePassword(Payload):
    """The password as it is and as it shall be."""

    current: str = Field(max_length=1024, description="The password as it is.")
    new: str = Password


class ResetRequest(Payload):
    """Who has lost a password."""

    email: str = Field(max_length=320, description="The user's address.")


class Redeem(Payload):
    """The token of an invitation or a password reset, and the password to set."""

    token: str = Field(max_length=400, description="From the link in the message.")
    password: str = Password


class Tokens(Shape):
    """A session's tokens (names as in RFC 6749, section 5.1)."""

    model_config = ConfigDict(extra="ignore")

    access_token: str = Field(description="Send as `Authorization: Bearer …`.")
    token_type: str = Field(description="`Bearer`.")
    expires_in: int = Field(description="Seconds until the access token ends.")
    refresh_token: str = Field(
        description="Gives new tokens once; the reply to that brings the next one."
    )
    refresh_expires_in: int = Field(description="Seconds until the refresh token ends.")
    workspace: str = Field(description="The workspace that was signed in to.")


class Done(Shape):
    """What was done, in one sentence."""

    model_config = ConfigDict(extra="ignore")

    detail: str = Field(description="What was done, or will be.")


class WhoAmI(Shape):
    """The caller, as the server sees it."""

    model_config = ConfigDict(extra="ignore")

    workspace: str = Field(description="The workspace.")
    type: Literal["user", "key", "system"] | str = Field(
        union_mode="left_to_right", description="`user` (signed in) or `key` (an API key)."
    )
    user_id: UUID | None = Field(description="The user.")
    name: str = Field(description="The user's name.")
    email: str | None = Field(default=None, description="The user's address.")
    key: str | None = Field(default=None, description="The key's name, if it is one.")
    roles: list[str] = Field(description="Keys of the user's roles.")
    teams: list[str] = Field(description="Keys of the user's teams.")
    permissions: list[str] = Field(description="What the caller may do, all roles and scopes met.")
