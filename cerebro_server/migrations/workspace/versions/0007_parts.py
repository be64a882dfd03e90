"""Parts of contacts and companies, the company tree, and positions."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0007"
down_revision = "0006"
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_ROLES = (
    "abuse accounting accounts admin billing careers contact enquiries feedback finance hello help "
    "hr info inquiries jobs kontakt legal mail marketing media newsletter no-reply noreply office "
    "orders postmaster press privacy sales security service shop support team webmaster"
)
_FREE = (
    "aol.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net "
    "googlemail.com hotmail.com icloud.com libero.it live.com mac.com mail.com mail.ru me.com "
    "msn.com orange.fr outlook.com proton.me protonmail.com qq.com seznam.cz t-online.de tuta.com "
    "web.de yahoo.com yahoo.co.uk yandex.ru ymail.com 163.com"
)
_EMAIL_QUALITY = f"""
create function email_quality(address text) returns text
language sql immutable strict parallel safe as $quality$
select case
    when address !~ '^[^@[:space:]]+@[^@[:space:].]+(\\.[^@[:space:].]+)+$' then 'invalid'
    when pg_catalog.lower(pg_catalog.split_part(address, '@', 1))
        = any(pg_catalog.string_to_array('{_ROLES}', ' ')) then 'role'
    when pg_catalog.lower(pg_catalog.split_part(address, '@', 2))
        = any(pg_catalog.string_to_array('{_FREE}', ' ')) then 'free'
    else 'ok' end
$quality$
"""
_PHONES = """
case when phone is null then '[]'::jsonb
when phone ~ '^[+][1-9][0-9 ()/.-]{6,30}$' then jsonb_build_array(jsonb_build_object(
    'number', '+' || regexp_replace(phone, '[^0-9]', '', 'g'), 'is_valid', true))
else jsonb_build_array(jsonb_build_object('number', phone, 'is_valid', false)) end
"""
_EMAILS = """
case when email is null then '[]'::jsonb
else jsonb_build_array(jsonb_build_object('address', email)) end
"""
_PHONE_QUALITY = (
    "case when (phones -> 0 ->> 'is_valid')::boolean then 'ok' "
    "when phones -> 0 is not null then 'invalid' end"
)


def upgrade() -> None:
    op.execute(_EMAIL_QUALITY)
    op.execute("""
        alter table record_keys add column is_unique boolean not null default true;
        alter table record_keys drop constraint record_keys_pkey;
        alter table record_keys add primary key (record_type, kind, value, record_id);
        create unique index record_keys_unique on record_keys (record_type, kind, value)
            where is_unique;
    """)
    _contacts()
    _companies()
    _positions()


def _contacts() -> None:
    _into_list("contacts", "email", "emails", _EMAILS)
    _into_list("contacts", "phone", "phones", _PHONES)
    _computed("contacts", "email", "emails -> 0 ->> 'address'")
    _computed("contacts", "email_quality", "email_quality(emails -> 0 ->> 'address')")
    _phones("contacts")
    op.execute("alter table contacts add column addresses jsonb not null default '[]'")
    for name in _ADDRESS:
        _computed("contacts", name, f"addresses -> 0 ->> '{name}'")
    op.execute("""
        alter table contacts add column tags text[] not null default '{}',
            add column birthday date, add column website text collate "C",
            add column source text collate "C", add column consent_at timestamptz,
            add column consent text collate "C" not null default 'none'
                check (consent in ('none', 'given', 'withdrawn'))
    """)


def _companies() -> None:
    pairs = ", ".join(f"'{name}', {name}" for name in _ADDRESS)
    address = f"jsonb_strip_nulls(jsonb_build_object({pairs}))"
    _into_list("companies", "phone", "phones", _PHONES)
    _into_list(
        "companies",
        "street",
        "addresses",
        f"case when {address} = '{{}}' then '[]'::jsonb else jsonb_build_array({address}) end",
    )
    _phones("companies")
    for name in _ADDRESS:
        op.execute(f"alter table companies drop column if exists {name}")
        _computed("companies", name, f"addresses -> 0 ->> '{name}'")
    op.execute("""
        alter table companies add column tags text[] not null default '{}',
            add column annual_revenue numeric(20, 2),
            add column parent_id uuid references companies (id) on delete set null;
        create index companies_by_parent on companies (parent_id, id)
    """)


def _positions() -> None:
    create_record_table(
        op,
        "positions",
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("started_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        texts="role",
        sorted_by=["contact_id", "company_id"],
    )
    for end, table in (("contact_id", "contacts"), ("company_id", "companies")):
        op.execute(
            f"alter table positions add foreign key ({end}) references {table} (id) "
            "on delete cascade"
        )
        op.execute(f"create index positions_of_{end} on positions ({end})")
    op.execute("""
        create unique index positions_current
            on positions (contact_id, company_id, fold(coalesce(role, '')))
            where is_current and deleted_at is null
    """)


def _into_list(table: str, old: str, new: str, how: str) -> None:
    """Turn a column into the list that it becomes the first of; no trigger sees it."""
    op.execute(f"alter table {table} alter column {old} type jsonb using {how}")
    op.execute(f"alter table {table} rename column {old} to {new}")
    op.execute(
        f"alter table {table} alter column {new} set default '[]', alter column {new} set not null"
    )


def _computed(table: str, name: str, how: str) -> None:
    op.execute(
        f'alter table {table} add column {name} text collate "C" generated always as ({how}) stored'
    )


def _phones(table: str) -> None:
    _computed(table, "phone", "phones -> 0 ->> 'number'")
    _computed(table, "phone_quality", _PHONE_QUALITY)
    op.execute(f"""
        insert into record_keys (record_type, kind, value, is_unique, record_id)
        select '{table}', 'phone', fold(phone), false, id from {table}
        where phone is not null and deleted_at is null
    """)


def downgrade() -> None:
    op.drop_table("positions")
    op.execute("""
        alter table companies drop column parent_id, drop column annual_revenue, drop column tags;
        alter table contacts drop column tags, drop column birthday, drop column website,
            drop column source, drop column consent, drop column consent_at,
            drop column email_quality
    """)
    for table in ("contacts", "companies"):
        op.execute(f"alter table {table} drop column phone_quality")
        kept = ("phone", "email") if table == "contacts" else ("phone", *_ADDRESS)
        for name in kept:
            op.execute(f"alter table {table} alter column {name} drop expression")
        for name in _ADDRESS if table == "contacts" else ():
            op.execute(f"alter table {table} drop column {name}")
        op.execute(f"alter table {table} drop column phones, drop column addresses")
    op.execute("""
        alter table contacts drop column emails;
        delete from record_keys where not is_unique;
        delete from record_keys k where k.record_type = 'contacts' and k.kind = 'email'
            and not exists (select from contacts c where c.id = k.record_id
                and fold(c.email) = k.value);
        drop index record_keys_unique;
        alter table record_keys drop constraint record_keys_pkey, drop column is_unique;
        alter table record_keys add primary key (record_type, kind, value);
        drop function email_quality(text)
    """)
