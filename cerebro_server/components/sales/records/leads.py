"""Record types of leads and of their statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cerebro_sdk.schemas.kinds import Timestamp
from cerebro_sdk.schemas.sales.lead_forms import LeadForm, LeadFormCreate, LeadFormUpdate
from cerebro_sdk.schemas.sales.lead_mapping import KeptLeadMapping
from cerebro_sdk.schemas.sales.lead_statuses import (
    LeadStatus,
    LeadStatusCreate,
    LeadStatusUpdate,
)
from cerebro_sdk.schemas.sales.leads import Lead, LeadCreate, LeadUpdate
from cerebro_sdk.schemas.workspace.duplicates import DuplicateRules
from cerebro_server.components.contacts import records as contacts
from cerebro_server.components.sales.presets import LEADS
from cerebro_server.components.sales.records.territories import OF_TERRITORY
from cerebro_server.components.sales.rules import handing_out, ladders
from cerebro_server.components.sales.rules import lead_forms as form_rules
from cerebro_server.components.sales.rules import leads as rules
from cerebro_server.components.sales.tables.leads import (
    LeadFormRow,
    LeadMappingRow,
    LeadRow,
    LeadStatusRow,
)
from cerebro_server.kernel.fields import (
    Compared,
    Duplicates,
    Handover,
    ImportParent,
    PartKey,
    RecordType,
    Relation,
    Searched,
    Unmerged,
)

_PERSON = contacts.contacts


def _full_name(row: Mapping[str, Any]) -> Mapping[str, Any]:
    names = (row.get("first_name"), row.get("last_name"))
    return {"full_name": " ".join(name for name in names if name)}


_SAME_EMAIL = Compared("email", 0.9, "same e-mail", str.lower)


def _by_email(rules: Duplicates | None) -> Duplicates:
    """Return rules by which one address in common is enough, besides what they go by."""
    others = [each for each in (rules.compared if rules else ()) if each.field != "email"]
    blocks = (*(rules.blocks if rules else ()), "email")
    return Duplicates(tuple(blocks), (_SAME_EMAIL, *others), derive=_full_name)


PERSONS = _by_email(_PERSON.duplicates)
"""When a lead is probably a contact that there is."""
_NAMES = {each.field: each for each in PERSONS.compared}
_LEADS = Duplicates(
    blocks=("email", "phone"),
    compared=(_SAME_EMAIL, _NAMES["full_name"], _NAMES["phone"]),
    derive=_full_name,
    elsewhere={"contacts": PERSONS},
)
_COMPANY = {each.field: each for each in getattr(contacts.companies.duplicates, "compared", ())}
FIRMS = Duplicates(
    blocks=("name", "domain"),
    compared=(
        replace(_COMPANY["name"], weight=0.8, alike_weight=0.0),
        replace(_COMPANY["domain"], weight=0.8, unlike_weight=0.0),
    ),
)
"""When the company that a lead names is probably one that there is: a lead says little else."""


def _of_leads(rules: DuplicateRules | None) -> DuplicateRules | None:
    """Return the rules of contacts as far as they are about what leads have: no birthday."""

    def have(fields: Sequence[str]) -> bool:
        return all(each.partition(":")[0].partition(".")[0] in Lead.model_fields for each in fields)

    return rules and rules.model_copy(
        update={
            "blocks": [block for block in rules.blocks if have(block)],
            "compare": [each for each in rules.compare if have(each.fields)],
        }
    )


def _became(noun: str, here: str) -> ImportParent:
    """Return how a file says what a lead was converted to."""
    return ImportParent(noun, here=here, by=(), created_by="", called=(here,), is_optional=True)


def _status(label: str) -> dict[str, str]:
    """Return what a new status has besides what it is called."""
    return {"name": ladders.key_for(label, ()), "type": rules.type_by_words(label)}


lead_statuses = RecordType(
    wire=LeadStatus,
    create=LeadStatusCreate,
    update=LeadStatusUpdate,
    row=LeadStatusRow,
    is_setting=True,
    rules=rules.lead_statuses,
    update_rules=rules.changed_lead_statuses,
    watched=frozenset({"type", "deleted_at"}),
    goes_along=True,
)
lead_forms = RecordType(
    wire=LeadForm,
    create=LeadFormCreate,
    update=LeadFormUpdate,
    row=LeadFormRow,
    is_setting=True,
    rules=form_rules.lead_forms,
    update_rules=form_rules.changed_lead_forms,
    watched=frozenset({"allowed_origins", "thanks_url"}),
    filled=("key",),
    owner="owner_id",
    team="team",
)
leads = RecordType(
    wire=Lead,
    create=LeadCreate,
    update=LeadUpdate,
    row=LeadRow,
    rules=rules.leads,
    update_rules=rules.changed_leads,
    asked_again=frozenset(LeadUpdate.model_fields),
    presets=LEADS,
    files=("lead", "leads"),
    also_called={
        name: words
        for name, words in _PERSON.also_called.items()
        if name.partition("[")[0] in Lead.model_fields
    },
    splits=_PERSON.splits,
    kept=rules.KEPT,
    import_parents={
        "status": ImportParent(
            "lead_statuses",
            here="status_id",
            by=("name", "label"),
            created_by="label",
            called=("lead status",),
            fresh=_status,
        ),
        "territory": OF_TERRITORY,
        "contact": _became("contacts", "converted_contact_id"),
        "company": _became("companies", "converted_company_id"),
        "deal": _became("deals", "converted_deal_id"),
    },
    from_files={"converted_at": Timestamp},
    owner="owner_id",
    team="team",
    territory="territory_id",
    handover=Handover(
        applies=handing_out.applies,
        give=handing_out.give,
        told=handing_out.told,
        many=handing_out.MANY,
    ),
    actions={
        "convert": "Make contacts, companies and deals of {noun}.",
        "assign": "Give {noun} that nobody owns to people, by the assignment rules.",
    },
    relations={
        "owner": Relation("users", here="owner_id"),
        "status": Relation("lead_statuses", here="status_id"),
        "territory": Relation("territories", here="territory_id"),
        "assignment_rule": Relation("assignment_rules", here="assignment_rule_id"),
        "contact": Relation("contacts", here="converted_contact_id"),
        "company": Relation("companies", here="converted_company_id"),
        "deal": Relation("deals", here="converted_deal_id"),
        **contacts.telling("lead_id"),
    },
    parts=_PERSON.parts,
    part_keys={
        "emails": PartKey("address", kind="email", is_unique=False),
        "phones": _PERSON.part_keys["phones"],
    },
    primaries=_PERSON.primaries,
    derived={
        **_PERSON.derived,
        "full_name": ("first_name", "last_name", "company_name", "emails"),
    },
    refers={
        "status_id": "lead_statuses",
        "territory_id": "territories",
        "converted_contact_id": "contacts",
        "converted_company_id": "companies",
        "converted_deal_id": "deals",
    },
    searched=(
        Searched("full_name"),
        Searched("email", 0.9),
        Searched("company_name", 0.8),
        Searched("phone", 0.7),
    ),
    duplicates=_LEADS,
    matching=_of_leads(_PERSON.matching),
    unmerged=Unmerged("converted_at", rules.takes_no_part),
)
lead_mappings = RecordType(
    wire=KeptLeadMapping,
    row=LeadMappingRow,
    filled=("name", "contacts", "companies", "deals"),
    is_setting=True,
)
