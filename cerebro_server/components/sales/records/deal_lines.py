"""Lines of deals."""

from __future__ import annotations

from collections.abc import Mapping

from cerebro_sdk.schemas.sales.deal_lines import DealLine, DealLineCreate, DealLineUpdate
from cerebro_server.components.sales import presets
from cerebro_server.components.sales.records.deals import OF_DEAL, deals
from cerebro_server.components.sales.records.products import OF_PRODUCT
from cerebro_server.components.sales.rules import lines as rules
from cerebro_server.components.sales.rules import lines_of_files
from cerebro_server.components.sales.tables.lines import DealLineRow
from cerebro_server.kernel.fields import RecordType, Relation

COUNTED = {
    "subtotal": ("quantity", "unit_price"),
    "discount": ("quantity", "unit_price", "discount_percent", "discount_amount"),
    "net": ("quantity", "unit_price", "discount_percent", "discount_amount"),
    "tax": ("quantity", "unit_price", "discount_percent", "discount_amount", "tax_rate"),
    "total": ("quantity", "unit_price", "discount_percent", "discount_amount", "tax_rate"),
}

LINE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "unit_price": {"English": ("price", "sales price", "price per unit")},
    "quantity": {"English": ("qty", "count")},
    "discount_percent": {"English": ("discount %", "discount percentage")},
    "tax_rate": {"English": ("vat", "tax %", "tax percent")},
}
"""What columns of files with lines are often called; `discount` and `tax` are sums in our own."""

deal_lines = RecordType(
    wire=DealLine,
    create=DealLineCreate,
    update=DealLineUpdate,
    row=DealLineRow,
    rules=rules.deal_lines,
    update_rules=rules.changed_deal_lines,
    presets=presets.DEAL_LINES,
    files=(
        *("opportunity line item", "opportunity line items", "opportunity product"),
        *("opportunity products", "line item", "line items", "deal product", "deal products"),
    ),
    also_called=LINE_WORDS,
    before_import=lines_of_files.of_deals,
    import_parents={"deal": OF_DEAL, "product": OF_PRODUCT},
    refers={"deal_id": "deals", "product_id": "products"},
    ends={"deal_id": deals},
    part_of="deal_id",
    relations={
        "deal": Relation("deals", here="deal_id"),
        "product": Relation("products", here="product_id"),
    },
    derived=COUNTED,
)
