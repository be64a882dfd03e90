"""Failed sign-ins, counted to slow down guessing."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        create table public.sign_in_failures (
            id bigint generated always as identity primary key,
            account bytea not null,
            address bytea not null,
            failed_at timestamptz not null default clock_timestamp()
        );
        create index sign_in_failures_of_account on public.sign_in_failures (account, failed_at);
        create index sign_in_failures_of_address on public.sign_in_failures (address, failed_at);
        create index sign_in_failures_by_age on public.sign_in_failures (failed_at);
    """)
    # a new installation gets its roles, and their grants, after this
    op.execute("""
        do $grant$
        declare control text;
        begin
            select 'cerebro_' || id || '_control' into control from public.installation
            where has_roles;
            if control is not null then
                execute format(
                    'grant select, insert, delete on public.sign_in_failures to %I', control);
            end if;
        end $grant$
    """)


def downgrade() -> None:
    op.execute("drop table public.sign_in_failures")
