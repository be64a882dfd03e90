"""Operations that a server or worker left: the worker goes on with them, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.records.operations import recovering, stored
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.worker import Work
from tests.fixtures.people import People, bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.fixtures.waiting import until_it_waits
from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture

from .doing import URL, ask, contact, cut_off, done, plan, uploaded


def leave(desk: Desk, op: dict[str, Any], state: str, **columns: str) -> None:
    """Let an operation stand as it stood when its server was killed, a while ago."""
    settings = "".join(f", {name} = {value}" for name, value in columns.items())
    desk.rows(
        f"update operations set state = %s, updated_at = now() - interval '1 hour'{settings} "
        "where id = %s returning 1",
        *(state, op["id"]),
    )


async def states(api: httpx.AsyncClient, op: dict[str, Any]) -> Any:
    return (await api.get(f"{URL}/{op['id']}")).json()["state"]


async def look_around(desk: Desk) -> None:
    """Let a worker look for operations that are left, and end what it finds."""
    await desk.ask("operations")
    async with desk.working({}):
        await until(lambda: not set(desk.states()) & {"pending", "leased"}, "the jobs end")


async def as_job(desk: Desk, do: Callable[[Work], Awaitable[None]]) -> None:
    """Do something as a job of the owner's."""
    [(owner,)] = desk.rows("select id from users order by id limit 1")
    await desk.ask("probe", actor=f"user:{owner}")
    async with desk.working({"probe": do}):
        await until(lambda: not desk.states(), "the job ends")


class TestTwo:
    """Two that are at one operation."""

    async def test_what_one_fails_at_is_left_to_the_other(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        op = await plan(api, "contacts.delete")
        leave(desk, op, "planning", planned_at="null")

        async def fall_behind(work: Work) -> None:
            first = await begun(work, op)
            await begun(work, op)
            await recovering.fail(first, Invalid("It is nobody's business any more."))

        await as_job(desk, fall_behind)
        assert await states(api, op) == "planning"

    async def test_what_is_cancelled_does_not_fail(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        op = await plan(api, "contacts.delete")
        leave(desk, op, "planning", planned_at="null")

        async def come_late(work: Work) -> None:
            made = await begun(work, op)
            await ask(api, f"{URL}/{op['id']}/cancel")
            await recovering.fail(made, Invalid("It is nobody's business any more."))

        await as_job(desk, come_late)
        assert await states(api, op) == "cancelled"

    async def test_a_request_that_is_overtaken_leaves_the_operation(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        asked = {"upload_id": await uploaded(api, "email,last_name\na@x.example,A\n")}
        desk.owner.execute("set search_path = ws_main")
        with desk.owner.transaction():
            desk.owner.execute("lock table upload_pieces in access exclusive mode")
            body = {"kind": "contacts.import", "input": asked}
            call = asyncio.create_task(ask(api, URL, body))
            await until_it_waits(desk.installation.url, call)
            desk.owner.execute("update operations set attempt = gen_random_uuid()")
        assert (await call)["state"] == "planning"
        await look_around(desk)
        assert await states(api, await call) == "planned"

    async def test_a_request_that_takes_too_long_leaves_nothing(
        self, installation: Installation, desk: Desk
    ) -> None:
        async with serving(installation, statement_timeout_seconds=1) as api:
            asked = {"upload_id": await uploaded(api, "email,last_name\na@x.example,A\n")}
            desk.owner.execute("set search_path = ws_main")
            with desk.owner.transaction():
                desk.owner.execute("lock table upload_pieces in access exclusive mode")
                await ask(api, URL, {"kind": "contacts.import", "input": asked}, 503)
            assert (await api.get(URL)).json()["items"] == []

    async def test_whoever_reads_long_says_so(self, api: httpx.AsyncClient, desk: Desk) -> None:
        op = await plan(api, "contacts.delete")
        leave(desk, op, "planning", planned_at="null")
        moved = "select updated_at from operations"

        async def read_long(work: Work) -> None:
            made = await begun(work, op, beat_seconds=0.05)
            before = desk.rows(moved)
            async with made.alive():
                await until(lambda: desk.rows(moved) > before, "it moves")

        await as_job(desk, read_long)


async def begun(work: Work, op: dict[str, Any], **how: float) -> Plan:
    """Begin to plan an operation."""
    async with work.transaction() as context:
        operation = await stored.get(context, UUID(op["id"]))
    made = Plan(operation, work.transaction, **how)
    await made.restart()
    return made


class TestLeft:
    @pytest.mark.parametrize("yes", [True, False])
    async def test_between_plan_and_start(
        self, api: httpx.AsyncClient, desk: Desk, yes: bool
    ) -> None:
        await contact(api, "Ada")
        op = await plan(api, "contacts.update", values={"job_title": "Boss"})
        leave(desk, op, "planned", options=f"""'{{"yes": {str(yes).lower()}}}'""")
        await look_around(desk)
        assert await states(api, op) == ("applied" if yes else "planned")

    async def test_by_a_job_that_is_dead_it_fails(
        self, main: People, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        ada = main.user("ada", "owner")
        me = bearer(main.key("*", user=ada))
        await contact(api, "Ada")
        body = {"kind": "contacts.update", "input": {"values": {"job_title": "Boss"}}}
        op = (await api.post(URL, json=body, headers=me)).json()
        leave(desk, op, "applying", started_at="now()")
        main.connection.execute("update users set disabled_at = now() where id = %s", (ada,))
        await look_around(desk)  # the job that it asks for dies at once
        assert (await states(api, op), desk.states()) == ("applying", {"dead": 1})
        leave(desk, op, "applying")
        await look_around(desk)
        found = (await api.get(f"{URL}/{op['id']}")).json()
        assert (found["state"], found["problem"]["code"]) == ("failed", "internal_error")
        assert "not_authenticated" in found["problem"]["detail"]
        assert desk.states() == {"dead": 1}

    async def test_by_a_job_that_is_dead_an_undo_lets_go(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        await contact(api, "Ada")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        undo = await ask(api, f"{URL}/{op['id']}/undo", {})
        cut_off(desk.installation, undo)
        leave(desk, undo, "applying")
        desk.rows(
            "insert into jobs (id, kind, key, actor, state) "
            "values (gen_random_uuid(), 'operation', %s, 'system', 'dead') returning 1",
            undo["id"],
        )
        await look_around(desk)
        assert (await states(api, undo), await states(api, op)) == ("failed", "applied")
        assert (await ask(api, f"{URL}/{undo['id']}/resume"))["state"] == "applied"
        assert await states(api, op) == "undone"

    async def test_between_plan_and_start_goes_on_when_resumed(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        await contact(api, "Ada")
        op = await plan(api, "contacts.update", values={"job_title": "Boss"})
        leave(desk, op, "cancelled", options="""'{"yes": true}'""")
        again = await ask(api, f"{URL}/{op['id']}/resume")
        assert (again["state"], again["done"]["updated"]) == ("applied", 1)
