"""Every operation, by everybody, on records of their own, of their team, of others, of another
workspace and of nowhere: the status is what the table says, and a refusal changes nothing.

Of the operations that every noun has, each tries some nouns every day, and all under torture."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest

from cerebro_server.kernel.ids import uuid7
from tests.fixtures.everyday import is_due
from tests.proof.calls import call, foreign_value
from tests.proof.table import (
    PARTS,
    PUBLIC,
    RECORDS,
    SIGNED_IN,
    Operation,
    expected,
    id_fields,
    operations,
)
from tests.proof.world import CANARY, NOWHERE, OTHERS, OWN, TYPES, Principal, World

TRIED: Counter[str] = Counter()
PROTECTED = [op for op in operations() if op.needs not in (PUBLIC, SIGNED_IN)]
SELF = [op for op in operations() if op.needs == SIGNED_IN]


_LISTED = re.compile(r"; there (is none|are: [^.]*)(?=\.)")


def alike(one: httpx.Response, reference: object, other: httpx.Response, missing: object) -> bool:
    """Tell whether two replies are the same but for what was asked for, and for the settings of the
    caller's own that they list, since each call makes some."""

    def plain(reply: httpx.Response, asked: object) -> dict[str, Any]:
        body = {**reply.json(), "request_id": "", "instance": ""}
        texts = {k: str(v).replace(str(asked), "…") for k, v in body.items()}
        return {k: _LISTED.sub("", text) for k, text in texts.items()}

    return one.status_code == other.status_code and plain(one, reference) == plain(other, missing)


class Judge:
    """Makes one call after the other, and holds each to the table."""

    def __init__(self, world: World, server: httpx.AsyncClient, principal: Principal) -> None:
        self.world = world
        self.server = server
        self.principal = principal
        self.wrong: list[str] = []

    async def try_(
        self, operation: Operation, status: int, what: str, **asked: Any
    ) -> httpx.Response:
        home = self.world.other if self.principal.name == "other workspace" else self.world.main
        if operation.verb == "create" and (ends := self.world.ends(operation.noun, home)):
            asked["body"] = {**ends, **asked.get("body", {})}
        before = self.world.snapshot() if status >= 400 else None
        reply = await call(self.server, operation, self.principal.headers, **asked)
        TRIED[self.principal.name] += 1
        said = f"{self.principal.name}: {operation.id} on {what}"
        if reply.status_code != status:
            self.wrong.append(f"{said}: {reply.status_code}, not {status}: {reply.text[:300]}")
        elif before is not None and self.world.snapshot() != before:
            self.wrong.append(f"{said}: refused with {status}, and the database changed")
        is_at_home = self.principal.name == "other workspace" or CANARY in str(asked)
        if CANARY in reply.text and not is_at_home:
            self.wrong.append(f"{said}: shows what belongs to the other workspace")
        return reply

    def status(self, operation: Operation, relation: int) -> int:
        if self.principal.refused:
            return 401
        return expected(self.principal.holder, operation, relation)

    async def on_records(self, operation: Operation) -> None:
        """Try an operation on a record that is related in every way there is."""
        if self.principal.name == "other workspace" or self.principal.refused:
            found = {
                OTHERS: self.world.make(operation.noun, owner=self.world.main.owner, team="red")
            }
        else:
            found = self.world.related(operation.noun, self.principal)
        is_stranger = self.principal.name == "other workspace"
        for relation, record in found.items():
            if operation.verb == "destroy":
                self.world.delete(operation.noun, record)
            if operation.verb == "unlock":
                self.world.lock(operation.noun, record)
            if operation.noun == "quotes":
                self.world.offer(operation.verb, record)
            status = self.status(operation, NOWHERE if is_stranger else relation)
            await self.try_(operation, status, f"a record of relation {relation}", reference=record)

    async def on_strangers(self, operation: Operation) -> None:
        """Try an operation on what another workspace has: the same as on what nobody has."""
        foreign, missing = self.world.foreign[operation.noun], uuid7()
        if self.principal.name == "other workspace":
            return
        status = self.status(operation, NOWHERE)
        names: list[tuple[object, object]] = [(foreign, missing), (str(foreign)[-8:], "0000beef")]
        if operation.noun in ("teams", "roles"):
            names.append((CANARY, "nowhere"))
        for name, nowhere in names:
            one = await self.try_(operation, status, "a foreign record", reference=name)
            other = await self.try_(operation, status, "a missing record", reference=nowhere)
            if not alike(one, name, other, nowhere):
                self.wrong.append(f"{operation.id}: {one.text} and {other.text} tell them apart")

    async def on_fields(self, operation: Operation) -> None:
        """Name what another workspace has in every id-typed field of the body."""
        if operation.body is None or self.principal.name == "other workspace":
            return  # who is at home there
        for name, kind in id_fields(operation.body):
            missing: UUID = uuid7()
            reference: object = ""
            relation = OWN
            if operation.has_reference:
                relation = OTHERS if operation.noun in ("users", "teams", "roles") else OWN
                mine = self.principal.user_id or missing
                reference = self.world.make(operation.noun, owner=mine, team=None)
            status = self.status(operation, relation)
            status = 422 if status < 400 else status
            if status == 403 and operation.noun in PARTS:  # what is named is looked up first
                status = 422 if self.principal.holder.scope(operation.needs) else 403
            values = foreign_value(self.world, kind, missing=missing)
            if kind in RECORDS.values() and self.principal.name == "owner":
                values = (*values, "no-such-word")  # not even an id
            replies = [
                await self.try_(
                    operation, status, f"foreign {name}", reference=reference, body={name: value}
                )
                for value in values
            ]
            asked = [value[0] if isinstance(value, list) else value for value in values]
            if not alike(replies[0], asked[0], replies[1], asked[1]):
                self.wrong.append(f"{operation.id}: {name} tells foreign from missing")


