"""API keys made, narrowed and revoked through the API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from cerebro_server.components.identity.service.keys import parse_key
from tests.fixtures.people import bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import Members, signed_in, whoami


@pytest.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A server that remembers no token: what ends, ends at once."""
    async with serving(installation, key_cache_seconds=0) as client:
        yield client


async def make(api: httpx.AsyncClient, *, by: str = "", **fields: Any) -> httpx.Response:
    headers = bearer(by) if by else {}
    return await api.post("/v1/keys", json={"name": "ci", **fields}, headers=headers)


class TestCreate:
    async def test_shows_the_whole_key_once(self, api: httpx.AsyncClient, members: Members) -> None:
        made = await make(api)
        assert made.status_code == 201
        secret = made.json()["secret"]
        assert re.fullmatch(r"cbr_main_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}", secret)
        assert secret.startswith(made.json()["prefix"] + "_")
        assert (await whoami(api, secret)).json()["key"] == "ci"
        shown = await api.get(made.headers["location"])
        assert shown.headers["etag"] == made.headers["etag"]
        assert "secret" not in shown.json()
        tail = secret.rpartition("_")[2]
        for path in ("/v1/keys", "/v1/changes"):
            assert tail not in (await api.get(path)).text
        for table in ("keys", "changes", "idempotency_keys"):
            assert tail[:16] not in str(members.rows(f"select t::text from {table} t"))

    async def test_stores_a_hash(self, api: httpx.AsyncClient, members: Members) -> None:
        key = parse_key((await make(api)).json()["secret"])
        assert key is not None
        kept = members.value("select secret_hash from keys where lookup = %s", key.lookup)
        assert kept == key.secret_hash

    async def test_belongs_to_the_caller(self, api: httpx.AsyncClient, members: Members) -> None:
        tokens = await signed_in(api, members.member("ann", "agent"))
        made = await make(api, by=tokens["access_token"])
        assert made.status_code == 201
        assert made.json()["user_id"] == str(members.value("select user_id from sessions"))
        me = (await whoami(api, made.json()["secret"])).json()
        assert me["roles"] == ["agent"]

    @pytest.mark.parametrize("scopes", [["companies:fly"], ["x"], ["companies:read", "nothing:*"]])
    async def test_refuses_scopes_that_there_are_not(
        self, api: httpx.AsyncClient, scopes: list[str]
    ) -> None:
        reply = await make(api, scopes=scopes)
        assert reply.status_code == 422
        [error] = reply.json()["errors"]
        assert error["code"] == "unknown_permission"
        assert error["pointer"] == f"/scopes/{len(scopes) - 1}"

    @pytest.mark.parametrize(
        "column",
        [*("user_id", "prefix", "lookup", "secret_hash", "secret", "revoked_at", "id", "version")],
    )
    async def test_takes_no_column_of_the_servers_own(
        self, api: httpx.AsyncClient, members: Members, column: str
    ) -> None:
        reply = await make(api, **{column: "x"})
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["code"] == "extra_forbidden"
        assert members.value("select count(*) from keys") == 1


