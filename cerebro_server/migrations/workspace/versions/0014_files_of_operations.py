"""The rows of an operation that reads several files: which of them each is from."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("alter table operation_rows add column file smallint")


def downgrade() -> None:
    op.execute("alter table operation_rows drop column file")
