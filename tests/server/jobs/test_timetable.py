"""Schedules: times in a zone, when clocks change, missed or not, by the database's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cerebro_server import registry
from cerebro_server.kernel import clock
from cerebro_server.kernel.worker.timetable import Schedule, Timetable, due, ticks
from tests.server.jobs.conftest import Desk, until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = Schedule("nightly", "30 2 * * *", kind="noop", zone="Europe/Berlin")
HOURLY = Schedule("hourly", "0 * * * *", kind="noop", zone="Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestTicks:
    def test_a_time_that_is_left_out_runs_right_after_the_jump(self) -> None:
        found = list(ticks(NIGHTLY, at("2026-03-27T12:00"), at("2026-03-30T12:00")))
        assert [tick.astimezone(UTC) for tick in found] == [
            at("2026-03-28T01:30"),
            at("2026-03-29T01:00"),  # 03:00 by the clock, which never said 02:30
            at("2026-03-30T00:30"),
        ]

    def test_a_time_that_comes_twice_runs_once(self) -> None:
        found = list(ticks(NIGHTLY, at("2026-10-24T12:00"), at("2026-10-26T12:00")))
        assert len(found) == 2
        assert {tick.astimezone(BERLIN).date().isoformat() for tick in found} == {
            "2026-10-25",
            "2026-10-26",
        }

    @pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
    def test_what_runs_every_hour_runs_in_every_hour_that_there_is(
        self, day: str, hours: int
    ) -> None:
        midnight = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
        end = (midnight + timedelta(days=1)).astimezone(UTC)  # a day by the calendar
        found = list(ticks(HOURLY, midnight.astimezone(UTC), end))
        assert len(found) == hours
        assert len({tick.astimezone(UTC) for tick in found}) == hours

    def test_moments_rise_and_follow_the_last(self) -> None:
        found = list(ticks(HOURLY, at("2026-10-24T00:00"), at("2026-10-27T00:00")))
        moments = [tick.astimezone(UTC) for tick in found]
        assert moments == sorted(set(moments))
        assert len(moments) == 72


class TestMissed:
    last, now = at("2026-05-01T00:00"), at("2026-05-01T05:30")

    def test_once_is_one_job_for_all(self) -> None:
        wanted, newest = due(HOURLY, self.last, self.now)
        assert wanted == [newest] == [at("2026-05-01T05:00")]

    def test_all_is_one_for_each(self) -> None:
        every = Schedule("all", HOURLY.cron, kind="noop", missed="all")
        assert len(due(every, self.last, self.now)[0]) == 5

    def test_skip_is_none_unless_in_time(self) -> None:
        skip = Schedule("skip", HOURLY.cron, kind="noop", missed="skip")
        assert due(skip, self.last, self.now) == ([], at("2026-05-01T05:00"))
        wanted, _ = due(skip, self.last, at("2026-05-01T05:01"))
        assert wanted == [at("2026-05-01T05:00")]

    def test_what_is_settled_does_not_come_again(self) -> None:
        _, newest = due(HOURLY, self.last, self.now)
        assert due(HOURLY, newest, self.now) == ([], newest)


class TestTimetable:
    @pytest.fixture(params=[-600, 0, 600])
    def skewed(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[int]:
        """The worker's clock is wrong by so many seconds."""
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=request.param))
        yield request.param

    async def test_goes_by_the_databases_clock(self, desk: Desk, skewed: int) -> None:
        schedules = [Schedule("minutely", "* * * * *", kind="unknown")]
        table = Timetable(desk.database, schedules)
        scope = desk.scope()

        async def tick() -> None:
            async with desk.database.transaction(scope) as transaction:
                await table.tick(transaction)

        await tick()
        assert desk.rows("select count(*) from jobs") == [(0,)], "it begins with the present"
        [(now,)] = desk.rows("select date_trunc('minute', clock_timestamp())")
        desk.owner.execute("update schedules set last_tick_at = %s", (now - timedelta(minutes=1),))
        await tick()
        await tick()
        found = desk.rows("select payload ->> 'tick', key from jobs")
        [(newest,)] = desk.rows("select last_tick_at from schedules")
        assert found == [(newest.isoformat(), "minutely")]
        assert now <= newest

    async def test_several_tick_once(self, desk: Desk) -> None:
        schedules = [Schedule("minutely", "* * * * *", kind="unknown", missed="all")]
        tables = [Timetable(desk.database, schedules) for _ in range(3)]
        scope = desk.scope()
        for number, table in enumerate(tables):
            async with desk.database.transaction(scope) as transaction:
                await table.tick(transaction)
            if number == 0:
                desk.rows("select 1")
                desk.owner.execute(
                    "update schedules set last_tick_at = last_tick_at - interval '3 minutes'"
                )
        [(count,)] = desk.rows("select count(*) from jobs")
        assert count == len({key for (key,) in desk.rows("select key from jobs")})
        assert count in (3, 4)


class TestTidying:
    async def test_deletes_what_has_expired_and_nothing_else(self, desk: Desk) -> None:
        await desk.ask("old", count=3)
        await desk.ask("new", count=2)
        desk.rows("select 1")
        desk.owner.execute(
            "update jobs set state = 'dead', "
            "updated_at = now() - interval '31 days' where kind = 'old'; "
            "update jobs set state = 'dead' where kind = 'new'; "
            "insert into idempotency_keys (actor, route, key, body_hash, status, headers, body, "
            "created_at) select 'a', 'r', n::text, '', 200, '{}', '', "
            "now() - n * interval '10 hours' from generate_series(1, 4) n"
        )
        async with desk.working({}):
            # yesterday's night was missed
            desk.owner.execute(
                "insert into schedules values ('tidy', now() - interval '25 hours') "
                "on conflict (name) do update set last_tick_at = excluded.last_tick_at"
            )
            async with desk.database.transaction(desk.scope()) as transaction:
                await Timetable(desk.database, registry.schedules()).tick(transaction)
            await until(lambda: desk.rows("select count(*) from jobs") == [(2,)], "it is tidy")
        assert desk.rows("select distinct kind from jobs") == [("new",)]
        assert desk.rows("select key from idempotency_keys order by 1") == [("1",), ("2",)]
