"""Every operation that writes, as a dry run: it answers as it would, and leaves nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from tests.fixtures.everyday import is_due
from tests.proof.calls import call
from tests.proof.conftest import named
from tests.proof.table import DOCUMENT, SIGNED_IN, Operation, expected, operations
from tests.proof.world import OTHERS, TYPES, World

OWN_KIND = {"import"}
"""Verbs whose dry run is a plan, which is kept."""


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return found


def state(world: World) -> list[Any]:
    """Return how every table stands, the journal, and how far deals and quotes are numbered."""
    world.seen = None
    kept = (
        "select count(*), max(seq) from ws_main.changes",
        "select last_value, 0 from ws_main.deals_number_seq",
        "select last_value, 0 from ws_main.quotes_number_seq",
    )
    rows = [world.connection.execute(each).fetchone() for each in kept]
    return [*world.snapshot(), *rows]


def prepared(world: World, operation: Operation) -> UUID | str:
    """Return a record that an operation can do something with."""
    if not operation.has_reference or operation.noun not in TYPES:
        return ""
    record = world.make(operation.noun, owner=world.main.owner, team=None)
    if operation.verb in ("destroy", "restore"):
        world.delete(operation.noun, record)
    if operation.verb == "unlock":
        world.lock(operation.noun, record)
    if operation.noun == "quotes":
        world.offer(operation.verb, record)
    return record


def test_what_writes_has_a_dry_run_or_says_why_not() -> None:
    for operation in operations():
        if operation.method == "GET":
            continue
        is_tried = "dry_run" in operation.query
        assert is_tried != bool(described(operation).get("x-no-dry-run")), operation.id


async def test_a_dry_run_answers_as_it_would_and_leaves_nothing(
    world: World, server: httpx.AsyncClient
) -> None:
    owner = named(world, "owner")
    await server.get("/v1/auth/whoami", headers=owner.headers)  # its key is marked as used
    writing = [
        operation
        for operation in operations()
        if operation.method != "GET"
        and "dry_run" in operation.query
        and operation.verb not in OWN_KIND
        and is_due(operation.id, 0)
    ]
    made = [(each, prepared(world, each), world.ends(each.noun, world.main)) for each in writing]
    before, wrong = state(world), []
    for operation, record, ends in made:
        # what needs no permission is about something of which the world has none
        missing = operation.needs == SIGNED_IN
        status = 404 if missing else expected(owner.holder, operation, OTHERS)
        reply = await call(
            *(server, operation, owner.headers),
            reference=record,
            body=ends if operation.verb == "create" else {},
            query={"dry_run": "true"},
        )
        is_marked = reply.headers.get("cerebro-dry-run") == "true"
        if missing and reply.status_code == 422:  # its body was read first
            continue
        if reply.status_code != status or (status < 400) != is_marked:
            wrong.append(f"{operation.id}: {reply.status_code}, not {status}: {reply.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert state(world) == before
    assert len(made) > 40


async def test_what_has_no_dry_run_does_nothing_when_asked_for_one(
    world: World, server: httpx.AsyncClient
) -> None:
    owner = named(world, "owner")
    before = state(world)
    for operation in operations():
        why_not = described(operation).get("x-no-dry-run")
        if why_not is not None:
            query = {"dry_run": "true"}
            reply = await call(server, operation, owner.headers, query=query)
            assert (reply.status_code, reply.json()["code"]) == (400, "bad_request"), operation.id
            assert why_not in reply.json()["detail"]
    assert state(world) == before
