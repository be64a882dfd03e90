"""Lists are lazy, count over pages, and ask for no more than is needed."""

from __future__ import annotations

import pytest

from cerebro_sdk import APIError, Cerebro, InvalidError, Page
from cerebro_sdk.schemas.contacts.companies import Company
from tests.sdk.fake import Answer, Fake, Seen, page
from tests.sdk.records import company


def hundreds(total: int) -> object:
    """Answer like a server with so many companies, whose cursors are plain numbers."""

    def answer(seen: Seen) -> Answer:
        start = int(seen.params.get("cursor", 0))
        end = min(total, start + int(seen.params["limit"]))
        rows = [company(number) for number in range(start, end)]
        return page(rows, str(end) if end < total else None)

    return answer


def test_asks_for_nothing_before_the_first_record(crm: Cerebro, fake: Fake) -> None:
    crm.companies.list("employees > 10")
    assert not fake.seen


def test_goes_through_all_pages(crm: Cerebro, fake: Fake) -> None:
    fake.says(hundreds(450))  # type: ignore[arg-type]
    names = [record.name for record in crm.companies.list()]
    assert names == [f"Company {number}" for number in range(450)]
    assert [seen.params["limit"] for seen in fake.seen] == ["200", "200", "200"]


def test_fetches_the_next_page_only_when_it_is_reached(crm: Cerebro, fake: Fake) -> None:
    fake.says(hundreds(10))  # type: ignore[arg-type]
    records = iter(crm.companies.list(page_size=2))
    next(records), next(records)
    assert len(fake.seen) == 1
    next(records)
    assert len(fake.seen) == 2


@pytest.mark.parametrize(
    ("limit", "page_size", "asked"),
    [(5, None, [5]), (5, 2, [2, 2, 1]), (4, 2, [2, 2]), (250, None, [200, 50]), (0, None, [])],
)
def test_limit_counts_over_all_pages(
    crm: Cerebro, fake: Fake, limit: int, page_size: int | None, asked: list[int]
) -> None:
    fake.says(hundreds(1000))  # type: ignore[arg-type]
    records = crm.companies.raw.list(limit=limit, page_size=page_size).to_records()
    assert len(records) == limit
    assert [int(seen.params["limit"]) for seen in fake.seen] == asked


def test_sends_filter_sort_and_deleted(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([]))
    where = "name = 'Ä & b' and employees >= 10"
    assert crm.companies.list(where, sort=["-employees", "name"], deleted="only").first() is None
    sent = {"where": where, "sort": "-employees,name", "deleted": "only", "limit": "1"}
    assert fake.seen[0].params == sent


def test_first_returns_the_first_record(crm: Cerebro, fake: Fake) -> None:
    fake.says(hundreds(3))  # type: ignore[arg-type]
    first = crm.companies.list().first()
    assert isinstance(first, Company)
    assert crm.companies.list(limit=0).first() is None
    assert len(fake.seen) == 1


def test_page_by_page_by_hand(crm: Cerebro, fake: Fake) -> None:
    fake.says(hundreds(5))  # type: ignore[arg-type]
    companies = crm.companies.raw.list(page_size=3)
    one = companies.page()
    two = companies.page(one.next_cursor)
    assert ([len(one), len(two)], two.next_cursor) == ([3, 2], None)
    assert [len(found) for found in companies.pages()] == [3, 2]
    assert crm.companies.raw.list(limit=0).page() == Page([], None)


def test_starts_anew_each_time(crm: Cerebro, fake: Fake) -> None:
    fake.says(hundreds(3))  # type: ignore[arg-type]
    companies = crm.companies.list()
    assert [c.name for c in companies] == [c.name for c in companies]


def test_an_empty_page_is_not_the_end(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([], "more"), page([company()]))
    assert len(crm.companies.list().to_records()) == 1


def test_a_server_that_repeats_itself_is_no_endless_loop(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([company()], "same"))
    with pytest.raises(APIError, match="repeats"):
        crm.companies.list().to_records()
    assert len(fake.seen) == 2


def test_what_is_no_list_is_an_api_error(crm: Cerebro, fake: Fake) -> None:
    fake.says(Answer(200, b'{"detail": "hello"}'))
    with pytest.raises(APIError, match="list"):
        crm.companies.list().first()


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"page_size": 0}])
def test_senseless_sizes_are_refused_at_once(crm: Cerebro, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        crm.companies.list(**wrong)  # type: ignore[arg-type]


def test_a_filter_that_is_no_text_names_its_parameter(crm: Cerebro) -> None:
    with pytest.raises(InvalidError, match="where: holds a lone surrogate"):
        crm.companies.list("name = '\udc80'").first()
