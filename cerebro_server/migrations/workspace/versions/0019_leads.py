"""Leads and their statuses, with those that every workspace begins with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cerebro_server.kernel.db.ddl import create_record_table
from cerebro_server.kernel.ids import uuid7

revision = "0019"
down_revision = "0018"
_NAME = "trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))"
_FULL_NAME = f"coalesce(nullif({_NAME}, ''), company_name, emails -> 0 ->> 'address', '')"
_PHONE_QUALITY = (
    "case when (phones -> 0 ->> 'is_valid')::boolean then 'ok' "
    "when phones -> 0 is not null then 'invalid' end"
)
_STATUSES = (
    ("new", "New", "open"),
    ("assigned", "Assigned", "open"),
    ("in_process", "In Process", "ongoing"),
    ("recycled", "Recycled", "on_hold"),
    ("dead", "Dead", "lost"),
    ("converted", "Converted", "won"),
)
_PHONE = "regexp_replace(phone, '[^0-9]+', '', 'g')"
_SEARCHED = ("full_name", "email", "company_name", _PHONE)
_FOLDED = ("source", "company_name", "job_title", "industry", "city", "state", "country")


def upgrade() -> None:
    _statuses()
    _mapping()
    _forms()
    _leads()


def _statuses() -> None:
    create_record_table(
        op,
        "lead_statuses",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
    )
    op.execute(
        "alter table lead_statuses add check "
        "(type in ('open', 'ongoing', 'on_hold', 'won', 'lost'))"
    )
    connection = op.get_bind()
    for position, (name, label, type_) in enumerate(_STATUSES, 1):
        status = {"id": uuid7(), "name": name, "label": label, "at": position, "type": type_}
        connection.execute(
            sa.text(
                "insert into lead_statuses (id, name, label, position, type) "
                "values (:id, :name, :label, :at, :type)"
            ),
            status,
        )
        connection.execute(
            sa.text(
                "insert into record_keys (record_type, kind, value, record_id) "
                "values ('lead_statuses', 'name', fold(:name), :id)"
            ),
            {"id": status["id"], "name": name},
        )


def _mapping() -> None:
    op.execute("""
        create table lead_mapping (
            record_type text not null check (record_type in ('contacts', 'companies', 'deals')),
            target_field text not null,
            lead_field text not null,
            primary key (record_type, target_field)
        )
    """)


def _forms() -> None:
    create_record_table(
        op,
        "lead_forms",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("allowed_origins", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("owner_id", sa.Uuid),
        texts="honeypot source team",
    )
    op.execute("create index lead_forms_by_key on lead_forms (key)")


def _computed(name: str, how: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.Computed(how, persisted=True), nullable=nullable)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default=sa.text("'[]'"))


def _leads() -> None:
    address = ("street", "city", "state", "postal_code", "country")
    time = sa.DateTime(timezone=True)
    create_record_table(
        op,
        "leads",
        *map(_list, ("emails", "phones", "addresses")),
        _computed("full_name", _FULL_NAME, nullable=False),
        _computed("email", "emails -> 0 ->> 'address'"),
        _computed("email_quality", "email_quality(emails -> 0 ->> 'address')"),
        _computed("phone", "phones -> 0 ->> 'number'"),
        _computed("phone_quality", _PHONE_QUALITY),
        *(_computed(line, f"addresses -> 0 ->> '{line}'") for line in address),
        sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("custom", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("amount", sa.Numeric(20, 2)),
        sa.Column("status_id", sa.Uuid),
        sa.Column("owner_id", sa.Uuid),
        sa.Column("locked_at", time),
        sa.Column("converted_at", time),
        sa.Column("converted_contact_id", sa.Uuid),
        sa.Column("converted_company_id", sa.Uuid),
        sa.Column("converted_deal_id", sa.Uuid),
        texts="first_name last_name company_name job_title website industry source utm_source "
        "utm_medium utm_campaign referer currency description team",
        sorted_by=["fold(full_name)", "fold(company_name)", "status_id", "owner_id", "team"],
    )
    op.execute("create index leads_locked on leads (locked_at) where locked_at is not null")
    op.execute("alter table leads add foreign key (status_id) references lead_statuses (id)")
    for name, table in (("contact", "contacts"), ("company", "companies"), ("deal", "deals")):
        op.execute(
            f"alter table leads add foreign key (converted_{name}_id) references {table} (id) "
            "on delete set null"
        )
        op.execute(
            f"create index leads_of_{name} on leads (converted_{name}_id) "
            f"where converted_{name}_id is not null"
        )
    source = " || ' ' || ".join(f"coalesce({column}, '')" for column in _SEARCHED)
    op.execute(
        f"create index leads_search on leads using gin (search_grams({source})) "
        "with (gin_pending_list_limit = 256) where deleted_at is null"
    )
    op.execute(
        f"create index leads_by_phone on leads (right({_PHONE}, 9), id) where deleted_at is null"
    )
    for column in _FOLDED:
        op.execute(f"create statistics leads_{column}_folded on (fold({column})) from leads")


def downgrade() -> None:
    op.drop_table("lead_mapping")
    for table in ("leads", "lead_forms", "lead_statuses"):
        op.drop_table(table)
        op.execute(f"delete from record_keys where record_type = '{table}'")
