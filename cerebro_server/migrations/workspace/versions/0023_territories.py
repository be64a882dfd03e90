"""Teams as a tree with managers; territories, in which deals and leads lie; the rules that give
leads an owner; quotas."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0023"
down_revision = "0020"
_SOLD = ("deals", "leads")


def upgrade() -> None:
    _teams()
    _territories()
    _assignment()
    _quotas()


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


def _assignment() -> None:
    create_record_table(
        op,
        "assignment_rules",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("method", sa.Text, nullable=False),
        texts="where team",
    )
    create_record_table(
        op,
        "assignment_members",
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("capacity_per_month", sa.Integer),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    )
    op.execute("""
        alter table assignment_rules add check (method in ('round_robin', 'least_loaded'));
        alter table assignment_members
            add foreign key (rule_id) references assignment_rules (id) on delete cascade,
            add check (capacity_per_month >= 0);
        create unique index assignment_members_once on assignment_members (rule_id, user_id)
            where deleted_at is null;
        alter table leads add column assigned_at timestamptz,
            add column assignment_rule_id uuid
                references assignment_rules (id) on delete set null;
        create index leads_assigned on leads (assignment_rule_id, owner_id, assigned_at)
            where assignment_rule_id is not null;
        create index leads_assigned_to on leads (owner_id, assigned_at)
            where assignment_rule_id is not null
    """)


def _quotas() -> None:
    create_record_table(
        op,
        "quotas",
        sa.Column("user_id", sa.Uuid),
        sa.Column("territory_id", sa.Uuid),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("amount", sa.Numeric(20, 2), nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        texts="team",
        sorted_by=["period_start"],
    )
    op.execute("""
        alter table quotas
            add foreign key (territory_id) references territories (id) on delete cascade,
            add check (num_nonnulls(user_id, team, territory_id) = 1),
            add check (period in ('month', 'quarter', 'year')),
            add check (amount >= 0);
        create unique index quotas_once on quotas (period, period_start,
            coalesce(user_id::text, ''), coalesce(team, ''), coalesce(territory_id::text, ''))
            where deleted_at is null
    """)


def downgrade() -> None:
    op.drop_table("quotas")
    op.execute("alter table leads drop column assigned_at, drop column assignment_rule_id")
    for table in ("assignment_members", "assignment_rules"):
        op.drop_table(table)
    op.execute("delete from record_keys where record_type = 'assignment_rules'")
    for table in _SOLD:
        op.execute(f"alter table {table} drop column territory_id")
    op.drop_table("territories")
    op.execute("delete from record_keys where record_type = 'territories'")
    op.execute("alter table teams drop column parent_id, drop column manager_id")
