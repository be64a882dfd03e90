"""Trouble on the way: what is tried again, and what the caller hears in the end."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cerebro_sdk import (
    Cerebro,
    ConflictError,
    ConnectionFailedError,
    RateLimitedError,
    ServerError,
    TimedOutError,
    UnavailableError,
)
from tests.sdk.fake import Answer, Fake, ok, problem
from tests.sdk.records import company

DROP = Answer(drop=True)
BUSY = problem(503, "unavailable")
GOOD = ok(company())
Make = Callable[..., Cerebro]


@pytest.mark.parametrize(
    "trouble",
    [
        BUSY,
        problem(429, "rate_limited", headers={"Retry-After": "0"}),
        Answer(502, b"<html><title>Bad Gateway</title></html>"),
        Answer(408),
        Answer(425),
        DROP,
        Answer(200, b'{"id": "018', short=True),
        Answer(200, chunks=[b'{"id": '], short=True),
    ],
    ids=["503", "429", "502", "408", "425", "dropped", "short", "short-chunks"],
)
class TestPassingTrouble:
    def test_a_read_is_tried_again(self, crm: Cerebro, fake: Fake, trouble: Answer) -> None:
        fake.says(trouble, trouble, GOOD)
        assert crm.companies.raw.get("x")["name"] == "Company 1"
        assert len(fake.seen) == 3

    def test_a_create_is_tried_again_under_one_key(
        self, crm: Cerebro, fake: Fake, trouble: Answer
    ) -> None:
        fake.says(trouble, GOOD)
        crm.companies.create(name="Acme")
        one, two = fake.seen
        assert one.headers["idempotency-key"] == two.headers["idempotency-key"]
        assert one.body == two.body

    def test_other_writes_are_not(self, crm: Cerebro, fake: Fake, trouble: Answer) -> None:
        fake.says(trouble, GOOD)
        with pytest.raises(Exception) as caught:
            crm.companies.update("x", name="y")
        assert "cerebro_sdk" in type(caught.value).__module__
        assert len(fake.seen) == 1


def test_gives_up_after_the_last_try(client: Make, fake: Fake) -> None:
    fake.says(BUSY)
    with client(max_retries=1) as crm, pytest.raises(UnavailableError) as caught:
        crm.companies.get("x")
    assert (len(fake.seen), caught.value.request_id) == (2, "req-1")


def test_waits_as_long_as_the_server_asks(client: Make, fake: Fake) -> None:
    fake.says(problem(429, "rate_limited", headers={"Retry-After": "1"}), GOOD)
    began = time.monotonic()
    with client() as crm:
        crm.companies.get("x")
    assert time.monotonic() - began >= 1


def test_does_not_wait_past_the_deadline(client: Make, fake: Fake) -> None:
    fake.says(problem(429, "rate_limited", headers={"Retry-After": "30"}))
    with client(deadline=5) as crm, pytest.raises(RateLimitedError) as caught:
        crm.companies.get("x")
    assert (len(fake.seen), caught.value.retry_after) == (1, 30)


def test_a_defect_is_not_tried_again(crm: Cerebro, fake: Fake) -> None:
    fake.says(problem(500, "internal_error"))
    with pytest.raises(ServerError):
        crm.companies.get("x")
    assert len(fake.seen) == 1


def test_a_create_waits_for_its_own_first_try(crm: Cerebro, fake: Fake) -> None:
    fake.says(problem(409, "in_flight"), GOOD)
    crm.companies.create(name="Acme")
    fake.says(problem(409, "duplicate_key"))
    with pytest.raises(ConflictError):
        crm.companies.create(name="Acme")
    assert len(fake.seen) == 3


def test_a_slow_server_times_out(client: Make, fake: Fake) -> None:
    fake.says(Answer(wait=1))
    with client(timeout=0.2, max_retries=1) as crm, pytest.raises(TimedOutError, match="in time"):
        crm.companies.get("x")
    assert len(fake.seen) == 2


def test_a_timeout_is_tried_again(client: Make, fake: Fake) -> None:
    fake.says(Answer(wait=1), GOOD)
    with client(timeout=0.3) as crm:
        assert crm.companies.get("x").name == "Company 1"


def test_the_deadline_ends_a_body_that_trickles(client: Make, fake: Fake) -> None:
    fake.says(Answer(200, chunks=[b" "] * 40, pause=0.1))
    with client(timeout=2, deadline=0.5) as crm, pytest.raises(TimedOutError):
        crm.companies.get("x")
    assert len(fake.seen) == 1


def test_no_server_at_all(client: Make) -> None:
    with client() as crm:
        crm._transport.address = crm._transport.address._replace(port=1)
        with pytest.raises(ConnectionFailedError, match=r"Cannot reach http://127\.0\.0\.1:1"):
            crm.companies.get("x")


def test_an_unknown_host(client: Make) -> None:
    with client(max_retries=0) as crm:
        crm._transport.address = crm._transport.address._replace(host="nowhere.invalid")
        with pytest.raises(ConnectionFailedError, match="nowhere"):
            crm.companies.get("x")


def test_options_can_be_changed_for_a_while(client: Make, fake: Fake) -> None:
    fake.says(BUSY)
    with client(max_retries=2) as crm:
        with pytest.raises(UnavailableError):
            crm.with_options(max_retries=0).companies.get("x")
        assert len(fake.seen) == 1
        with pytest.raises(UnavailableError):
            crm.companies.get("x")
    assert len(fake.seen) == 4
