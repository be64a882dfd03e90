"""Companies."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_record_table(
        op,
        "companies",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("employees", sa.Integer),
        sa.Column("owner_id", sa.Uuid),
        sa.Column("team", sa.Text),
        texts="domain website industry phone street city state postal_code country description",
        sorted_by=["fold(name)", "fold(industry)", "owner_id", "team"],
    )


def downgrade() -> None:
    op.drop_table("companies")
