"""Tables of the identity component."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow

_TIME = DateTime(timezone=True)


class UserRow(RecordRow, table=True):
    """Users."""

    __tablename__ = "users"

    name: str
    email: str
    roles: list[str] = Field(sa_type=ARRAY(Text))
    teams: list[str] = Field(sa_type=ARRAY(Text))
    disabled_at: datetime | None = Field(default=None, sa_type=_TIME)
    password_changed_at: datetime | None = Field(default=None, sa_type=_TIME)


class TeamRow(RecordRow, table=True):
    """Teams."""

    __tablename__ = "teams"

    key: str
    name: str
    parent_id: UUID | None = None
    manager_id: UUID | None = None
    description: str | None = None


class RoleRow(RecordRow, table=True):
    """Roles."""

    __tablename__ = "roles"

    key: str
    name: str
    description: str | None = None
    permissions: list[str] = Field(sa_type=ARRAY(Text))
    row_rules: dict[str, str] = Field(sa_type=JSONB)
    field_rules: dict[str, str] = Field(sa_type=JSONB)
    is_built_in: bool = False


class KeyRow(RecordRow, table=True):
    """API keys; the secret is kept as a hash."""

    __tablename__ = "keys"

    name: str
    user_id: UUID
    prefix: str
    lookup: str
    secret_hash: bytes = Field(sa_type=LargeBinary)
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    expires_at: datetime | None = Field(default=None, sa_type=_TIME)
    last_used_at: datetime | None = Field(default=None, sa_type=_TIME)
    revoked_at: datetime | None = Field(default=None, sa_type=_TIME)


class SessionRow(RecordRow, table=True):
    """Sessions of people; their refresh tokens are derived, never stored."""

    __tablename__ = "sessions"

    user_id: UUID
    client: str
    address: str | None = None
    seed: bytes = Field(sa_type=LargeBinary)
    counter: int = 1
    rotated_at: datetime = Field(sa_type=_TIME)
    expires_at: datetime = Field(sa_type=_TIME)
    last_seen_at: datetime = Field(sa_type=_TIME)
    ended_at: datetime | None = Field(default=None, sa_type=_TIME)
    ended_because: str | None = None
