"""Products, price books and prices."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.price_books import PriceBook, PriceBookCreate, PriceBookUpdate
from cerebro_sdk.schemas.sales.prices import Price, PriceCreate, PriceUpdate
from cerebro_sdk.schemas.sales.products import Product, ProductCreate, ProductUpdate
from cerebro_server.components.sales.rules import price_books as rules
from cerebro_server.components.sales.tables.products import PriceBookRow, PriceRow, ProductRow
from cerebro_server.kernel.fields import RecordType, Relation, Searched

products = RecordType(
    wire=Product,
    create=ProductCreate,
    update=ProductUpdate,
    row=ProductRow,
    is_setting=True,
    files=("product", "products", "item", "items"),
    also_called={
        "sku": {"en": ("product code", "article number", "item code")},
        "name": {"en": ("product name", "item name")},
        "tax_rate": {"en": ("tax", "vat", "tax percent")},
    },
    relations={"prices": Relation("prices", there="product_id")},
    searched=(Searched("name"), Searched("sku", 0.9)),
)
price_books = RecordType(
    wire=PriceBook,
    create=PriceBookCreate,
    update=PriceBookUpdate,
    row=PriceBookRow,
    is_setting=True,
    rules=rules.price_books,
    update_rules=rules.price_books,
    watched=frozenset({"is_default", "valid_from", "valid_to", "deleted_at"}),
    relations={"prices": Relation("prices", there="price_book_id")},
)
prices = RecordType(
    wire=Price,
    create=PriceCreate,
    update=PriceUpdate,
    row=PriceRow,
    is_setting=True,
    rules=rules.prices,
    refers={"price_book_id": "price_books", "product_id": "products"},
    ends={"price_book_id": price_books, "product_id": products},
    relations={
        "price_book": Relation("price_books", here="price_book_id"),
        "product": Relation("products", here="product_id"),
    },
)
