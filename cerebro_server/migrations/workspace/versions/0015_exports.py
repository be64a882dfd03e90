"""Exports of many nouns: what was asked for, how far it is, and the bytes."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        create table exports (
            id uuid primary key,
            actor text not null,
            user_id uuid,
            state text not null default 'waiting' check (state in
                ('waiting', 'running', 'ready', 'failed', 'deleted')),
            nouns text[] not null,
            format text not null,
            filters jsonb not null default '{}',
            since text,
            cursor text,
            attempt uuid,
            total_rows bigint,
            rows bigint not null default 0,
            bytes bigint not null default 0,
            files jsonb not null default '[]',
            problem jsonb,
            created_at timestamptz not null default now(),
            started_at timestamptz,
            ended_at timestamptz,
            expires_at timestamptz not null
        );
        create index exports_of_user on exports (user_id, id);
        create index exports_by_end on exports (expires_at);
        create table export_pieces (
            export_id uuid not null references exports (id) on delete cascade,
            path text not null,
            start bigint not null,
            content bytea not null,
            primary key (export_id, path, start)
        );
        alter table export_pieces alter column content set storage external;
    """)


def downgrade() -> None:
    op.execute("drop table export_pieces, exports")
