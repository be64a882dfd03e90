"""Mass assignment: every column of every noun, sent by somebody who may do everything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.samples import sample
from tests.proof.world import TYPES, World

WRITTEN = [name for name, rt in TYPES.items() if {"create", "update"} & set(rt.noun.verbs)]
ODD = ("tenant_id", "workspace", "role", "is_admin", "__class__", "ctid", "xmin", "password")


def owner(world: World) -> dict[str, str]:
    return next(each for each in world.principals if each.name == "owner").headers


@pytest.mark.parametrize("noun", WRITTEN)
async def test_that_are_not_writable_are_refused(
    world: World, server: httpx.AsyncClient, noun: str
) -> None:
    record_type = TYPES[noun]
    record = world.make(noun, owner=world.main.owner, team=None)
    address, headers = f"/v1/{noun}/{record}", owner(world)
    before = (await server.get(address, headers=headers)).json()
    columns = {column.name for column in record_type.table.columns}
    for method, path, schema in (
        ("POST", f"/v1/{noun}", record_type.create),
        ("PATCH", address, record_type.update),
    ):
        assert schema is not None
        known = set(schema.model_fields)
        right = {k: v for k, v in sample(record_type).items() if k in known}
        for column in (columns | set(before) | set(ODD)) - known:
            value: Any = before.get(column, 1)
            body = {**right, column: value}
            reply = await server.request(method, path, json=body, headers=headers)
            assert reply.status_code == 422, (method, column, reply.text)
            [error] = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == (f"/{column}", "extra_forbidden")
    assert (await server.get(address, headers=headers)).json() == before


async def test_of_a_key_are_refused(world: World, server: httpx.AsyncClient) -> None:
    columns = {column.name for column in TYPES["keys"].table.columns} | set(ODD)
    for column in columns - {"name", "scopes", "expires_at"}:
        reply = await server.post("/v1/keys", json={"name": "K", column: 1}, headers=owner(world))
        assert reply.status_code == 422, column
