"""The installation and its workspaces."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        create table public.installation (
            id text primary key check (id ~ '^[a-z0-9]{6,12}$'),
            has_roles boolean not null default true,
            created_at timestamptz not null default now()
        );
        create unique index installation_is_one on public.installation ((true));
        create table public.workspaces (
            slug text primary key check (slug ~ '^[a-z][a-z0-9_]{0,29}$'),
            schema_name text not null unique,
            role_name text not null,
            revision text not null,
            derived text not null,
            created_at timestamptz not null default now()
        );
        create table public.logins (
            email text not null,
            workspace text not null references public.workspaces on delete cascade,
            user_id uuid not null,
            primary key (workspace, user_id)
        );
        create index logins_by_email on public.logins (email);
    """)


def downgrade() -> None:
    op.execute(
        "drop table public.logins; drop table public.workspaces; drop table public.installation;"
    )
