"""Replies that are given again when a creating request comes again."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        create table idempotency_keys (
            actor text not null,
            route text not null,
            key text not null,
            body_hash bytea not null,
            status integer not null,
            headers jsonb not null,
            body bytea not null,
            created_at timestamptz not null default now(),
            primary key (actor, route, key)
        );
        create index idempotency_keys_by_age on idempotency_keys (created_at);
    """)


def downgrade() -> None:
    op.execute("drop table idempotency_keys")
