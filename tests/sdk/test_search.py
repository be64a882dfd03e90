"""Search, counts, and duplicates that are allowed."""

from __future__ import annotations

import pytest

from cerebro_sdk import APIError, Cerebro
from cerebro_sdk.schemas.workspace.search import Hit
from tests.sdk.fake import Fake, ok, page
from tests.sdk.records import company

HIT = {
    "record_type": "companies",
    "record_id": company()["id"],
    "title": "Gravity",
    "subtitle": None,
    "score": 0.9,
    "matched": {"field": "name", "text": "Gravity"},
}


def test_search_gives_typed_hits(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok({"items": [HIT]}))
    [hit] = crm.search("grav inv", nouns=["companies", "contacts"], limit=5)
    assert isinstance(hit, Hit)
    assert hit.matched is not None
    assert (hit.title, hit.matched.field) == ("Gravity", "name")
    assert fake.seen[0].params == {"q": "grav inv", "nouns": "companies,contacts", "limit": "5"}


def test_search_gives_plain_hits(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok({"items": [HIT]}))
    assert crm.search.raw.records("grav") == [HIT]
    assert fake.seen[0].params == {"q": "grav"}


def test_a_list_is_counted(crm: Cerebro, fake: Fake) -> None:
    body = {"items": [company()], "next_cursor": "1", "count": 7, "count_is_exact": True}
    fake.says(ok(body))
    assert crm.companies.list("employees > 10").count() == 7
    assert fake.seen[0].params == {"where": "employees > 10", "limit": "1", "count": "exact"}


def test_a_page_says_what_was_counted(crm: Cerebro, fake: Fake) -> None:
    body = {"items": [company()], "next_cursor": None, "count": 70_000, "count_is_exact": False}
    fake.says(ok(body))
    found = crm.companies.list().page(count="estimated")
    assert (found.count, found.count_is_exact) == (70_000, False)


def test_a_server_that_does_not_count_is_an_error(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([company()]))
    with pytest.raises(APIError, match="did not count"):
        crm.companies.list().count()


def test_duplicates_are_allowed_by_a_parameter(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok(company()))
    crm.companies.create(name="Acme", allow_duplicates=True)
    crm.companies.create(name="Acme")
    assert [seen.params for seen in fake.seen] == [{"allow_duplicates": "true"}, {}]
