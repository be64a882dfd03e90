"""Nobody waits behind ten thousand jobs of another kind or workspace."""

from __future__ import annotations

import asyncio

from cerebro_server.kernel.worker import Work
from cerebro_server.kernel.worker.lanes import Lanes
from tests.server.jobs.conftest import Desk, until

MANY = (
    "insert into jobs (id, kind, actor) "
    "select gen_random_uuid(), %s, 'system' from generate_series(1, 10000)"
)


class TestFairness:
    async def test_of_kinds(self, desk: Desk) -> None:
        desk.rows("select 1")
        desk.owner.execute(MANY, ("many",))
        await self._few_end_first(desk, "main", "few")

    async def test_of_workspaces(self, desk: Desk) -> None:
        desk.installation.add_workspace("second")
        desk.rows("select 1")
        desk.owner.execute(MANY, ("many",))
        await self._few_end_first(desk, "second", "many")

    async def test_of_kinds_whose_jobs_take_long(self, desk: Desk) -> None:
        """Every place is taken by jobs that do not end; another kind gets one all the same."""
        may_end = asyncio.Event()
        running: list[str] = []

        async def slow(work: Work) -> None:
            running.append("slow")
            await may_end.wait()

        async def quick(work: Work) -> None:
            running.append("quick")

        await desk.ask("slow", count=50)
        async with desk.working({"slow": slow, "quick": quick}, worker_concurrency=4):
            await until(lambda: running.count("slow") >= 4, "all places are taken")
            await desk.ask("quick", count=3)
            await until(lambda: running.count("quick") == 3, "the others run")
            assert running.count("slow") < 8
            may_end.set()

    async def _few_end_first(self, desk: Desk, slug: str, kind: str) -> None:
        order: list[tuple[str, str]] = []

        async def note(work: Work) -> None:
            order.append((work.workspace.slug, work.job.kind))
            await asyncio.sleep(0.002)

        async with desk.working({"many": note, "few": note}):
            await until(lambda: len(order) > 100, "it is busy")
            await desk.ask(kind, slug=slug, count=20)
            asked = len(order)
            await until(lambda: order.count((slug, kind)) == 20, "the few are done")
            await desk.ask(kind, slug=slug)
            before = len(order) - asked
        assert before < 2_000, "they were run among the many, not behind them"


class TestLanes:
    def test_one_alone_gets_all_places(self) -> None:
        lanes = Lanes(["a", "b"], 10)
        shares = lanes.shares("s")
        lanes.took("s", shares, ["a"] * shares["a"])
        assert lanes.shares("s")["a"] == 10 - shares["a"]

    def test_a_kind_of_which_nothing_runs_gets_a_place_where_none_is_free(self) -> None:
        lanes = Lanes(["a", "b"], 2)
        lanes.took("s", {"a": 2}, ["a", "a"])
        assert lanes.free == 0
        assert lanes.shares("s") == {"b": 1}

    def test_many_lanes_take_twice_the_places_at_most(self) -> None:
        lanes = Lanes(["a", "b", "c"], 4)
        total = 0
        for schema in map(str, range(20)):
            shares = lanes.shares(schema)
            lanes.took(schema, shares, [kind for kind, most in shares.items() for _ in range(most)])
            total += sum(shares.values())
        assert total == 8

    def test_hungry_ones_share(self) -> None:
        lanes = Lanes(["a", "b"], 10)
        lanes.took("s", {"a": 1, "b": 1}, ["a", "b"])
        assert lanes.shares("s") == {"a": 4, "b": 4}
        lanes.took("t", {"a": 1}, ["a"])
        assert lanes.shares("s") == {"a": 2, "b": 2}
