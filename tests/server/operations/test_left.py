"""Operations that a server or worker left: the worker goes on with them, or says why not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture

from .doing import URL, ask, contact, plan


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

    async def test_between_plan_and_start_goes_on_when_resumed(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        await contact(api, "Ada")
        op = await plan(api, "contacts.update", values={"job_title": "Boss"})
        leave(desk, op, "cancelled", options="""'{"yes": true}'""")
        again = await ask(api, f"{URL}/{op['id']}/resume")
        assert (again["state"], again["done"]["updated"]) == ("applied", 1)
