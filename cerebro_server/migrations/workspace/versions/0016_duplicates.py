"""Duplicates: the pairs that scans found, and the rules that a workspace made its own."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        create table duplicate_pairs (
            id uuid primary key,
            record_type text not null,
            one_id uuid not null,
            other_id uuid not null,
            score numeric(5, 4) not null,
            reasons jsonb not null,
            state text not null default 'open' check (state in ('open', 'dismissed')),
            rules_version integer not null,
            scan_id uuid not null,
            found_at timestamptz not null default now(),
            decided_at timestamptz,
            decided_by text,
            check (one_id < other_id),
            unique (record_type, one_id, other_id)
        );
        create index duplicate_pairs_in_order on duplicate_pairs
            (record_type, state, score desc, id);
        create index duplicate_pairs_of_other on duplicate_pairs (other_id);
        create table duplicate_rules (
            record_type text primary key,
            version integer not null,
            rules jsonb,
            updated_at timestamptz not null default now()
        );
    """)


def downgrade() -> None:
    op.execute("drop table duplicate_rules, duplicate_pairs")
