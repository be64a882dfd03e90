"""Locks of companies and contacts."""

from alembic import op

revision = "0009"
down_revision = "0008"
_TABLES = ("companies", "contacts")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} add column locked_at timestamptz")
        op.execute(
            f"create index {table}_locked on {table} (locked_at) where locked_at is not null"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} drop column locked_at")
