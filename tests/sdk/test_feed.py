"""Following changes: each once, whatever the line does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from cerebro_sdk import (
    APIError,
    AsyncCerebro,
    Cerebro,
    ConnectionFailedError,
    InvalidError,
    NotSignedInError,
    ServerError,
)
from cerebro_sdk.schemas.workspace.changes import Change
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, Seen, page, problem


def change(number: int, **members: Any) -> dict[str, Any]:
    return {
        "seq": number,
        "at": "2026-05-01T09:30:00Z",
        "actor": {"type": "key", "id": None, "name": "owner"},
        "record_type": "companies",
        "record_id": f"01900000-0000-7000-8000-{number:012x}",
        "action": "updated",
        "version": 2,
        "diff": {"employees": [42, 43]},
        "request_id": None,
        "cursor": f"c{number}",
        **members,
    }


def numbers(changes: Any) -> list[int]:
    return [each.seq for each in changes]


class TestPages:
    def test_go_on_until_there_is_nothing(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([change(1), change(2)], "c2"), page([change(3)], "c3"), page([], "c9"))
        found = list(crm.changes.list(after="start", record_type="companies"))
        assert numbers(found) == [1, 2, 3]
        assert isinstance(found[0], Change)
        assert found[0].cursor == "c1"
        assert [seen.params["after"] for seen in fake.seen] == ["start", "c2", "c3"]
        assert all(seen.params["record_type"] == "companies" for seen in fake.seen)
        assert all("cursor" not in seen.params for seen in fake.seen)

    def test_one_page_has_the_cursor_to_keep(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([], "c5"), page([change(6)], "c6"))
        changes = crm.changes.list(after="now")
        kept = changes.page().next_cursor
        assert kept == "c5"
        assert numbers(changes.page(kept)) == [6]
        assert fake.seen[1].params["after"] == "c5"

    def test_limit_counts_over_all_of_them(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([change(1), change(2)], "c2"), page([change(3)], "c3"))
        assert len(crm.changes.raw.list(after="start", limit=3).to_records()) == 3
        assert [seen.params["limit"] for seen in fake.seen] == ["3", "1"]


class TestFollow:
    def test_goes_on_behind_what_it_has(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([], "c0"), page([], "c1"), page([change(2), change(3)], "c3"))
        feed = crm.changes.follow(action=["created", "updated"], actor="me")
        assert feed.cursor == "now"
        assert numbers(islice(feed, 1)) == [2]
        assert feed.cursor == "c2"  # the other one was not handed out
        assert numbers(islice(feed, 1)) == [3]
        assert feed.cursor == "c3"
        assert [seen.params["after"] for seen in fake.seen] == ["now", "c0", "c1"]
        assert fake.seen[0].params["action"] == "created,updated"
        # until it has a cursor it does not wait: `now` would be another moment the next time
        assert [seen.params.get("wait") for seen in fake.seen] == [None, "2.5", "2.5"]

    def test_begins_when_told_to(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([], "c0"), page([change(1)], "c1"))
        feed = crm.changes.follow().begin()
        assert feed.cursor == "c0"
        assert feed.begin() is feed
        assert len(fake.seen) == 1
        assert next(feed).record_type == "companies"

    def test_outlasts_a_server_that_is_away(
        self, client: Callable[..., Cerebro], fake: Fake
    ) -> None:
        away = [Answer(drop=True), problem(503, "unavailable"), Answer(short=True, body=b"{")]
        fake.says(page([change(1)], "c1"), *away, *away, page([change(2)], "c2"))
        with client(max_retries=0, deadline=3) as crm:
            feed = crm.changes.follow(after="c0")
            assert numbers(islice(feed, 2)) == [1, 2]
        assert [seen.params["after"] for seen in fake.seen] == ["c0", *["c1"] * 7]

    def test_the_first_request_fails_as_others_do(
        self, client: Callable[..., Cerebro], fake: Fake
    ) -> None:
        fake.says(Answer(drop=True))
        with client(max_retries=1) as crm, pytest.raises(ConnectionFailedError):
            next(crm.changes.follow())
        assert len(fake.seen) == 2

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (problem(401, "not_authenticated"), NotSignedInError),
            (problem(422, "invalid_cursor"), InvalidError),
            (problem(500, "defect"), ServerError),
        ],
    )
    def test_ends_with_what_waiting_does_not_mend(
        self, crm: Cerebro, fake: Fake, answer: Answer, error: type[Exception]
    ) -> None:
        fake.says(page([change(1)], "c1"), answer)
        feed = crm.changes.follow(after="start")
        next(feed)
        with pytest.raises(error):
            next(feed)
        assert feed.cursor == "c1"

    def test_a_server_without_a_feed_is_told_of(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([change(1)], None))
        with pytest.raises(APIError, match="feed"):
            next(crm.changes.follow())

    def test_raw_ones_are_dicts(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([change(1)], "c1"))
        assert next(crm.changes.raw.follow("start")) == change(1)

    async def test_the_asynchronous_one_does_the_same(self, fake: Fake, brisk: None) -> None:
        def answer(seen: Seen) -> Answer:
            number = int(seen.params["after"].removeprefix("c")) + 1
            return page([change(number)], f"c{number}") if number % 2 else page([], f"c{number}")

        fake.says(answer)
        async with AsyncCerebro(fake.url, KEY) as crm:
            feed = await crm.changes.follow(after="c0").begin()
            assert [(await anext(feed)).seq for _ in range(3)] == [1, 3, 5]
            assert feed.cursor == "c5"
