"""What is kept of operations that ended long ago, and what of it is told to whom."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture

from .doing import URL, ask, contact, done, errors, everything, imported, plan, redone, undone


async def night(desk: Desk, days: int) -> None:
    """Let that many days pass, and the worker tidy."""
    desk.rows(
        "update operations set ended_at = ended_at - make_interval(days => %s), "
        "expires_at = expires_at - make_interval(days => %s) returning 1",
        *(days, days),
    )
    await desk.ask("tidy")
    async with desk.working({}):
        await until(lambda: not set(desk.states()) & {"pending", "leased"}, "it is tidy")


def kept(desk: Desk, op: dict[str, Any]) -> int:
    [(count,)] = desk.rows("select count(*) from operation_rows where operation_id = %s", op["id"])
    return int(count)


async def test_rows_of_a_plan_go_and_the_undo_stays(
    api: httpx.AsyncClient, installation: Installation, desk: Desk
) -> None:
    await contact(api, "Ada", department="Sales")
    before = everything(installation)
    content = "email,last_name,company\nada@x.example,Ada,Acme\nnew@x.example,New,\nbad,Bad,\n"
    op = await imported(api, "contacts", content)
    after = everything(installation)
    stopped = await plan(api, "contacts.delete")
    await ask(api, f"{URL}/{stopped['id']}/cancel")
    await night(desk, 29)
    assert (kept(desk, op), kept(desk, stopped)) == (5, 2)
    await night(desk, 2)
    assert (kept(desk, op), kept(desk, stopped)) == (1, 0)

    found = (await api.get(f"{URL}/{op['id']}")).json()
    assert (found["plan"], found["done"], found["report"]) == (
        *(op["plan"], op["done"]),
        op["report"],
    )
    assert (found["sample"], found["may_undo"]) == ([], True)
    assert len(await errors(api, op)) == 1
    refused = await api.get(f"{URL}/{op['id']}/plan")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_removed")
    assert f"gone since {found['plan_removed_at'][:10]}" in refused.json()["detail"]
    refused = await ask(api, f"{URL}/{stopped['id']}/resume", None, 409)
    assert refused["code"] == "plan_removed"

    part = await undone(api, op, where="department = Sales")
    assert sum(part["done"].values()) == 0  # what it did to her is a position, which is no contact
    undo = await undone(api, op)
    assert everything(installation) == before
    assert undo["done"]["deleted"] == 3
    await night(desk, 31)
    await redone(api, op)
    assert everything(installation) == after
    assert (await api.get(f"{URL}/{op['id']}")).json()["state"] == "applied"


async def test_a_plan_that_nobody_applied_expires(api: httpx.AsyncClient, desk: Desk) -> None:
    await contact(api, "Ada")
    op = await plan(api, "contacts.delete")
    await night(desk, 8)
    found = (await api.get(f"{URL}/{op['id']}")).json()
    assert (found["state"], found["plan"]["delete"], kept(desk, op)) == ("expired", 1, 0)


async def test_why_it_failed_is_told_to_those_who_may_read_the_records(
    api: httpx.AsyncClient, main: People, desk: Desk
) -> None:
    await contact(api, "Ada")
    op = await done(api, "contacts.update", values={"job_title": "Boss"})
    problem = '{"code": "x", "title": "X", "detail": "secret", "errors": [{"value": "secret"}]}'
    report = '{"nouns": {"contacts": {}}, "file": "secret"}'
    desk.rows(
        "update operations set state = 'failed', problem = %s, report = %s where id = %s "
        "returning 1",
        *(problem, report, op["id"]),
    )
    reads = main.signed("reads", main.role("reads", ("operations:read", "contacts:read")))
    others = [
        main.signed("blind", main.role("blind", ("operations:read",))),
        main.signed("own", main.role("own", ("operations:read", "contacts:read:own"))),
    ]
    for path in (f"{URL}/{op['id']}", URL):
        assert (await api.get(path)).text.count("secret") == 3
        assert (await api.get(path, headers=reads)).text.count("secret") == 3
        for headers in others:
            reply = await api.get(path, headers=headers)
            assert (reply.status_code, "secret" in reply.text) == (200, False)
