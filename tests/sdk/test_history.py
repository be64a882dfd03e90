"""Timelines and differences: what is asked for, and what comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cerebro_sdk import AsyncCerebro, Cerebro
from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry
from tests.sdk.conftest import KEY
from tests.sdk.fake import Fake, ok, page
from tests.sdk.records import company

CHANGE = {"field": "employees", "label": "Employees", "old": 42, "new": 43, "text": "42 → 43"}
SIGNED = {"seq": 5, "at": "2026-05-01T09:30:00Z", "actor": {"type": "user", "name": "Ada"}}


def entry(seq: int = 5, **members: Any) -> dict[str, Any]:
    return {**SIGNED, "seq": seq, "action": "updated", "version": 2, "changes": [CHANGE], **members}


def difference() -> dict[str, Any]:
    return {
        "record_type": "companies",
        "record_id": "01890000-0000-7000-8000-000000000001",
        **{"from_version": 1, "from_state": "living", "to_version": 2, "to_state": "living"},
        "changes": [{**CHANGE, **SIGNED}],
    }


def test_a_timeline_is_fetched_page_by_page(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([entry(5), entry(4)], "c1"), page([entry(3, later="field")]))
    found = list(crm.companies.timeline("a/b", ["updated", "deleted"], page_size=2))
    assert [each.seq for each in found] == [5, 4, 3]
    assert all(isinstance(each, TimelineEntry) for each in found)
    assert found[0].changes[0].text == "42 → 43"
    assert found[0].actor.name == "Ada"
    assert fake.seen[0].target.startswith("/v1/companies/a%2Fb/timeline?")
    assert fake.seen[0].params == {"actions": "updated,deleted", "limit": "2"}
    assert fake.seen[1].params["cursor"] == "c1"


def test_nothing_is_asked_for_in_advance(crm: Cerebro, fake: Fake) -> None:
    crm.users.timeline("ada@acme.example")
    assert not fake.seen


def test_a_newer_servers_action_is_taken_as_it_is(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([entry(action="archived")]))
    found = crm.teams.timeline("emea").first()
    assert found is not None
    assert found.action == "archived"


@pytest.mark.parametrize(
    ("since", "sent"),
    [
        ("2026-11-01", "2026-11-01"),
        (3, "3"),
        ("seq:812", "seq:812"),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "2026-11-01T09:30:00+00:00"),
    ],
)
def test_a_difference_is_asked_for_by_any_moment(
    crm: Cerebro, fake: Fake, since: Any, sent: str
) -> None:
    fake.says(ok(difference()))
    found = crm.companies.diff("acme.com", since=since)
    assert isinstance(found, RecordDiff)
    assert found.changes[0].actor.name == "Ada"
    assert fake.seen[0].params == {"since": sent}


def test_records_are_read_as_of_any_moment(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok(company()), ok({"items": [], "next_cursor": None, "count": 1}), page([]))
    day = date(2026, 9, 1)
    assert crm.companies.get("acme.com", as_of=day).version == 1
    assert crm.companies.list("employees > 1", as_of=datetime(2026, 9, 1, tzinfo=UTC)).count() == 1
    assert crm.companies.search(as_of="seq:812").first() is None
    assert fake.seen[0].params == {"as_of": "2026-09-01"}
    assert fake.seen[1].params["as_of"] == "2026-09-01T00:00:00+00:00"
    assert fake.seen[2].json["as_of"] == "seq:812"


def test_raw_ones_are_dicts(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([entry()]), ok(difference()))
    assert crm.companies.raw.timeline("acme.com").first() == entry()
    assert crm.companies.raw.diff("acme.com", until=2) == difference()


def test_changes_are_picked_by_who_what_and_when(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([]))
    list(crm.changes.list(actor="me", action=["updated"], since=date(2026, 1, 1), until="today"))
    assert fake.seen[0].params == {
        **{"actor": "me", "action": "updated", "since": "2026-01-01", "until": "today"},
        "limit": fake.seen[0].params["limit"],
    }


async def test_awaited_they_are_the_same(fake: Fake) -> None:
    fake.says(page([entry()]), ok(difference()))
    async with AsyncCerebro(fake.url, KEY) as crm:
        assert [each.seq async for each in crm.companies.timeline("acme.com")] == [5]
        assert (await crm.companies.diff("acme.com", 1)).to_version == 2
