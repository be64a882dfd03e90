"""Pipelines with their stages, lost reasons, deals and their contacts; what every workspace begins
with is journaled here, since the triggers come after the tables."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cerebro_server.kernel.db.ddl import create_record_table
from cerebro_server.kernel.ids import uuid7

revision = "0018"
down_revision = "0017"
_STAGES = (
    ("prospecting", "Prospecting", "open", 10, "pipeline"),
    ("qualification", "Qualification", "open", 20, "pipeline"),
    ("proposal", "Proposal", "open", 50, "pipeline"),
    ("negotiation", "Negotiation", "open", 80, "pipeline"),
    ("won", "Won", "won", 100, "closed"),
    ("lost", "Lost", "lost", 0, "omitted"),
)
_REASONS = ("Price", "Competitor", "No budget", "Bad timing", "No answer", "Other")
_TABLES = ("deal_stages", "deal_contacts", "deals", "lost_reasons", "stages", "pipelines")


def upgrade() -> None:
    _pipelines()
    _deals()
    _contacts()
    _history()
    _first_rows()


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("false"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _pipelines() -> None:
    create_record_table(
        op,
        "pipelines",
        _text("name"),
        _flag("is_default"),
        _number("position"),
        sorted_by=["fold(name)"],
    )
    create_record_table(
        op,
        "stages",
        sa.Column("pipeline_id", sa.Uuid, nullable=False),
        *map(_text, ("key", "label", "type")),
        _number("position"),
        sa.Column("default_probability", sa.Integer),
        _text("default_forecast_category"),
    )
    create_record_table(
        op,
        "lost_reasons",
        _text("name"),
        _flag("needs_note"),
        _number("position"),
        sorted_by=["fold(name)"],
    )
    op.execute("""
        create unique index pipelines_default on pipelines (is_default)
            where is_default and deleted_at is null;
        alter table stages add foreign key (pipeline_id) references pipelines (id),
            add check (type in ('open', 'won', 'lost')),
            add check (default_probability between 0 and 100),
            add check (default_forecast_category in
                ('pipeline', 'best_case', 'commit', 'omitted', 'closed'));
        create unique index stages_key on stages (pipeline_id, key) where deleted_at is null
    """)


def _deals() -> None:
    time = sa.DateTime(timezone=True)
    create_record_table(
        op,
        "deals",
        sa.Column("number", sa.Integer, sa.Identity(), nullable=False),
        *map(_text, ("name", "stage", "status", "currency", "forecast_category")),
        sa.Column("company_id", sa.Uuid),
        sa.Column("pipeline_id", sa.Uuid, nullable=False),
        sa.Column("stage_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.Numeric(20, 2)),
        sa.Column("probability", sa.Integer),
        _flag("probability_is_manual"),
        sa.Column("weighted_amount", sa.Numeric(22, 4), sa.Computed("amount * probability / 100")),
        sa.Column("expected_close", sa.Date),
        sa.Column("opened_at", time, nullable=False),
        sa.Column("closed_at", time),
        sa.Column("last_stage_change_at", time, nullable=False),
        sa.Column("last_open_stage_id", sa.Uuid),
        sa.Column("lost_reason_id", sa.Uuid),
        sa.Column("tags", sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("owner_id", sa.Uuid),
        sa.Column("locked_at", time),
        sa.Column("custom", JSONB, nullable=False, server_default=sa.text("'{}'")),
        texts="lost_note next_step source utm_source utm_medium utm_campaign description team",
        sorted_by=["fold(name)", "fold(stage)", "amount", "expected_close", "owner_id", "team"],
    )
    op.execute("""
        alter table deals
            add foreign key (company_id) references companies (id) on delete set null,
            add foreign key (pipeline_id) references pipelines (id),
            add foreign key (stage_id) references stages (id),
            add foreign key (last_open_stage_id) references stages (id),
            add foreign key (lost_reason_id) references lost_reasons (id),
            add check (status in ('open', 'won', 'lost')),
            add check (probability between 0 and 100),
            add check (forecast_category in
                ('pipeline', 'best_case', 'commit', 'omitted', 'closed'));
        create unique index deals_number on deals (number);
        create index deals_of_company on deals (company_id);
        create index deals_of_stage on deals (stage_id, id);
        create index deals_locked on deals (locked_at) where locked_at is not null;
        create index deals_search on deals using gin
            (search_grams(coalesce(name, '') || ' ' || coalesce(next_step, '')))
            with (gin_pending_list_limit = 256) where deleted_at is null
    """)


def _contacts() -> None:
    create_record_table(
        op,
        "deal_contacts",
        sa.Column("deal_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        _flag("is_primary"),
        texts="role",
        sorted_by=["deal_id", "contact_id"],
    )
    for end, table in (("deal_id", "deals"), ("contact_id", "contacts")):
        op.execute(
            f"alter table deal_contacts add foreign key ({end}) references {table} (id) "
            "on delete cascade"
        )
        op.execute(f"create index deal_contacts_of_{end} on deal_contacts ({end})")
    op.execute("""
        create unique index deal_contacts_once
            on deal_contacts (deal_id, contact_id, fold(coalesce(role, '')))
            where deleted_at is null;
        create unique index deal_contacts_primary on deal_contacts (deal_id)
            where is_primary and deleted_at is null
    """)


def _history() -> None:
    time = sa.DateTime(timezone=True)
    create_record_table(
        op,
        "deal_stages",
        *(sa.Column(name, sa.Uuid, nullable=False) for name in ("deal_id", "pipeline_id")),
        sa.Column("from_stage_id", sa.Uuid),
        sa.Column("to_stage_id", sa.Uuid, nullable=False),
        _text("to_stage"),
        _text("to_status"),
        sa.Column("entered_at", time, nullable=False),
        sa.Column("left_at", time),
        sa.Column(
            "duration_seconds",
            sa.Numeric(16, 3),
            sa.Computed("extract(epoch from left_at - entered_at)"),
        ),
        _text("actor"),
        sa.Column("amount", sa.Numeric(20, 2)),
        _text("currency"),
        sa.Column("probability", sa.Integer),
        sa.Column("expected_close", sa.Date),
        _text("forecast_category"),
        texts="from_stage",
        sorted_by=["deal_id", "entered_at"],
    )
    op.execute("""
        alter table deal_stages add foreign key (deal_id) references deals (id) on delete cascade;
        create unique index deal_stages_now on deal_stages (deal_id) where left_at is null;
        create index deal_stages_of_deal on deal_stages (deal_id)
    """)


def _first_rows() -> None:
    pipeline = _insert("pipelines", name="Sales", is_default=True, position=0)
    for position, (key, label, kind, probability, category) in enumerate(_STAGES, 1):
        _insert(
            "stages",
            pipeline_id=pipeline,
            key=key,
            label=label,
            type=kind,
            position=position,
            default_probability=probability,
            default_forecast_category=category,
        )
    for position, name in enumerate(_REASONS, 1):
        _insert("lost_reasons", name=name, needs_note=name == "Other", position=position)


def _insert(table: str, **values: object) -> str:
    """Write a row as the triggers would: with its journal and its key."""
    row_id = str(uuid7())
    row = {"id": row_id, **values}
    listed = ", ".join(row)
    run = op.get_bind().execute
    run(
        sa.text(
            f"insert into {table} ({listed}) "
            f"select {listed} from json_populate_record(null::{table}, :row)"
        ),
        {"row": json.dumps(row)},
    )
    run(
        sa.text(
            "insert into changes (actor, record_type, record_id, action, version, diff) "
            "values ('system', :table, :id, 'created', 1, :diff)"
        ),
        {
            "table": table,
            "id": row_id,
            "diff": json.dumps({name: [None, value] for name, value in values.items()}),
        },
    )
    if "name" in values:
        run(
            sa.text(
                "insert into record_keys (record_type, kind, value, record_id) "
                "values (:table, 'name', fold(:name), :id)"
            ),
            {"table": table, "name": values["name"], "id": row_id},
        )
    return row_id


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    names = ", ".join(f"'{table}'" for table in _TABLES)
    op.execute(f"delete from record_keys where record_type in ({names})")
