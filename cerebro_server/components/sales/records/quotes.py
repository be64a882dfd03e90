"""Quotes and their lines."""

from __future__ import annotations

from dataclasses import replace

from cerebro_sdk.schemas.sales.quote_lines import QuoteLine, QuoteLineCreate, QuoteLineUpdate
from cerebro_sdk.schemas.sales.quotes import Quote, QuoteCreate, QuoteUpdate
from cerebro_server.components.contacts.records import companies, contacts
from cerebro_server.components.sales import presets
from cerebro_server.components.sales.records.deal_lines import COUNTED, LINE_WORDS
from cerebro_server.components.sales.records.deals import OF_COMPANY, OF_DEAL, deals
from cerebro_server.components.sales.records.products import OF_PRODUCT
from cerebro_server.components.sales.rules import lines_of_files
from cerebro_server.components.sales.rules import quotes as rules
from cerebro_server.components.sales.tables.quotes import QuoteLineRow, QuoteRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation

_EDITED = frozenset(
    {
        *("valid_until", "shipping", "terms", "notes", "wins_deal", "deleted_at"),
        *("discount_percent", "discount_amount"),
    }
)
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
    copied={"to_company": (companies, "name"), "to_contact": (contacts, "full_name")},
    presets=presets.QUOTES,
    files=("quote", "quotes", "quotation", "quotations"),
    also_called={
        "valid_until": {"English": ("expiration date", "expires", "valid to")},
        "shipping": {"English": ("shipping and handling", "shipping cost", "freight")},
    },
    import_parents={
        "deal": OF_DEAL,
        "company": replace(OF_COMPANY, is_optional=True),
        "contact": ImportParent(
            *("contacts", "contact_id", ("email",), "last_name"), is_optional=True
        ),
        "previous": ImportParent(
            *("quotes", "previous_id", ("number",), "number"), is_optional=True
        ),
    },
    from_files=rules.FROM_FILES,
    before_import=rules.of_files,
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
    presets=presets.QUOTE_LINES,
    files=("quote line item", "quote line items"),
    also_called=LINE_WORDS,
    before_import=lines_of_files.of_quotes,
    import_parents={
        "quote": ImportParent("quotes", "quote_id", ("number",), "number"),
        "product": OF_PRODUCT,
    },
    part_of="quote_id",
    relations={
        "quote": Relation("quotes", here="quote_id"),
        "product": Relation("products", here="product_id"),
    },
    derived=COUNTED,
)
