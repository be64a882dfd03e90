"""Lines of deals."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.deal_lines import DealLine, DealLineCreate, DealLineUpdate
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.rules import lines as rules
from cerebro_server.components.sales.tables.lines import DealLineRow
from cerebro_server.kernel.fields import RecordType, Relation

COUNTED = {
    "subtotal": ("quantity", "unit_price"),
    "discount": ("quantity", "unit_price", "discount_percent", "discount_amount"),
    "net": ("quantity", "unit_price", "discount_percent", "discount_amount"),
    "tax": ("quantity", "unit_price", "discount_percent", "discount_amount", "tax_rate"),
    "total": ("quantity", "unit_price", "discount_percent", "discount_amount", "tax_rate"),
}

deal_lines = RecordType(
    wire=DealLine,
    create=DealLineCreate,
    update=DealLineUpdate,
    row=DealLineRow,
    rules=rules.deal_lines,
    update_rules=rules.changed_deal_lines,
    refers={"deal_id": "deals", "product_id": "products"},
    ends={"deal_id": deals},
    part_of="deal_id",
    relations={
        "deal": Relation("deals", here="deal_id"),
        "product": Relation("products", here="product_id"),
    },
    derived=COUNTED,
)
