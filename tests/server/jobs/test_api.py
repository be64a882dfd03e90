"""Jobs over HTTP: listed, shown, run again, cancelled, counted."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cerebro_server.kernel.worker import Work
from tests.server.jobs.conftest import Desk, until

URL = "/v1/jobs"


class TestListing:
    async def test_newest_first_page_by_page(self, desk: Desk, api: httpx.AsyncClient) -> None:
        ids = [str(each) for each in await desk.ask("noop", count=5)]
        first = (await api.get(URL, params={"limit": 3})).json()
        assert [job["id"] for job in first["items"]] == ids[:1:-1]
        rest = await api.get(URL, params={"limit": 3, "cursor": first["next_cursor"]})
        assert [job["id"] for job in rest.json()["items"]] == [ids[1], ids[0]]
        assert rest.json()["next_cursor"] is None

    async def test_by_state_and_kind(self, desk: Desk, api: httpx.AsyncClient) -> None:
        await desk.ask("one")
        [other] = await desk.ask("other")
        desk.rows("select 1")
        desk.owner.execute("update jobs set state = 'dead' where kind = 'other'")
        for params in ({"kind": "other"}, {"state": "dead,cancelled"}):
            found = (await api.get(URL, params=params)).json()["items"]
            assert [job["id"] for job in found] == [str(other)]

    async def test_an_unknown_state_is_named(self, api: httpx.AsyncClient) -> None:
        reply = await api.get(URL, params={"state": "lost"})
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["parameter"] == "state"


class TestOne:
    async def test_is_found_by_its_id_or_the_end_of_it(
        self, desk: Desk, api: httpx.AsyncClient
    ) -> None:
        [job_id] = await desk.ask("noop", payload={"of": "it"})
        for reference in (str(job_id), str(job_id)[-8:]):
            found = (await api.get(f"{URL}/{reference}")).json()
            assert (found["id"], found["payload"]) == (str(job_id), {"n": 0, "of": "it"})

    @pytest.mark.parametrize("reference", ["a1", "abcdef0123", "%00abcdef"])
    async def test_that_there_is_not(self, api: httpx.AsyncClient, reference: str) -> None:
        reply = await api.get(f"{URL}/{reference}")
        assert reply.json()["code"] == "not_found"

    async def test_that_is_dead_runs_again_with_all_its_tries(
        self, desk: Desk, api: httpx.AsyncClient
    ) -> None:
        [job_id] = await desk.ask("noop")
        desk.rows("select 1")
        desk.owner.execute("update jobs set state = 'dead', attempts = 10")
        reply = await api.post(f"{URL}/{job_id}/retry")
        assert (reply.json()["state"], reply.json()["attempts"]) == ("pending", 0)

    async def test_does_not_run_again_beside_another_of_its_key(
        self, desk: Desk, api: httpx.AsyncClient
    ) -> None:
        [job_id] = await desk.ask("noop", key="a")
        desk.rows("select 1")
        desk.owner.execute("update jobs set state = 'dead'")
        await desk.ask("noop", key="a")
        reply = await api.post(f"{URL}/{job_id}/retry")
        assert (reply.status_code, reply.json()["code"]) == (409, "conflict")

    async def test_that_is_cancelled_does_not_run(self, desk: Desk, api: httpx.AsyncClient) -> None:
        seen: list[int] = []

        async def note(work: Work) -> None:
            seen.append(work.payload["n"])

        ids = await desk.ask("note", count=2)
        assert (await api.post(f"{URL}/{ids[0]}/cancel")).json()["state"] == "cancelled"
        async with desk.working({"note": note}):
            await until(lambda: desk.states() == {"cancelled": 1}, "the other is done")
        assert seen == [1]

    async def test_that_runs_is_left_alone(self, desk: Desk, api: httpx.AsyncClient) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slow(work: Work) -> None:
            begun.set()
            await may_end.wait()

        [job_id] = await desk.ask("slow")
        async with desk.working({"slow": slow}):
            await begun.wait()
            for verb in ("retry", "cancel"):
                reply = await api.post(f"{URL}/{job_id}/{verb}")
                assert (reply.status_code, reply.json()["code"]) == (409, "conflict")
            may_end.set()


class TestStats:
    async def test_count_by_kind_and_state(self, desk: Desk, api: httpx.AsyncClient) -> None:
        async def noop(work: Work) -> None: ...

        await desk.ask("unknown", count=3)
        async with desk.working({"noop": noop}):
            found = await until(lambda: _working(api), "the worker is known")
        assert found["counts"] == [{"kind": "unknown", "state": "pending", "count": 3}]
        assert found["due"] == 3
        assert found["oldest_due_seconds"] >= 0

    async def test_of_nothing(self, api: httpx.AsyncClient) -> None:
        found = (await api.get(f"{URL}/stats")).json()
        assert found == {"due": 0, "oldest_due_seconds": None, "workers": 0, "counts": []}

    async def test_are_measures_too(self, desk: Desk, api: httpx.AsyncClient) -> None:
        async def noop(work: Work) -> None: ...

        async with desk.working({"noop": noop}):
            await until(lambda: _measured(api, "cerebro_workers 1.0"), "the worker is measured")
        assert await _measured(api, 'cerebro_jobs{state="due"} 0.0')


async def _working(api: httpx.AsyncClient) -> dict[str, object] | None:
    found = (await api.get(f"{URL}/stats")).json()
    return found if found["workers"] == 1 else None


async def _measured(api: httpx.AsyncClient, line: str) -> bool:
    return line in (await api.get("/metrics")).text.splitlines()
