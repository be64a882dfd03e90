"""Custom fields: their definitions, the columns that hold values, and what reads those."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cerebro_server.kernel.db.ddl import create_record_table
from cerebro_server.kernel.query.accessors import ACCESSORS, accessors_sql

revision = "0006"
down_revision = "0005"
_CUSTOMIZED = ("companies", "contacts")


def upgrade() -> None:
    for statement in accessors_sql():
        op.execute(sa.text(statement.replace(":", "\\:")))
    create_record_table(
        op,
        "fields",
        sa.Column("record_type", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column(
            "path",
            sa.Text,
            sa.Computed("record_type || '.' || key", persisted=True),
            nullable=False,
        ),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("is_required", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("default", JSONB),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("1")),
        texts="description",
        sorted_by=["fold(path)"],
    )
    for table in _CUSTOMIZED:
        empty = sa.Column("custom", JSONB, nullable=False, server_default=sa.text("'{}'"))
        op.add_column(table, empty)


def downgrade() -> None:
    for table in _CUSTOMIZED:
        op.drop_column(table, "custom")
    op.drop_table("fields")
    for signature in ACCESSORS:
        op.execute(f"drop function {signature}")