class TestNarrowing:
    async def test_a_key_narrows_its_user(self, api: httpx.AsyncClient) -> None:
        key = (await make(api, scopes=["companies:read"])).json()["secret"]
        assert (await api.get("/v1/companies", headers=bearer(key))).status_code == 200
        made = await api.post("/v1/companies", json={"name": "x"}, headers=bearer(key))
        assert made.status_code == 403

    async def test_a_key_never_widens_its_user(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = await signed_in(api, members.member("ann", "read_only"))
        made = await make(api, by=tokens["access_token"], scopes=["*"])
        key = made.json()["secret"]
        reply = await api.post("/v1/companies", json={"name": "x"}, headers=bearer(key))
        assert reply.status_code == 403

    async def test_follows_its_user_down(self, api: httpx.AsyncClient, members: Members) -> None:
        ann = members.member("ann", "manager")
        tokens = await signed_in(api, ann)
        key = (await make(api, by=tokens["access_token"])).json()["secret"]
        company = {"name": "x"}
        assert (
            await api.post("/v1/companies", json=company, headers=bearer(key))
        ).status_code == 201
        await api.patch(f"/v1/users/{ann}", json={"roles": ["read_only"]})
        assert (
            await api.post("/v1/companies", json=company, headers=bearer(key))
        ).status_code == 403

    async def test_a_key_makes_none_that_may_do_more(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        narrow = members.key("keys:create", "companies:read:own")
        for scopes in (["*"], ["companies:read"], ["companies:*"], ["*:read"], ["keys:read"]):
            assert (await make(api, by=narrow, scopes=scopes)).status_code == 403
        assert (await make(api, by=narrow)).status_code == 403, "all scopes unless told otherwise"
        made = await make(api, by=narrow, scopes=["companies:read:own", "keys:create"])
        assert made.status_code == 201

    async def test_a_key_makes_none_that_outlives_it(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        key = (await make(api, expires_at="2999-01-01T00:00:00Z")).json()["secret"]
        assert (await make(api, by=key)).status_code == 403
        assert (await make(api, by=key, expires_at="2999-01-02T00:00:00Z")).status_code == 403
        assert (await make(api, by=key, expires_at="2998-12-31T00:00:00Z")).status_code == 201

    async def test_needs_the_permission(self, api: httpx.AsyncClient, members: Members) -> None:
        assert (await make(api, by=members.key("companies:*"))).status_code == 403


class TestIdempotency:
    HEADERS = {"Idempotency-Key": '"once"'}  # noqa: RUF012

    async def test_makes_one_key_and_shows_its_secret_once(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        body = {"name": "ci"}
        first = await api.post("/v1/keys", json=body, headers=self.HEADERS)
        again = await api.post("/v1/keys", json=body, headers=self.HEADERS)
        assert first.status_code == 201
        assert (again.status_code, again.json()["code"]) == (409, "key_already_created")
        assert again.json()["key_id"] == first.json()["id"]
        assert first.json()["id"] in again.json()["detail"]
        assert first.json()["secret"] not in again.text
        assert members.value("select count(*) from keys where name = 'ci'") == 1
        secret = first.json()["secret"].rpartition("_")[2]
        kept = members.rows(
            "select convert_from(body, 'UTF8'), headers::text from idempotency_keys"
        )
        assert secret[:16] not in str(kept)

    async def test_of_twenty_at_once_makes_one_key(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        replies = await asyncio.gather(
            *(api.post("/v1/keys", json={"name": "ci"}, headers=self.HEADERS) for _ in range(20))
        )
        statuses = [reply.status_code for reply in replies]
        assert (statuses.count(201), statuses.count(409)) == (1, 19)
        assert members.value("select count(*) from keys where name = 'ci'") == 1

    async def test_refuses_another_body(self, api: httpx.AsyncClient) -> None:
        await api.post("/v1/keys", json={"name": "ci"}, headers=self.HEADERS)
        reply = await api.post("/v1/keys", json={"name": "other"}, headers=self.HEADERS)
        assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")

    async def test_of_a_refused_one_is_free_again(self, api: httpx.AsyncClient) -> None:
        body = {"name": "ci", "scopes": ["x"]}
        assert (await api.post("/v1/keys", json=body, headers=self.HEADERS)).status_code == 422
        body = {"name": "ci"}
        assert (await api.post("/v1/keys", json=body, headers=self.HEADERS)).status_code == 201


class TestRevoke:
    async def test_ends_it_at_once_and_for_good(self, api: httpx.AsyncClient) -> None:
        made = (await make(api)).json()
        revoked = await api.post(f"/v1/keys/{made['id']}/revoke")
        assert revoked.status_code == 200
        assert revoked.json()["revoked_at"] is not None
        assert (await whoami(api, made["secret"])).status_code == 401
        again = await api.post(f"/v1/keys/{made['id']}/revoke")
        assert again.json() == revoked.json()

    async def test_within_a_second_where_keys_are_remembered(
        self, installation: Installation
    ) -> None:
        async with serving(installation) as api:
            made = (await make(api)).json()
            assert (await whoami(api, made["secret"])).status_code == 200
            await api.post(f"/v1/keys/{made['id']}/revoke")
            await asyncio.sleep(1.05)
            assert (await whoami(api, made["secret"])).status_code == 401

    async def test_is_for_ones_own_and_by_who_may_for_others(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann", "agent")
        ann_id = UUID(str(members.value("select id from users where email = %s", ann)))
        hers, own = members.key("*", user=ann_id), members.key("*", user=ann_id)
        boss = members.key("*")
        agent, admin = members.signed("bob", "agent"), members.signed("root", "admin")

        async def revoke(key: str, who: dict[str, str]) -> int:
            parsed = parse_key(key)
            assert parsed is not None
            key_id = members.value("select id from keys where lookup = %s", parsed.lookup)
            return (await api.post(f"/v1/keys/{key_id}/revoke", headers=who)).status_code

        assert await revoke(hers, agent) == 404
        assert await revoke(boss, admin) == 403
        assert await revoke(hers, admin) == 200
        assert await revoke(own, bearer(own)) == 200
        assert (await whoami(api, boss)).status_code == 200

    async def test_is_journaled(self, api: httpx.AsyncClient, members: Members) -> None:
        made = (await make(api)).json()
        await api.post(f"/v1/keys/{made['id']}/revoke")
        found = members.rows(
            "select action, diff from changes where record_id = %s order by seq", made["id"]
        )
        assert [action for action, _ in found] == ["created", "updated"]
        assert list(found[1][1]) == ["revoked_at"]  # type: ignore[call-overload]
        assert "secret_hash" not in str(found)
