"""Contacts."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0005"
down_revision = "0004"
_FULL_NAME = "trim(coalesce(first_name, '') || ' ' || last_name)"


def upgrade() -> None:
    create_record_table(
        op,
        "contacts",
        sa.Column("last_name", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text, sa.Computed(_FULL_NAME, persisted=True), nullable=False),
        sa.Column("owner_id", sa.Uuid),
        texts="first_name email phone job_title department description team",
        sorted_by=["fold(full_name)", "fold(last_name)", "owner_id", "team"],
    )


def downgrade() -> None:
    op.drop_table("contacts")
