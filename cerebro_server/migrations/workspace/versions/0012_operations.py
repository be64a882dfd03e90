"""Operations: what is planned, row by row, and how far it has come."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        create table operations (
            id uuid primary key,
            kind text not null,
            state text not null check (state in ('planning', 'planned', 'applying', 'applied',
                'undoing', 'undone', 'failed', 'cancelled', 'expired')),
            actor text not null,
            user_id uuid,
            input jsonb not null,
            options jsonb not null,
            rights text not null,
            snapshot text,
            fingerprint text,
            attempt uuid,
            report jsonb not null default '{}',
            planned jsonb not null default '{}',
            done jsonb not null default '{}',
            rank smallint not null default 0,
            n bigint not null default 0,
            undoes uuid references operations (id),
            undone_by uuid references operations (id),
            problem jsonb,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            planned_at timestamptz,
            started_at timestamptz,
            ended_at timestamptz,
            expires_at timestamptz not null default now() + interval '7 days'
        );
        create index operations_of_user on operations (user_id, id);
        create table operation_rows (
            operation_id uuid not null,
            rank smallint not null,
            n bigint not null,
            record_type text not null,
            action text not null check (action in
                ('create', 'update', 'delete', 'restore', 'unchanged', 'skip', 'error')),
            record_id uuid,
            version integer,
            new_values jsonb,
            line integer,
            bundle bigint,
            problem jsonb,
            outcome text,
            primary key (operation_id, rank, n)
        );
        create index operation_rows_of_record on operation_rows (operation_id, record_id);
        create index operation_rows_amiss on operation_rows (operation_id, n)
            where problem is not null;
        create table uploads (
            id uuid primary key,
            user_id uuid,
            name text,
            size bigint not null default 0,
            created_at timestamptz not null default now()
        );
        create table upload_pieces (
            upload_id uuid not null references uploads (id) on delete cascade,
            start bigint not null,
            content bytea not null,
            primary key (upload_id, start)
        );
        create table import_mappings (
            record_type text not null,
            name text not null,
            mapping jsonb not null,
            updated_at timestamptz not null default now(),
            primary key (record_type, name)
        );
        alter table upload_pieces alter column content set storage external;
    """)


def downgrade() -> None:
    op.execute("drop table import_mappings, upload_pieces, uploads, operation_rows, operations")