NAMES = (
    *("owner", "admin", "manager", "agent", "read_only", "narrow key", "other team", "two roles"),
    *("other workspace", "disabled user", "anonymous"),
)


@pytest.mark.parametrize("name", NAMES)
async def test_everybody_may_do_what_the_table_says_and_nothing_else(
    world: World, server: httpx.AsyncClient, name: str
) -> None:
    principal = next(each for each in world.principals if each.name == name)
    await server.get("/v1/auth/whoami", headers=principal.headers)  # its key is marked as used
    judge = Judge(world, server, principal)
    due = [each for each in PROTECTED if is_due(each.id, NAMES.index(name))]
    for operation in due:
        if operation.has_reference and operation.noun in TYPES:
            await judge.on_records(operation)
            await judge.on_strangers(operation)
        else:
            relation = OTHERS if operation.verb != "create" else 1
            await judge.try_(operation, judge.status(operation, relation), "the noun")
        await judge.on_fields(operation)
    assert not judge.wrong, f"{len(judge.wrong)} unexpected:\n" + "\n".join(judge.wrong[:20])
    assert {principal.name for principal in world.principals} == set(NAMES)
    print(f"{name}: {len(due)} operations, {TRIED[name]} calls, 0 unexpected")


async def test_what_needs_no_permission_needs_somebody(
    world: World, server: httpx.AsyncClient
) -> None:
    for principal in world.principals:
        if principal.refused:
            for operation in SELF:
                reply = await call(server, operation, principal.headers)
                assert reply.status_code == 401, (principal.name, operation.id)


async def test_a_refused_caller_leaves_every_byte_as_it_was(
    world: World, server: httpx.AsyncClient
) -> None:
    named = [noun for noun, record_type in TYPES.items() if record_type.noun.verbs]
    records = {noun: world.make(noun, owner=world.main.owner, team="red") for noun in named}
    before = world.checksums()
    refused = [each for each in world.principals if each.refused]
    for principal in refused:
        for operation in PROTECTED:
            reference = records.get(operation.noun, "")
            reply = await call(server, operation, principal.headers, reference=reference)
            assert reply.status_code == 401
    assert world.checksums() == before


async def test_the_journal_and_explanations_do_not_tell_of_strangers(
    world: World, server: httpx.AsyncClient
) -> None:
    headers = next(each for each in world.principals if each.name == "owner").headers
    for noun, foreign in world.foreign.items():
        missing = uuid7()
        for path, name in (("/v1/changes", "record"), ("/v1/access/explain", "record")):
            replies = [
                await server.get(path, params={name: f"{noun}/{asked}"}, headers=headers)
                for asked in (foreign, missing)
            ]
            assert alike(replies[0], foreign, replies[1], missing), (path, noun)
            assert replies[0].status_code in (200, 404)
            if replies[0].status_code == 200:
                assert replies[0].json()["items"] == []
    asked = {"record": "companies/x", "user": str(world.foreign["users"])}
    reply = await server.get("/v1/access/explain", params=asked, headers=headers)
    assert reply.status_code == 404


async def test_a_cursor_of_another_workspace_is_refused(
    world: World, server: httpx.AsyncClient
) -> None:
    mine, theirs = (
        next(each for each in world.principals if each.name == name).headers
        for name in ("owner", "other workspace")
    )
    for noun in ("companies", "users"):
        for _ in range(2):
            world.other.enter()
        page = await server.get(f"/v1/{noun}", params={"limit": 1}, headers=mine)
        cursor = page.json()["next_cursor"]
        reply = await server.get(
            f"/v1/{noun}", params={"limit": 1, "cursor": cursor}, headers=theirs
        )
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")
