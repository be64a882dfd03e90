"""Jobs: everything that happens later; indexes of custom fields are the first."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
        create table jobs (
            id uuid primary key,
            kind text not null,
            key text,
            payload jsonb not null default '{}',
            actor text not null check (actor <> ''),
            on_behalf_of text,
            request_id text,
            operation_id uuid,
            due_at timestamptz not null default now(),
            state text not null default 'pending' check (state in
                ('pending', 'leased', 'done', 'dead', 'cancelled')),
            attempts integer not null default 0,
            again boolean not null default false,
            lease_until timestamptz,
            token bigint not null default 0,
            worker_id uuid,
            last_error text,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
        create unique index jobs_living on jobs (kind, key)
            where key is not null and state in ('pending', 'leased');
        create index jobs_due on jobs (kind, due_at, id) where state = 'pending';
        create index jobs_leased on jobs (worker_id) where state = 'leased';
        create index jobs_parked on jobs (state, updated_at) where state in ('dead', 'cancelled');
        create index jobs_of_operation on jobs (operation_id) where operation_id is not null;

        -- how far the relay has read the journal; where there is history, from now on
        create table relay_cursor (
            id boolean primary key default true check (id),
            era integer not null,
            xid xid8 not null,
            seq bigint not null
        );
        insert into relay_cursor (era, xid, seq)
        select 0, '0', 0 where not exists (select from changes);
        create table schedules (
            name text primary key,
            last_tick_at timestamptz not null
        );

        alter table fields add column is_indexed boolean not null default false;
        alter table fields add column is_unique boolean not null default false;
        alter table fields add column index_state text
            check (index_state in ('building', 'ready', 'invalid'));
        alter table fields add column index_error text;
    """)


def downgrade() -> None:
    op.execute("""
        drop table jobs;
        drop table relay_cursor;
        drop table schedules;
        alter table fields drop column index_error;
        alter table fields drop column index_state;
        alter table fields drop column is_unique;
        alter table fields drop column is_indexed;
    """)
