"""The base currency that amounts of the installation are kept in."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table public.installation add column base_currency text")


def downgrade() -> None:
    op.execute("alter table public.installation drop column base_currency")
