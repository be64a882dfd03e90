"""Jobs are claimed, run, tried again, parked; one transaction ends a job and stores its effect."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, Invalid
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.jobs import cancel_of_operation, enqueue, settling
from cerebro_server.kernel.jobs.settling import MOST_TRIES
from cerebro_server.kernel.worker import Dead, Fenced, Retry, Work
from tests.server.jobs.conftest import Desk, until

LATER = datetime.now(UTC) + timedelta(hours=1)


class TestEnqueueing:
    async def test_takes_the_actor_of_the_transaction(self, desk: Desk) -> None:
        [job_id] = await desk.ask("noop", actor="user:00000000-0000-7000-8000-000000000001")
        [row] = desk.rows("select id, actor, on_behalf_of, state from jobs")
        assert row == (job_id, "user:00000000-0000-7000-8000-000000000001", None, "pending")

    async def test_of_a_key_one_lives(self, desk: Desk) -> None:
        assert (await desk.ask("noop", key="a"))[0] is not None
        assert (await desk.ask("noop", key="a"))[0] is None
        assert (await desk.ask("other", key="a"))[0] is not None
        assert desk.states() == {"pending": 2}

    async def test_a_transaction_that_is_rolled_back_asks_for_nothing(self, desk: Desk) -> None:
        with pytest.raises(LookupError):
            async with desk.database.transaction(desk.scope()) as transaction:
                await enqueue(transaction, kind="noop", payload={})
                raise LookupError
        assert desk.states() == {}

    async def test_jobs_of_an_operation_are_cancelled(self, desk: Desk) -> None:
        operation = uuid7()
        await desk.ask("noop", operation_id=operation, count=3)
        await desk.ask("noop")
        async with desk.database.transaction(desk.scope()) as transaction:
            assert await cancel_of_operation(transaction, operation) == 3
        assert desk.states() == {"cancelled": 3, "pending": 1}

    async def test_without_an_actor_it_is_refused(self, desk: Desk) -> None:
        with pytest.raises(psycopg.errors.CheckViolation):
            await desk.ask("noop", actor="")


class TestRunning:
    async def test_done_jobs_are_deleted(self, desk: Desk) -> None:
        seen: list[int] = []

        async def note(work: Work) -> None:
            seen.append(work.payload["n"])

        async with desk.working({"note": note}):
            await desk.ask("note", count=40)
            await until(lambda: desk.states() == {}, "all are done")
        assert sorted(seen) == list(range(40))

    async def test_a_job_waits_until_it_is_due(self, desk: Desk) -> None:
        seen: list[str] = []

        async def note(work: Work) -> None:
            seen.append(work.payload["of"])

        await desk.ask("note", payload={"of": "later"}, due_at=LATER)
        async with desk.working({"note": note}):
            await desk.ask("note", payload={"of": "now"})
            await until(lambda: seen, "the job that is due runs")
            await until(lambda: desk.states() == {"pending": 1}, "only the other is left")
            desk.owner.execute("update jobs set due_at = clock_timestamp() + interval '1 second'")
            await desk.ask("note", payload={"of": "now"})  # wakes the worker, which looks anew
            await until(lambda: len(seen) == 3, "it runs once its time has come")

    async def test_kinds_that_a_worker_does_not_know_are_left_alone(self, desk: Desk) -> None:
        async def noop(work: Work) -> None: ...

        await desk.ask("unknown")
        async with desk.working({"noop": noop}):
            await desk.ask("noop")
            await until(lambda: desk.states() == {"pending": 1}, "the known one is done")

    async def test_runs_once_more_what_was_asked_for_meanwhile(self, desk: Desk) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()
        runs: list[int] = []

        async def slow(work: Work) -> None:
            runs.append(work.job.attempt)
            begun.set()
            await may_end.wait()
            async with work.finishing():
                pass

        async with desk.working({"slow": slow}):
            await desk.ask("slow", key="one")
            await begun.wait()
            assert (await desk.ask("slow", key="one"))[0] is None
            may_end.set()
            await until(lambda: len(runs) == 2 and desk.states() == {}, "it ran twice")
        assert runs == [1, 1]

    async def test_gives_back_what_it_cannot_end(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cerebro_server.kernel.worker.engine._DRAIN_SECONDS", 0.1)
        begun = asyncio.Event()

        async def forever(work: Work) -> None:
            begun.set()
            await asyncio.sleep(1_000)

        await desk.ask("forever")
        async with desk.working({"forever": forever}):
            await begun.wait()
        assert desk.rows("select state, attempts from jobs") == [("pending", 0)]
        assert desk.rows("select * from public.workers") == []


class TestFailing:
    async def test_is_tried_again_later_and_says_why(self, desk: Desk) -> None:
        async def fails(work: Work) -> None:
            raise LookupError("no such thing")

        await desk.ask("fails")
        async with desk.working({"fails": fails}):
            row = "select state, attempts, last_error, due_at > clock_timestamp() from jobs"
            wanted = [("pending", 1, "LookupError: no such thing", True)]
            await until(lambda: desk.rows(row) == wanted, "it waits for its next try")

    def test_waits_twice_as_long_each_time_with_jitter(self) -> None:
        for attempt in range(1, 11):
            pauses = {settling.backoff(attempt) for _ in range(50)}
            assert all(0.5 <= pause / 2**attempt <= 1.5 for pause in pauses)
            assert len(pauses) > 10

    async def test_is_parked_after_the_last_try(self, desk: Desk) -> None:
        async def fails(work: Work) -> None:
            raise Retry(0, "not yet")

        await desk.ask("fails")
        async with desk.working({"fails": fails}):
            row = "select state, attempts, last_error from jobs"
            await until(lambda: desk.rows(row) == [("dead", MOST_TRIES, "not yet")], "it is dead")

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (Dead("No such file."), "No such file."),
            (Forbidden("You lack it."), "forbidden: You lack it."),
            (Invalid("It does not fit."), "invalid: It does not fit."),
        ],
    )
    async def test_is_parked_at_once_where_nothing_can_help(
        self, desk: Desk, error: Exception, said: str
    ) -> None:
        async def fails(work: Work) -> None:
            raise error

        await desk.ask("fails")
        async with desk.working({"fails": fails}):
            row = "select state, attempts, last_error from jobs"
            await until(lambda: desk.rows(row) == [("dead", 1, said)], "it is dead")


class TestEffects:
    async def test_are_written_in_the_name_of_whoever_asked(self, desk: Desk) -> None:
        [(owner_id,)] = desk.rows("select id from users")

        async def create(work: Work) -> None:
            async with work.finishing() as context:
                transaction = await context.write()
                await transaction.rows(
                    Sql("insert into companies (id, name) values (%s, 'Acme')", (uuid7(),))
                )

        await desk.ask("create", actor=f"user:{owner_id}")
        async with desk.working({"create": create}):
            await until(lambda: desk.states() == {}, "it is done")
        journal = "select actor from changes where record_type = 'companies'"
        assert desk.rows(journal) == [(f"user:{owner_id}",)]

    async def test_whoever_may_not_sign_in_any_more_does_nothing(self, desk: Desk) -> None:
        async def create(work: Work) -> None:
            async with work.finishing():
                pass

        await desk.ask("create", actor=f"user:{uuid7()}")
        async with desk.working({"create": create}):
            await until(lambda: desk.states() == {"dead": 1}, "it is parked")

    async def test_nothing_is_kept_once_the_lease_is_lost(self, desk: Desk) -> None:
        lost = asyncio.Event()

        async def create(work: Work) -> None:
            # another worker takes over
            desk.owner.execute("update jobs set token = token + 1, worker_id = gen_random_uuid()")
            try:
                async with work.transaction() as context:
                    transaction = await context.write()
                    await transaction.rows(
                        Sql("insert into companies (id, name) values (%s, 'Acme')", (uuid7(),))
                    )
            except Fenced:
                lost.set()
                raise

        desk.rows("select 1")
        await desk.ask("create")
        async with desk.working({"create": create}):
            await asyncio.wait_for(lost.wait(), 20)
        assert desk.rows("select count(*) from companies") == [(0,)]
        assert desk.states() == {"leased": 1}, "it is the other one's"
