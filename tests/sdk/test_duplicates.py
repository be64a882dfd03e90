"""Duplicates from Python: what is asked, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from cerebro_sdk import Cerebro, InvalidError
from cerebro_sdk.schemas.workspace.duplicates import DuplicatePair, DuplicateRules
from tests.cli.operations import operation
from tests.sdk.fake import Fake, ok, page

PATH = "/v1/duplicates/contacts"
PAIR = "01900000-0000-7000-8000-00000000000a"
RULES = {
    "blocks": [["phone:digits"]],
    "compare": [{"name": "phone", "fields": ["phone"], "how": "phone", "same": 0.9}],
}


def pair(**members: Any) -> dict[str, Any]:
    """A pair as the server writes it."""
    return {
        "id": PAIR,
        "record_type": "contacts",
        "one_id": "01900000-0000-7000-8000-000000000001",
        "one_title": "Ada Lovelace",
        "other_id": "01900000-0000-7000-8000-000000000002",
        "other_title": "Ada Lovelase",
        "score": 0.93,
        "reasons": [{"name": "phone", "says": "same", "points": 0.4, "text": "same phone"}],
        "state": "open",
        "rules_version": 0,
        "found_at": "2026-05-01T09:30:00Z",
        "decided_at": None,
        "fields": [],
        **members,
    }


def rules() -> dict[str, Any]:
    """Rules as the server writes them."""
    said = {"record_type": "contacts", "version": 1, "is_default": False, "updated_at": None}
    return {**said, "rules": RULES}


def test_scans_and_merges_by_operations(crm: Cerebro, fake: Fake) -> None:
    told = operation(kind="contacts.find_duplicates", report={"pairs": 1})
    fake.says(ok(told), ok(operation("planned", kind="contacts.merge")), ok(operation("planned")))
    assert crm.contacts.duplicates.scan().raw["report"] == {"pairs": 1}
    crm.contacts.duplicates.merge_plan(above=0.98)
    crm.contacts.duplicates.merge_plan([DuplicatePair.model_validate(pair()), "1a2b3c4d"])
    asked = [(seen.json["kind"], seen.json["input"]) for seen in fake.seen]
    assert asked == [
        ("contacts.find_duplicates", {}),
        ("contacts.merge", {"duplicates": {"above": 0.98}}),
        ("contacts.merge", {"duplicates": {"pairs": [PAIR, "1a2b3c4d"]}}),
    ]


def test_lists_shows_and_decides(crm: Cerebro, fake: Fake) -> None:
    beside = {"field": "city", "label": "City", "one": "Rome", "other": None, "is_same": False}
    fake.says(page([pair()]), ok(pair(fields=[beside])), ok(pair(state="dismissed")), ok(pair()))
    [found] = crm.contacts.duplicates.list(min_score=0.9, sample=5)
    assert (found.score, found.reasons[0].text) == (0.93, "same phone")
    assert fake.seen[0].path == PATH
    assert {"min_score": "0.9", "sample": "5"}.items() <= fake.seen[0].params.items()
    assert crm.contacts.duplicates.get(found.id).fields[0].one == "Rome"
    assert crm.contacts.duplicates.dismiss(found.id).state == "dismissed"
    assert crm.contacts.raw.duplicates.reopen(found.id)["state"] == "open"
    assert fake.seen[2].path == f"{PATH}/{PAIR}/dismiss"


def test_rules_are_checked_before_they_are_sent(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok(rules()), ok(rules()), ok(rules()))
    found = crm.contacts.duplicates.rules()
    assert isinstance(found.rules, DuplicateRules)
    found.rules.review = 0.6
    crm.contacts.duplicates.set_rules(found.rules)
    assert fake.seen[1].json["review"] == 0.6
    assert crm.contacts.duplicates.reset_rules().version == 1
    with pytest.raises(InvalidError):
        crm.contacts.duplicates.set_rules({**RULES, "compare": []})
    assert len(fake.seen) == 3


def test_many_merges_are_one_operation(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok(operation("planned", kind="contacts.merge", update=1, delete=1)))
    pairs = [{"into": "ada@x.example", "records": ["eve@x.example"], "values": {"city": "Rome"}}]
    assert crm.contacts.merge_pairs_plan(pairs).summary == "1 to update, 1 to delete"
    assert fake.seen[0].json["input"] == {"pairs": pairs}
