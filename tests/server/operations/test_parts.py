"""Taking operations back in parts: what is left can be taken back later."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.stores import Installation

from .doing import (
    URL,
    apply,
    ask,
    contact,
    cut_off,
    done,
    everything,
    imported,
    plan,
    redone,
    undone,
)

SALES = "department = Sales"


async def two(api: httpx.AsyncClient) -> None:
    await contact(api, "Ada", department="Sales")
    await contact(api, "Bob", department="Legal")


async def state(api: httpx.AsyncClient, op: dict[str, Any]) -> tuple[str, str | None]:
    found = (await api.get(f"{URL}/{op['id']}")).json()
    return found["state"], found["undone_by"]


def counts(op: dict[str, Any], what: str) -> tuple[int, int, int]:
    return op["done"][what], op["plan"]["unchanged"], op["plan"]["error"]


class TestPart:
    async def test_of_a_change_leaves_the_rest_to_be_taken_back(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        part = await undone(api, op, where=SALES)
        assert await state(api, op) == ("applied", part["id"])
        rest = await undone(api, op)
        assert counts(rest, "updated") == (1, 1, 0)
        assert everything(installation) == before
        assert await state(api, op) == ("undone", rest["id"])

    async def test_of_a_deletion_counts_what_is_back_as_unchanged(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await done(api, "contacts.delete")
        await undone(api, op, where=SALES)
        rest = await undone(api, op)
        assert counts(rest, "restored") == (1, 1, 0)
        assert everything(installation) == before

    async def test_of_an_import_too(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada", department="Sales")
        before = everything(installation)
        content = (
            "email,last_name,job_title,department\nada@x.example,Ada,Boss,\n"
            "b@x.example,B,,Sales\nc@x.example,C,,Legal\n"
        )
        op = await imported(api, "contacts", content)
        await undone(api, op, where=SALES)
        rest = await undone(api, op)
        assert (rest["done"]["deleted"], rest["done"]["updated"]) == (1, 0)
        assert everything(installation) == before

    async def test_can_be_done_again(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        after = everything(installation)
        part = await undone(api, op, where=SALES)
        rest = await undone(api, op)
        assert everything(installation) == before
        assert (await redone(api, op))["done"]["updated"] == 1
        assert await state(api, op) == ("applied", part["id"])
        assert await state(api, rest) == ("undone", (await api.get(URL)).json()["items"][0]["id"])
        assert (await redone(api, op))["done"]["updated"] == 1
        assert everything(installation) == after
        assert await state(api, op) == ("applied", None)
        await undone(api, op)
        assert everything(installation) == before

    async def test_is_all_that_conflicts_let_through(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", job_title="Engineer")
        await contact(api, "Bob", job_title="Engineer")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        await api.patch(f"/v1/contacts/{ada}", json={"job_title": "Queen"})
        part = await undone(api, op)
        assert await state(api, op) == ("applied", part["id"])
        await api.patch(f"/v1/contacts/{ada}", json={"job_title": "Boss"})
        rest = await undone(api, op)
        assert (rest["done"]["updated"], rest["plan"]["unchanged"]) == (1, 1)
        assert (await state(api, op))[0] == "undone"


class TestPlanned:
    async def test_before_more_was_written_is_refused(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await plan(api, "contacts.update", values={"job_title": "Boss"})
        await ask(api, f"{URL}/{op['id']}/cancel")
        undo = await ask(api, f"{URL}/{op['id']}/undo", {})
        await ask(api, f"{URL}/{op['id']}/resume")
        await apply(api, op)
        for on_drift in ("refuse", "skip"):
            body = {"on_drift": on_drift}
            refused = await ask(api, f"{URL}/{undo['id']}/apply", body, 409)
            assert refused["code"] == "plan_drifted"
        assert await state(api, op) == ("applied", None)
        await apply(api, undo, on_drift="replan")
        assert everything(installation) == before


class TestStopped:
    async def test_an_undo_that_is_cancelled_lets_go_of_what_it_takes_back(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        undo = await ask(api, f"{URL}/{op['id']}/undo", {})
        cut_off(installation, undo)
        refused = await ask(api, f"{URL}/{op['id']}/undo", {}, 409)
        assert refused["code"] == "wrong_state"
        await ask(api, f"{URL}/{undo['id']}/cancel")
        assert await state(api, op) == ("applied", None)
        await undone(api, op)
        assert everything(installation) == before
        refused = await ask(api, f"{URL}/{undo['id']}/resume", None, 409)
        assert refused["code"] == "wrong_state"

    async def test_and_goes_on_with_it_when_resumed(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await two(api)
        before = everything(installation)
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        undo = await ask(api, f"{URL}/{op['id']}/undo", {})
        cut_off(installation, undo)
        await ask(api, f"{URL}/{undo['id']}/cancel")
        again = await ask(api, f"{URL}/{undo['id']}/resume")
        assert again["state"] == "applied"
        assert await state(api, op) == ("undone", undo["id"])
        assert everything(installation) == before
