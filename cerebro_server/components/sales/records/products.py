"""Products, price books and prices."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.price_books import PriceBook, PriceBookCreate, PriceBookUpdate
from cerebro_sdk.schemas.sales.prices import Price, PriceCreate, PriceUpdate
from cerebro_sdk.schemas.sales.products import Product, ProductCreate, ProductUpdate
from cerebro_server.components.sales import presets
from cerebro_server.components.sales.rules import price_books as rules
from cerebro_server.components.sales.tables.products import PriceBookRow, PriceRow, ProductRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation, Searched

OF_PRODUCT = ImportParent(
    "products",
    here="product_id",
    by=("sku", "name"),
    created_by="name",
    called=("sku", "product code", "product name", "item", "item code", "article number"),
    is_optional=True,
)
OF_BOOK = ImportParent(
    "price_books",
    here="price_book_id",
    by=("name",),
    created_by="name",
    called=("pricebook", "price list"),
)

products = RecordType(
    wire=Product,
    create=ProductCreate,
    update=ProductUpdate,
    row=ProductRow,
    is_setting=True,
    presets=presets.PRODUCTS,
    files=("product", "products", "item", "items"),
    also_called={
        "sku": {"English": ("product code", "article number", "item code")},
        "name": {"English": ("product name", "item name")},
        "tax_rate": {"English": ("tax", "vat", "tax percent")},
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
    presets=presets.PRICE_BOOKS,
    files=("price list", "price lists"),
    before_import=rules.books_of_files,
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
    update_rules=rules.changed_prices,
    watched=frozenset(rules.FIXED),
    same_by=("price_book_id", "product_id", "min_quantity"),
    before_import=rules.prices_of_files,
    presets=presets.PRICES,
    files=("pricebook entry", "pricebook entries", "price book entry", "price book entries"),
    also_called={
        "price": {"English": ("unit price", "list price", "amount")},
        "min_quantity": {"English": ("minimum quantity", "from quantity", "quantity")},
    },
    import_parents={"price_book": OF_BOOK, "product": OF_PRODUCT},
    refers={"price_book_id": "price_books", "product_id": "products"},
    ends={"price_book_id": price_books, "product_id": products},
    relations={
        "price_book": Relation("price_books", here="price_book_id"),
        "product": Relation("products", here="product_id"),
    },
)
