"""Products, price books with their prices, lines of deals, whose sum an amount can be, and quotes
with their lines and links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0024"
down_revision = "0023"
_SUBTOTAL = "round(quantity * unit_price, 2)"
_DISCOUNT = (
    f"round({_SUBTOTAL} * coalesce(discount_percent, 0) / 100, 2) + coalesce(discount_amount, 0)"
)
_NET = f"{_SUBTOTAL} - ({_DISCOUNT})"
_TAX = f"round(({_NET}) * coalesce(tax_rate, 0) / 100, 2)"
_TABLES = ("quote_lines", "quotes", "deal_lines", "prices", "price_books", "products")


def upgrade() -> None:
    _products()
    _prices()
    _deals()
    create_record_table(
        op, "deal_lines", sa.Column("deal_id", sa.Uuid, nullable=False), *_line(), texts="unit"
    )
    op.execute("""
        alter table deal_lines
            add foreign key (deal_id) references deals (id) on delete cascade,
            add foreign key (product_id) references products (id) on delete set null,
            add check (quantity > 0 and unit_price >= 0 and net >= 0);
        create index deal_lines_of_deal on deal_lines (deal_id, position);
        create index deal_lines_of_product on deal_lines (product_id)
            where product_id is not null
    """)
    _quotes()


def _quotes() -> None:
    time = sa.DateTime(timezone=True)
    create_record_table(
        op,
        "quotes",
        sa.Column("number", sa.Integer, sa.Identity(), nullable=False),
        sa.Column("deal_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Uuid) for name in ("company_id", "contact_id", "previous_id")),
        sa.Column("revision", sa.Integer, nullable=False),
        *map(_text, ("status", "currency")),
        sa.Column("valid_until", sa.Date),
        *(
            sa.Column(name, sa.Numeric(20, 2), nullable=False, server_default=sa.text("0"))
            for name in ("subtotal", "discount", "tax")
        ),
        sa.Column("shipping", sa.Numeric(20, 2)),
        _sum("total", "subtotal - discount + tax + coalesce(shipping, 0)"),
        _flag("wins_deal", default=False),
        sa.Column("sent_at", time),
        sa.Column("decided_at", time),
        sa.Column("owner_id", sa.Uuid),
        texts="terms notes decided_by_name decided_by_email decline_reason team",
        sorted_by=["deal_id", "fold(status)", "valid_until", "owner_id", "team"],
    )
    create_record_table(
        op, "quote_lines", sa.Column("quote_id", sa.Uuid, nullable=False), *_line(), texts="unit"
    )
    op.execute("""
        alter table quotes
            add foreign key (deal_id) references deals (id) on delete cascade,
            add foreign key (company_id) references companies (id) on delete set null,
            add foreign key (contact_id) references contacts (id) on delete set null,
            add foreign key (previous_id) references quotes (id) on delete set null,
            add check (status in
                ('draft', 'sent', 'accepted', 'declined', 'expired', 'superseded'));
        create unique index quotes_number on quotes (number);
        create index quotes_of_company on quotes (company_id) where company_id is not null;
        create index quotes_of_contact on quotes (contact_id) where contact_id is not null;
        create index quotes_open on quotes (valid_until) where status = 'sent';
        alter table quote_lines
            add foreign key (quote_id) references quotes (id) on delete cascade,
            add foreign key (product_id) references products (id) on delete set null,
            add check (quantity > 0 and unit_price >= 0 and net >= 0);
        create index quote_lines_of_quote on quote_lines (quote_id, position);
        create index quote_lines_of_product on quote_lines (product_id)
            where product_id is not null;
        create table quote_links (
            quote_id uuid primary key references quotes (id) on delete cascade,
            token_hash bytea not null unique,
            created_at timestamptz not null default now()
        )
    """)


def _flag(name: str, *, default: bool) -> sa.Column[bool]:
    fallback = sa.true() if default else sa.false()
    return sa.Column(name, sa.Boolean, nullable=False, server_default=fallback)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _products() -> None:
    create_record_table(
        op,
        "products",
        *map(_text, ("sku", "name")),
        _flag("is_active", default=True),
        sa.Column("tax_rate", sa.Numeric(7, 4)),
        sa.Column("locked_at", sa.DateTime(timezone=True)),
        sa.Column("custom", JSONB, nullable=False, server_default=sa.text("'{}'")),
        texts="unit description",
        sorted_by=["fold(sku)", "fold(name)"],
    )
    op.execute("""
        create index products_locked on products (locked_at) where locked_at is not null;
        create index products_search on products using gin
            (search_grams(coalesce(name, '') || ' ' || coalesce(sku, '')))
            with (gin_pending_list_limit = 256) where deleted_at is null
    """)


def _prices() -> None:
    create_record_table(
        op,
        "price_books",
        *map(_text, ("name", "currency")),
        _flag("is_default", default=False),
        _flag("is_active", default=True),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sorted_by=["fold(name)"],
    )
    create_record_table(
        op,
        "prices",
        sa.Column("price_book_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("price", sa.Numeric(20, 4), nullable=False),
        sa.Column("min_quantity", sa.Numeric(20, 4), nullable=False, server_default=sa.text("1")),
        sorted_by=["product_id"],
    )
    op.execute("""
        create unique index price_books_default on price_books (currency)
            where is_default and deleted_at is null;
        alter table price_books add check (valid_from <= valid_to);
        alter table prices
            add foreign key (price_book_id) references price_books (id),
            add foreign key (product_id) references products (id) on delete cascade,
            add check (price >= 0 and min_quantity > 0);
        create unique index prices_once on prices (price_book_id, product_id, min_quantity)
            where deleted_at is null
    """)


def _deals() -> None:
    # triggers would journal what is no change of a deal, and the migration has no actor for them
    op.execute("""
        alter table deals disable trigger user;
        alter table deals add column amount_source text collate "C" not null default 'manual',
            add column price_book_id uuid references price_books (id),
            add check (amount_source in ('manual', 'lines'));
        update deals set amount_source = 'lines' where amount is null;
        alter table deals enable trigger user;
        create index deals_of_price_book on deals (price_book_id) where price_book_id is not null
    """)


def _sum(name: str, how: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(20, 2), sa.Computed(how, persisted=True))


def _line() -> list[sa.Column[object]]:
    return [
        sa.Column("product_id", sa.Uuid),
        _text("description"),
        *(
            sa.Column(name, sa.Numeric(20, 4), nullable=False)
            for name in ("quantity", "unit_price")
        ),
        sa.Column("discount_percent", sa.Numeric(7, 4)),
        sa.Column("discount_amount", sa.Numeric(20, 2)),
        sa.Column("tax_rate", sa.Numeric(7, 4)),
        sa.Column("position", sa.Integer, nullable=False),
        _sum("subtotal", _SUBTOTAL),
        _sum("discount", _DISCOUNT),
        _sum("net", _NET),
        _sum("tax", _TAX),
        _sum("total", f"{_NET} + {_TAX}"),
    ]


def downgrade() -> None:
    op.execute("""
        drop trigger if exists _amount on deals;
        alter table deals drop column amount_source, drop column price_book_id;
        drop table quote_links
    """)
    for table in _TABLES:
        op.drop_table(table)
    names = ", ".join(f"'{table}'" for table in _TABLES)
    op.execute(f"delete from record_keys where record_type in ({names})")
