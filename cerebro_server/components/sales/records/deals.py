"""Deals."""

from __future__ import annotations

from pydantic import PositiveInt

from cerebro_sdk.schemas.kinds import Timestamp
from cerebro_sdk.schemas.sales.deals import Deal, DealCreate, DealUpdate
from cerebro_server.components.contacts.records import telling
from cerebro_server.components.sales import presets
from cerebro_server.components.sales.records.money import OF_PLAN
from cerebro_server.components.sales.records.pipelines import IN_PIPELINE
from cerebro_server.components.sales.records.products import OF_BOOK
from cerebro_server.components.sales.records.territories import OF_TERRITORY
from cerebro_server.components.sales.rules import deals as rules
from cerebro_server.components.sales.rules import importing, ladders
from cerebro_server.components.sales.tables.deals import DealRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation, Searched, Via
from cerebro_server.kernel.places import Place

OF_COMPANY = ImportParent(
    "companies",
    here="company_id",
    by=("domain", "name"),
    created_by="name",
    called=("company name", "account", "account name", "organization", "organisation"),
)
_WORDS = {
    "name": {"English": ("deal name", "opportunity name", "deal title")},
    "amount": {"English": ("deal value", "value", "deal amount")},
    "stage": {"English": ("deal stage", "sales stage", "stage name")},
    "expected_close": {"English": ("close date", "expected close date", "closing date")},
}
_RATED = ("rate", "rate_day", "recurring_months")
_MRR = ("recurring_amount", "recurring_months")
OF_DEAL = ImportParent("deals", here="deal_id", by=("number", "name"), created_by="name")
_WHO = Via("deal_contacts", here="deal_id", there="contact_id")

deals = RecordType(
    wire=Deal,
    create=DealCreate,
    update=DealUpdate,
    row=DealRow,
    rules=rules.deals,
    update_rules=rules.changed_deals,
    watched=rules.WATCHED,
    read_ahead=(rules.OF_THE_STAGE, ladders.READ),
    filled=("status", "last_stage_change_at", "last_open_stage_id", "position", "assigned_at"),
    kept=("number", *_RATED),
    rederived=frozenset({*_RATED, "last_stage_change_at"}),
    merges=dict.fromkeys(rules.KEPT_BY_MERGE, rules.of_the_first),
    presets=presets.DEALS,
    files=("deal", "opportunity", "opportunities"),
    also_called=_WORDS,
    import_parents={
        "company": OF_COMPANY,
        "contact": ImportParent(
            "contacts",
            here="deal_id",
            by=("email",),
            created_by="last_name",
            called=("contact email",),
            via="deal_contacts",
            there="contact_id",
            is_optional=True,
        ),
        "pipeline": IN_PIPELINE,
        "stage_id": ImportParent("stages", here="stage_id", by=(), created_by="label"),
        "last_open_stage": ImportParent(
            "stages",
            here="last_open_stage_id",
            by=(),
            created_by="label",
            called=("last_open_stage_id",),
            is_optional=True,
        ),
        "price_book": OF_BOOK,
        "territory": OF_TERRITORY,
        "recurring_plan": OF_PLAN,
        "lost_reason": ImportParent(
            "lost_reasons", here="lost_reason_id", by=("name",), created_by="name"
        ),
    },
    from_files={
        "number": PositiveInt,
        "status": str,
        "position": Place,
        "assigned_at": Timestamp,
    },
    before_import=importing.deals,
    owner="owner_id",
    team="team",
    territory="territory_id",
    rolls_up="company_id",
    relations={
        "owner": Relation("users", here="owner_id"),
        "company": Relation("companies", here="company_id"),
        "territory": Relation("territories", here="territory_id"),
        "pipeline": Relation("pipelines", here="pipeline_id"),
        "stage": Relation("stages", here="stage_id"),
        "lost_reason": Relation("lost_reasons", here="lost_reason_id"),
        "recurring_plan": Relation("recurring_plans", here="recurring_plan_id"),
        "contacts": Relation("contacts", via=_WHO),
        "stages": Relation("deal_stages", there="deal_id"),
        "price_book": Relation("price_books", here="price_book_id"),
        "lines": Relation("deal_lines", there="deal_id"),
        "quotes": Relation("quotes", there="deal_id"),
        **telling("deal_id"),
    },
    refers={
        "company_id": "companies",
        "territory_id": "territories",
        "pipeline_id": "pipelines",
        "stage_id": "stages",
        "lost_reason_id": "lost_reasons",
        "price_book_id": "price_books",
        "recurring_plan_id": "recurring_plans",
    },
    derived={
        "weighted_amount": ("amount", "probability"),
        "base_amount": ("amount", "rate"),
        "weighted_base_amount": ("amount", "rate", "probability"),
        "mrr": _MRR,
        "weighted_mrr": (*_MRR, "probability"),
        "base_mrr": (*_MRR, "rate"),
    },
    actions={
        "win": "Win {noun}.",
        "lose": "Lose {noun}.",
        "reopen": "Open {noun} again that were won or lost.",
        "move": "Move {noun} into other stages.",
        "assign": "Give {noun} to somebody.",
    },
    searched=(Searched("name"), Searched("next_step", 0.4)),
)
