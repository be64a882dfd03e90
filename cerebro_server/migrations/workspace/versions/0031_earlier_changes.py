"""What happened to records elsewhere, before they came here; and settings that become records, so
that the journal tells who changed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0031"
down_revision = "0030"
_ENDS = {
    "contact_id": "contacts",
    "company_id": "companies",
    "deal_id": "deals",
    "lead_id": "leads",
}
_NOUN = (
    "case when contact_id is not null then 'contacts' when company_id is not null "
    "then 'companies' when deal_id is not null then 'deals' else 'leads' end"
)


_SETTINGS = {"import_mappings": "record_type, name", "duplicate_rules": "record_type"}
_AS_RECORDS = (
    "add column id uuid not null default gen_random_uuid()",
    "add column external_ids jsonb not null default '{}'",
    "add column source_created_at timestamptz",
    "add column created_at timestamptz not null default now()",
    "add column deleted_at timestamptz",
)
_MAPPED = ("companies", "contacts", "deals")


def upgrade() -> None:
    _earlier_changes()
    for table, key in _SETTINGS.items():
        op.execute(f"""
            alter table {table} {", ".join(_AS_RECORDS)};
            alter table {table} drop constraint {table}_pkey, add primary key (id),
                add constraint {table}_once unique ({key});
            alter table {table} alter column id drop default
        """)
    op.execute("alter table import_mappings add column version integer not null default 1")
    op.execute("alter table duplicate_rules alter column version set default 1")
    _lead_mapping()


def _lead_mapping() -> None:
    op.execute(
        "create temporary table _mapped on commit drop as "
        "select record_type, target_field, lead_field from lead_mapping"
    )
    op.drop_table("lead_mapping")
    create_record_table(
        op,
        "lead_mapping",
        sa.Column("name", sa.Text, nullable=False, server_default="Lead mapping"),
        *(
            sa.Column(noun, JSONB, nullable=False, server_default=sa.text("'{}'"))
            for noun in _MAPPED
        ),
    )
    objects = ", ".join(
        "coalesce(jsonb_object_agg(target_field, lead_field) "
        f"filter (where record_type = '{noun}'), '{{}}')"
        for noun in _MAPPED
    )
    op.execute(f"""
        create unique index lead_mapping_once on lead_mapping ((true));
        insert into lead_mapping (id, {", ".join(_MAPPED)})
            select gen_random_uuid(), {objects} from _mapped having count(*) > 0
    """)


def _earlier_changes() -> None:
    create_record_table(
        op,
        "earlier_changes",
        *(sa.Column(name, sa.Uuid) for name in _ENDS),
        sa.Column("record_type", sa.Text, sa.Computed(_NOUN, persisted=True), nullable=False),
        sa.Column(
            "record_id",
            sa.Uuid,
            sa.Computed(f"coalesce({', '.join(_ENDS)})", persisted=True),
            nullable=False,
        ),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        texts="old_value new_value changed_by",
        sorted_by=["changed_at"],
    )
    for name, noun in _ENDS.items():
        op.execute(f"""
            alter table earlier_changes
                add foreign key ({name}) references {noun} (id) on delete cascade;
            create index earlier_changes_of_{noun} on earlier_changes ({name}, changed_at, id)
                where {name} is not null
        """)
    op.execute(
        f"alter table earlier_changes add constraint earlier_changes_of_one "
        f"check (num_nonnulls({', '.join(_ENDS)}) = 1)"
    )


def downgrade() -> None:
    op.drop_table("earlier_changes")
    gone = ("earlier_changes", *_SETTINGS, "lead_mappings")
    op.execute(f"delete from record_keys where record_type in {gone}")
    for table, key in _SETTINGS.items():
        for event in ("insert", "update", "delete"):
            op.execute(f"drop trigger if exists _journal_{event} on {table}")
        op.execute(f"""
            delete from {table} where deleted_at is not null;
            alter table {table} drop constraint {table}_once, drop constraint {table}_pkey,
                add primary key ({key}), drop external_ids, drop source_created_at,
                drop created_at, drop deleted_at, drop id
        """)
    op.execute("alter table import_mappings drop version")
    op.execute("alter table duplicate_rules alter column version drop default")
    nouns = ", ".join(f"('{noun}', {noun})" for noun in _MAPPED)
    op.execute(f"""
        create temporary table _mapped on commit drop as
            select m.noun, f.key, f.value from lead_mapping, lateral (values {nouns})
            as m(noun, fields), jsonb_each_text(m.fields) f where deleted_at is null;
        drop table lead_mapping;
        create table lead_mapping (
            record_type text not null check (record_type in ('contacts', 'companies', 'deals')),
            target_field text not null,
            lead_field text not null,
            primary key (record_type, target_field)
        );
        insert into lead_mapping select noun, key, value from _mapped
    """)
