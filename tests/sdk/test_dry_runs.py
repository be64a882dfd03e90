"""Writes beside those of records, tried without being done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cerebro_sdk import Cerebro
from tests.cli.test_jobs import ID, job
from tests.cli.test_mappings import SAVED
from tests.sdk.fake import Fake, ok
from tests.sdk.test_duplicates import PAIR, RULES, pair, rules

_MAPPING = {"contacts": {}, "companies": {}, "deals": {}}
_CALLS: dict[str, tuple[dict[str, Any], Callable[..., object]]] = {
    "retry a job": (job(), lambda crm, **how: crm.jobs.retry(ID, **how)),
    "cancel a job": (job(), lambda crm, **how: crm.jobs.cancel(ID, **how)),
    "delete a mapping": (SAVED, lambda crm, **how: crm.mappings.delete("contacts", "a", **how)),
    "dismiss": (pair(), lambda crm, **how: crm.contacts.duplicates.dismiss(PAIR, **how)),
    "reopen": (pair(), lambda crm, **how: crm.contacts.duplicates.reopen(PAIR, **how)),
    "set rules": (rules(), lambda crm, **how: crm.contacts.duplicates.set_rules(RULES, **how)),
    "reset rules": (rules(), lambda crm, **how: crm.contacts.duplicates.reset_rules(**how)),
    "map leads": (_MAPPING, lambda crm, **how: crm.leads.set_mapping(contacts={}, **how)),
}


@pytest.mark.parametrize("name", _CALLS)
def test_are_asked_for(crm: Cerebro, fake: Fake, name: str) -> None:
    reply, call = _CALLS[name]
    fake.says(ok(reply), ok(reply))
    call(crm, dry_run=True)
    call(crm)
    assert [seen.params.get("dry_run") for seen in fake.seen] == ["true", None]
