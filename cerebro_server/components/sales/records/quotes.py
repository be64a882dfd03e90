"""Quotes and their lines."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.quote_lines import QuoteLine, QuoteLineCreate, QuoteLineUpdate
from cerebro_sdk.schemas.sales.quotes import Quote, QuoteCreate, QuoteUpdate
from cerebro_server.components.sales.records.deal_lines import COUNTED
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.rules import quotes as rules
from cerebro_server.components.sales.tables.quotes import QuoteLineRow, QuoteRow
from cerebro_server.kernel.fields import RecordType, Relation

_EDITED = frozenset({"valid_until", "shipping", "terms", "notes", "wins_deal", "deleted_at"})
_LINE = frozenset(QuoteLineUpdate.model_fields) - {"product_id"} | {"deleted_at"}

quotes = RecordType(
    wire=Quote,
    create=QuoteCreate,
    update=QuoteUpdate,
    row=QuoteRow,
    rules=rules.quotes,
    update_rules=rules.changed_quotes,
    watched=_EDITED | {"status"},
    asked_again=_EDITED,
    filled=("status", "currency", "revision", "previous_id"),
    kept=("number", "subtotal", "discount", "tax", *rules.VERBS),
    ends={"deal_id": deals},
    owner="owner_id",
    team="team",
    relations={
        "owner": Relation("users", here="owner_id"),
        "deal": Relation("deals", here="deal_id"),
        "company": Relation("companies", here="company_id"),
        "contact": Relation("contacts", here="contact_id"),
        "lines": Relation("quote_lines", there="quote_id"),
    },
    refers={"deal_id": "deals", "company_id": "companies", "contact_id": "contacts"},
    derived={"total": ("subtotal", "discount", "tax", "shipping")},
    actions={
        "send": "Send {noun}.",
        "revise": "Make new revisions of {noun}.",
        "accept": "Enter that {noun} were accepted.",
        "decline": "Enter that {noun} were declined.",
    },
)
quote_lines = RecordType(
    wire=QuoteLine,
    create=QuoteLineCreate,
    update=QuoteLineUpdate,
    row=QuoteLineRow,
    rules=rules.quote_lines,
    update_rules=rules.changed_quote_lines,
    asked_again=_LINE,
    refers={"quote_id": "quotes", "product_id": "products"},
    ends={"quote_id": quotes},
    part_of="quote_id",
    relations={
        "quote": Relation("quotes", here="quote_id"),
        "product": Relation("products", here="product_id"),
    },
    derived=COUNTED,
)
