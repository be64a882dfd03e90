"""Teams as a tree with managers; territories, in which deals and leads lie."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0023"
down_revision = "0019"
_SOLD = ("deals", "leads")


def upgrade() -> None:
    _teams()
    _territories()


def _teams() -> None:
    op.execute("""
        alter table teams add column parent_id uuid references teams (id) on delete set null,
            add column manager_id uuid;
        create index teams_of_parent on teams (parent_id) where parent_id is not null;
        create index teams_of_manager on teams (manager_id) where manager_id is not null
    """)


def _territories() -> None:
    create_record_table(
        op,
        "territories",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("manager_id", sa.Uuid),
        texts="description",
        sorted_by=["fold(name)"],
    )
    op.execute("""
        alter table territories
            add foreign key (parent_id) references territories (id) on delete set null;
        create index territories_of_parent on territories (parent_id)
            where parent_id is not null;
        create index territories_of_manager on territories (manager_id)
            where manager_id is not null
    """)
    for table in _SOLD:
        op.execute(f"""
            alter table {table} add column territory_id uuid
                references territories (id) on delete set null;
            create index {table}_of_territory on {table} (territory_id)
                where territory_id is not null
        """)


def downgrade() -> None:
    for table in _SOLD:
        op.execute(f"alter table {table} drop column territory_id")
    op.drop_table("territories")
    op.execute("delete from record_keys where record_type = 'territories'")
    op.execute("alter table teams drop column parent_id, drop column manager_id")
