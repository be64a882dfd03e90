"""Exchange rates, recurring plans, and what deals are worth in the base currency and each month."""

import json

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table
from cerebro_server.kernel.ids import uuid7

revision = "0020"
down_revision = "0019"
_PLANS = (("Monthly", 1), ("Quarterly", 3), ("Yearly", 12), ("3 years", 36))
_BASE = "round(amount * rate, 2)"
_MRR = "round(recurring_amount / recurring_months, 2)"
_COLUMNS = (
    ("rate", "numeric(20, 10)", None),
    ("rate_day", "date", None),
    ("recurring_plan_id", "uuid references recurring_plans (id)", None),
    ("recurring_amount", "numeric(20, 2)", None),
    ("recurring_months", "integer", None),
    ("base_amount", "numeric(30, 2)", _BASE),
    ("weighted_base_amount", "numeric(32, 4)", f"{_BASE} * probability / 100"),
    ("mrr", "numeric(20, 2)", _MRR),
    ("weighted_mrr", "numeric(22, 4)", f"{_MRR} * probability / 100"),
    ("base_mrr", "numeric(30, 2)", f"round({_MRR} * rate, 2)"),
)


def upgrade() -> None:
    _rates()
    _plans()
    _deals()


def _rates() -> None:
    create_record_table(
        op,
        "exchange_rates",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("rate", sa.Numeric(20, 10), nullable=False),
        texts="source",
        sorted_by=["fold(currency)", "day"],
    )
    op.execute("""
        alter table exchange_rates add check (rate > 0);
        create index exchange_rates_of_day on exchange_rates (currency, day)
            where deleted_at is null
    """)


def _plans() -> None:
    create_record_table(
        op,
        "recurring_plans",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("months", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0")),
        sorted_by=["fold(name)"],
    )
    op.execute("alter table recurring_plans add check (months between 1 and 120)")
    for position, (name, months) in enumerate(_PLANS, 1):
        _insert_plan(name=name, months=months, position=position)


def _insert_plan(**values: object) -> None:
    """Write a plan as the triggers would, which come after the tables."""
    run, row = op.get_bind().execute, {"id": str(uuid7()), **values}
    run(
        sa.text(
            "insert into recurring_plans (id, name, months, position) "
            "values (:id, :name, :months, :position)"
        ),
        row,
    )
    run(
        sa.text(
            "insert into changes (actor, record_type, record_id, action, version, diff) "
            "values ('system', 'recurring_plans', :id, 'created', 1, :diff)"
        ),
        {"id": row["id"], "diff": json.dumps({k: [None, v] for k, v in values.items()})},
    )
    run(
        sa.text(
            "insert into record_keys (record_type, kind, value, record_id) "
            "values ('recurring_plans', 'name', fold(:name), :id)"
        ),
        row,
    )


def _deals() -> None:
    added = ", ".join(
        f"add column {name} {kind}" + (f" generated always as ({how}) stored" if how else "")
        for name, kind, how in _COLUMNS
    )
    op.execute(f"""
        alter table deals {added},
            add constraint deals_recurring
                check ((recurring_plan_id is null) = (recurring_amount is null));
        create index deals_by_base_amount on deals (base_amount, id) where deleted_at is null;
        create index deals_of_plan on deals (recurring_plan_id) where recurring_plan_id is not null
    """)
    # whoever waits for rates hears of them from now on, whenever the first worker begins
    op.execute("""
        insert into relay_cursor (era, xid, seq)
        select pg_get_expr(d.adbin, d.adrelid)::integer, pg_snapshot_xmin(pg_current_snapshot()), 0
        from pg_attrdef d
        join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        where d.adrelid = 'changes'::regclass and a.attname = 'era'
        on conflict do nothing
    """)
    # deals that are there get their rates from a worker, as after any change of rates
    op.execute(
        sa.text(
            "insert into jobs (id, kind, key, payload, actor) "
            "select :id, 'rerate', 'rates', '{}', 'system' "
            "where exists (select from deals) on conflict do nothing"
        ).bindparams(id=uuid7())
    )


def downgrade() -> None:
    op.execute("drop trigger if exists _rate_of_new on deals")
    op.execute("drop trigger if exists _rate_of_changed on deals")
    op.execute("delete from jobs where kind = 'rerate'")
    op.execute("alter table deals drop constraint deals_recurring")
    for name, _, _ in reversed(_COLUMNS):
        op.execute(f"alter table deals drop column {name}")
    for table in ("exchange_rates", "recurring_plans"):
        op.drop_table(table)
        op.execute(f"delete from record_keys where record_type = '{table}'")
