"""Workers, and where jobs are due."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        create table public.workers (
            id uuid primary key,
            host text not null,
            pid integer not null,
            kinds text[] not null,
            started_at timestamptz not null default clock_timestamp(),
            seen_at timestamptz not null default clock_timestamp()
        );
        create table public.due (
            workspace text primary key references public.workspaces on delete cascade,
            next_due_at timestamptz,
            due integer not null default 0,
            dead integer not null default 0,
            swept_at timestamptz not null default clock_timestamp()
        );
    """)
    # a new installation gets its roles, and their grants, after this
    op.execute("""
        do $grant$
        declare control text;
        begin
            select 'cerebro_' || id || '_control' into control from public.installation
            where has_roles;
            if control is not null then
                execute format('grant select, insert, update, delete on public.workers, public.due '
                    'to %I', control);
            end if;
        end $grant$
    """)


def downgrade() -> None:
    op.execute("drop table public.due; drop table public.workers")
