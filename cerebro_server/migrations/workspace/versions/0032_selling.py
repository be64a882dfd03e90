"""Discounts on whole quotes, what a quote says of whom it went to, why it left its deal, and marks
of default records that move in one statement."""

from alembic import op

revision = "0032"
down_revision = "0031"
_DEFAULTS = {"pipelines": "is_default", "price_books": "currency"}


def upgrade() -> None:
    # triggers would journal what is no change of a quote, and the migration has no actor for them
    op.execute("""
        alter table quotes disable trigger user;
        alter table quotes add discount_percent numeric(7, 4), add discount_amount numeric(20, 2),
            add to_company text collate "C", add to_contact text collate "C",
            add deal_left text collate "C",
            add check (discount_percent between 0 and 100 and discount_amount >= 0),
            add check (deal_left in ('lost', 'locked', 'deleted', 'no_won_stage'));
        update quotes q set to_company = (select name from companies c where c.id = q.company_id),
            to_contact = (select full_name from contacts p where p.id = q.contact_id)
            where q.status <> 'draft';
        alter table quotes enable trigger user
    """)
    for table, what in _DEFAULTS.items():
        # checked when a statement ends: one that moves the mark has two for a moment
        op.execute(f"drop index {table}_default")
        op.execute(
            f"alter table {table} add constraint {table}_default exclude ({what} with =) "
            "where (is_default and deleted_at is null) deferrable initially immediate"
        )


def downgrade() -> None:
    for table, what in _DEFAULTS.items():
        op.execute(f"alter table {table} drop constraint {table}_default")
        op.execute(
            f"create unique index {table}_default on {table} ({what}) "
            "where is_default and deleted_at is null"
        )
    op.execute("""
        drop trigger if exists _sums on quotes;
        drop trigger if exists _sums_changed on quotes;
        drop trigger if exists _sums_insert on quote_lines;
        drop trigger if exists _sums_update on quote_lines;
        drop trigger if exists _sums_delete on quote_lines;
        drop trigger if exists _journal_insert on quotes;
        drop trigger if exists _journal_update on quotes;
        drop trigger if exists _journal_delete on quotes;
        alter table quotes drop discount_percent, drop discount_amount, drop to_company,
            drop to_contact, drop deal_left
    """)
