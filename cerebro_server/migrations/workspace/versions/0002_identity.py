"""Users and their API keys."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        create table users (
            id uuid primary key,
            email text not null,
            name text not null,
            role text not null check (role in ('owner')),
            created_at timestamptz not null default now(),
            disabled_at timestamptz
        );
        create unique index users_email on users (fold(email));
        create table api_keys (
            id uuid primary key,
            user_id uuid not null references users,
            name text not null,
            lookup text not null unique,
            secret_hash bytea not null,
            scopes text[] not null,
            created_at timestamptz not null default now(),
            revoked_at timestamptz
        );
        create index api_keys_of_user on api_keys (user_id);
    """)


def downgrade() -> None:
    op.execute("drop table api_keys; drop table users;")
