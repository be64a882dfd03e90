"""Users, teams, roles, keys, sessions, passwords, one-time tokens and mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0002"
down_revision = "0001"
_TIME = sa.DateTime(timezone=True)
_RECORDS = ("users", "teams", "roles", "keys", "sessions")


def upgrade() -> None:
    create_record_table(
        op,
        "users",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("teams", ARRAY(sa.Text), nullable=False),
        sa.Column("disabled_at", _TIME),
        sa.Column("password_changed_at", _TIME),
        sorted_by=["fold(name)"],
    )
    create_record_table(
        op,
        "teams",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        texts="description",
    )
    create_record_table(
        op,
        "roles",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("permissions", ARRAY(sa.Text), nullable=False),
        sa.Column("row_rules", JSONB, nullable=False),
        sa.Column("field_rules", JSONB, nullable=False),
        sa.Column("is_built_in", sa.Boolean, nullable=False, server_default=sa.text("false")),
        texts="description",
    )
    create_record_table(
        op,
        "keys",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("lookup", sa.Text, nullable=False, unique=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.Column("revoked_at", _TIME),
    )
    create_record_table(
        op,
        "sessions",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("counter", sa.Integer, nullable=False),
        sa.Column("rotated_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        texts="address ended_because",
    )
    op.execute("""
        create table passwords (
            user_id uuid primary key references users,
            hash text not null
        );
        create table one_time_tokens (
            id uuid primary key,
            user_id uuid not null references users,
            purpose text not null check (purpose in ('invite', 'reset')),
            lookup text not null unique,
            secret_hash bytea not null,
            expires_at timestamptz not null,
            used_at timestamptz,
            created_at timestamptz not null default now()
        );
        create index one_time_tokens_of_user on one_time_tokens (user_id);
        create table outgoing_mail (
            id uuid primary key,
            recipient text not null,
            subject text not null,
            body text not null,
            created_at timestamptz not null default now()
        );
    """)


def downgrade() -> None:
    for table in ("outgoing_mail", "one_time_tokens", "passwords", *reversed(_RECORDS)):
        op.drop_table(table)
