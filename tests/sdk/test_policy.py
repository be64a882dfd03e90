"""What is tried again, when, and how long it may take; decided without a clock or a network."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_sdk.policy import (
    LONGEST_PAUSE,
    Options,
    Outcome,
    asked_pause,
    next_size,
    passes,
    pause,
)

USUAL = Options()


def decide(outcome: Outcome, options: Options = USUAL, **more: object) -> float | None:
    said = {"repeatable": True, "tries": 1, "elapsed": 0.0, "chance": 0.5, **more}
    return pause(options, outcome, **said)  # type: ignore[arg-type]


class TestWhat:
    @pytest.mark.parametrize("status", [None, 408, 425, 429, 502, 503, 504])
    def test_what_passes(self, status: int | None) -> None:
        assert passes(Outcome(status))

    @pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 405, 410, 412, 413, 422, 500, 501])
    def test_what_does_not(self, status: int) -> None:
        assert not passes(Outcome(status))

    def test_a_conflict_only_while_the_first_try_is_at_work(self) -> None:
        assert passes(Outcome(409, "in_flight"))
        assert not passes(Outcome(409, "duplicate_key"))

    def test_never_a_call_that_could_act_twice(self) -> None:
        assert decide(Outcome(503), repeatable=False) is None
        assert decide(Outcome(None), repeatable=False) is None

    def test_only_so_often(self) -> None:
        assert decide(Outcome(503), Options(max_retries=2), tries=2) is not None
        assert decide(Outcome(503), Options(max_retries=2), tries=3) is None
        assert decide(Outcome(503), Options(max_retries=0)) is None


class TestWhen:
    @given(tries=st.integers(1, 10_000), chance=st.floats(0, 1))
    def test_full_jitter_within_a_doubling_limit(self, tries: int, chance: float) -> None:
        seconds = decide(Outcome(503), Options(max_retries=10_000), tries=tries, chance=chance)
        assert seconds is not None
        assert 0 <= seconds <= min(LONGEST_PAUSE, 0.5 * 2 ** min(tries - 1, 10))

    def test_doubles(self) -> None:
        patient = Options(max_retries=9)
        found = [decide(Outcome(None), patient, tries=n, chance=1.0) for n in range(1, 7)]
        assert found == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]

    @given(asked=st.floats(0, 60), chance=st.floats(0, 1))
    def test_never_before_the_server_asked(self, asked: float, chance: float) -> None:
        seconds = decide(Outcome(429, retry_after=asked), chance=chance)
        assert seconds is not None
        assert asked <= seconds <= asked + 0.5

    def test_not_at_all_when_asked_to_wait_for_long(self) -> None:
        assert decide(Outcome(429, retry_after=61)) is None

    def test_not_past_the_deadline(self) -> None:
        options = Options(deadline=10)
        assert decide(Outcome(503, retry_after=3), options, elapsed=6.0) == 3.25
        assert decide(Outcome(503, retry_after=3), options, elapsed=7.0) is None


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [("3", 3.0), (" 0 ", 0.0), ("", None), ("soon", None), ("-1", None), ("1.5", None)],
    )
    def test_seconds(self, value: str, seconds: float | None) -> None:
        assert asked_pause({"retry-after": value}, now=0) == seconds

    def test_more_digits_than_a_number_should_have(self) -> None:
        seconds = asked_pause({"retry-after": "9" * 5000}, now=0)
        assert seconds is not None
        assert seconds > 60

    def test_a_date_counts_from_the_servers_own_clock(self) -> None:
        at = format_datetime(datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC), usegmt=True)
        date = format_datetime(datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC), usegmt=True)
        assert asked_pause({"retry-after": at, "date": date}, now=0) == 30
        assert asked_pause({"retry-after": date, "date": at}, now=0) == 0

    def test_a_date_without_one_counts_from_ours(self) -> None:
        at = datetime(2026, 5, 1, tzinfo=UTC)
        said = {"retry-after": format_datetime(at, usegmt=True)}
        assert asked_pause(said, now=at.timestamp() - 7) == 7

    @given(st.text())
    def test_no_text_breaks_it(self, text: str) -> None:
        seconds = asked_pause({"retry-after": text, "date": text}, now=0)
        assert seconds is None or seconds >= 0

    def test_missing(self) -> None:
        assert asked_pause({}, now=0) is None


class TestOptions:
    @pytest.mark.parametrize(
        "wrong", [{"timeout": 0}, {"timeout": float("nan")}, {"deadline": -1}, {"max_retries": -1}]
    )
    def test_senseless_ones_are_named(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Options(**wrong).checked()  # type: ignore[arg-type]


class TestSizes:
    @given(
        limit=st.none() | st.integers(0, 2000),
        size=st.none() | st.integers(1, 500),
        seen=st.integers(0, 3000),
    )
    def test_never_more_than_asked(self, limit: int | None, size: int | None, seen: int) -> None:
        following = next_size(limit, size, seen=seen)
        assert 0 <= following <= (size or 200)
        assert limit is None or seen + following <= max(limit, seen)
