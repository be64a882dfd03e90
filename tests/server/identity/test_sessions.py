"""Sessions: listed, ended, and what happens to them when their user changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from tests.fixtures.people import bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import (
    OTHER,
    Members,
    redeemed,
    renewed,
    sign_in,
    signed_in,
    whoami,
)


@pytest.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A server that remembers no token: what ends, ends at once."""
    async with serving(installation, key_cache_seconds=0) as client:
        yield client


async def sessions_of(api: httpx.AsyncClient, token: str) -> list[str]:
    page = await api.get("/v1/sessions", headers=bearer(token))
    assert page.status_code == 200
    return [session["id"] for session in page.json()["items"]]


class TestList:
    async def test_shows_ones_own_and_nobody_elses(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann, bob = members.member("ann"), members.member("bob")
        mine = (await signed_in(api, ann))["access_token"]
        await signed_in(api, ann)
        hers = (await signed_in(api, bob))["access_token"]
        assert len(await sessions_of(api, mine)) == 2
        assert len(await sessions_of(api, hers)) == 1
        [other] = await sessions_of(api, hers)
        reply = await api.get(f"/v1/sessions/{other}", headers=bearer(mine))
        assert reply.status_code == 404

    async def test_shows_all_to_who_may_see_them(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        for name in ("ann", "bob"):
            await signed_in(api, members.member(name))
        page = await api.get("/v1/sessions")
        assert len(page.json()["items"]) == 2


class TestEnd:
    async def test_signs_out_another_device_of_ones_own(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann")
        lost, mine = await signed_in(api, ann), await signed_in(api, ann)
        session = members.value("select id from sessions order by id limit 1")
        reply = await api.post(f"/v1/sessions/{session}/end", headers=bearer(mine["access_token"]))
        assert (reply.status_code, reply.json()["ended_because"]) == (200, "ended")
        assert (await whoami(api, lost["access_token"])).status_code == 401
        assert (await renewed(api, lost["refresh_token"])).status_code == 401
        assert (await whoami(api, mine["access_token"])).status_code == 200

    async def test_twice_changes_nothing_the_second_time(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        await signed_in(api, members.member("ann"))
        session = members.value("select id from sessions")
        first = await api.post(f"/v1/sessions/{session}/end")
        second = await api.post(f"/v1/sessions/{session}/end")
        assert first.json() == second.json()
        assert first.json()["version"] == 2

    async def test_of_strangers_is_not_found(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        await signed_in(api, members.member("ann"))
        session = members.value("select id from sessions")
        eve = await signed_in(api, members.member("eve"))
        reply = await api.post(f"/v1/sessions/{session}/end", headers=bearer(eve["access_token"]))
        assert reply.status_code == 404
        assert members.value("select count(*) from sessions where ended_at is not null") == 0

    async def test_of_who_holds_more_is_forbidden(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        await signed_in(api, members.member("boss", "owner"))
        session = members.value("select id from sessions")
        admin = await signed_in(api, members.member("admin", "admin"))
        reply = await api.post(f"/v1/sessions/{session}/end", headers=bearer(admin["access_token"]))
        assert reply.status_code == 403
        assert members.value("select ended_at from sessions where id = %s", session) is None


class TestDisable:
    async def test_refuses_the_next_request_of_every_kind(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann", "admin")
        tokens = await signed_in(api, email)
        user_id = UUID(str(members.value("select id from users where email = %s", email)))
        key = members.key("*", user=user_id)
        reply = await api.post(f"/v1/users/{email}/disable")
        assert reply.status_code == 200
        assert reply.json()["disabled_at"] is not None
        assert (await whoami(api, tokens["access_token"])).status_code == 401
        assert (await whoami(api, key)).status_code == 401
        assert (await renewed(api, tokens["refresh_token"])).status_code == 401
        assert (await sign_in(api, email)).status_code == 401
        assert members.value("select ended_because from sessions") == "disabled"

    async def test_within_a_second_where_tokens_are_remembered(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation) as api:
            email = members.member("ann")
            token = (await signed_in(api, email))["access_token"]
            assert (await whoami(api, token)).status_code == 200
            await api.post(f"/v1/users/{email}/disable")
            await asyncio.sleep(1.05)
            assert (await whoami(api, token)).status_code == 401

    async def test_twice_changes_nothing_the_second_time(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        first = await api.post(f"/v1/users/{email}/disable")
        second = await api.post(f"/v1/users/{email}/disable")
        assert first.json() == second.json()

    async def test_is_undone_by_enabling_without_the_old_sessions(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        tokens = await signed_in(api, email)
        await api.post(f"/v1/users/{email}/disable")
        reply = await api.post(f"/v1/users/{email}/enable")
        assert (reply.status_code, reply.json()["disabled_at"]) == (200, None)
        assert (await whoami(api, tokens["access_token"])).status_code == 401
        assert (await renewed(api, tokens["refresh_token"])).status_code == 401
        assert (await sign_in(api, email)).status_code == 200

    async def test_of_who_holds_more_is_forbidden(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        boss = members.member("boss", "owner")
        admin = members.signed("admin", "admin")
        for verb in ("disable", "enable"):
            reply = await api.post(f"/v1/users/{boss}/{verb}", headers=admin)
            assert reply.status_code == 403
        agent = members.signed("agent", "agent")
        for verb in ("disable", "enable"):
            reply = await api.post(f"/v1/users/{boss}/{verb}", headers=agent)
            assert reply.status_code == 403
        assert (await sign_in(api, boss)).status_code == 200

    async def test_of_the_last_owner_is_refused(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        reply = await api.post(f"/v1/users/{members.owner}/disable")
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["code"] == "last_owner"


class TestDelete:
    async def test_ends_the_sessions_for_good(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        tokens = await signed_in(api, email)
        assert (await api.delete(f"/v1/users/{email}")).status_code == 200
        assert (await whoami(api, tokens["access_token"])).status_code == 401
        assert (await api.post(f"/v1/users/{email}/restore")).status_code == 200
        assert (await whoami(api, tokens["access_token"])).status_code == 401
        assert (await renewed(api, tokens["refresh_token"])).status_code == 401


class TestAddress:
    """An address that changes: it is where a lost password is reset."""

    async def test_of_ones_own_ends_the_other_sessions(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann", "admin")
        other, mine = await signed_in(api, ann), await signed_in(api, ann)
        reply = await api.patch(
            f"/v1/users/{ann}",
            json={"email": "new@cerebro.test"},
            headers=bearer(mine["access_token"]),
        )
        assert reply.status_code == 200, reply.text
        assert (await whoami(api, mine["access_token"])).status_code == 200
        assert (await whoami(api, other["access_token"])).status_code == 401
        assert members.rows("select ended_because from sessions where ended_at is not null") == [
            ("email",)
        ]
        assert [subject for subject, _ in members.mails(ann)] == [
            "Your address for signing in to Cerebro was changed"
        ]
        assert (await sign_in(api, ann)).status_code == 401
        assert (await sign_in(api, "new@cerebro.test")).status_code == 200

    async def test_of_ones_own_needs_a_fresh_session(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann", "admin")
        tokens = await signed_in(api, ann)
        user_id = UUID(str(members.value("select user_id from sessions")))
        members.connection.execute("update sessions set created_at = now() - interval '16 minutes'")
        for token in (tokens["access_token"], members.key("*", user=user_id)):
            reply = await api.patch(
                f"/v1/users/{ann}", json={"email": "new@cerebro.test"}, headers=bearer(token)
            )
            assert (reply.status_code, reply.json()["code"]) == (403, "fresh_sign_in_needed")
        assert members.value("select count(*) from users where email = %s", ann) == 1
        named = await api.patch(
            f"/v1/users/{ann}", json={"name": "Ann"}, headers=bearer(tokens["access_token"])
        )
        assert named.status_code == 200

    async def test_of_another_ends_their_sessions(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann")
        tokens = await signed_in(api, ann)
        await api.patch(f"/v1/users/{ann}", json={"email": "new@cerebro.test"})
        assert (await whoami(api, tokens["access_token"])).status_code == 401

    async def test_of_an_owner_without_password_needs_nothing_but_their_key(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        reply = await api.patch(f"/v1/users/{members.owner}", json={"email": "me@cerebro.test"})
        assert reply.status_code == 200


class TestRoles:
    async def test_that_change_count_from_the_next_request(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        ann = members.member("ann", "manager")
        mine = bearer((await signed_in(api, ann))["access_token"])
        made = await api.post("/v1/companies", json={"name": "Acme"}, headers=mine)
        assert made.status_code == 201
        await api.patch(f"/v1/users/{ann}", json={"roles": ["read_only"]})
        made = await api.post("/v1/companies", json={"name": "Other"}, headers=mine)
        assert made.status_code == 403


async def test_a_reset_ends_them_all(api: httpx.AsyncClient, members: Members) -> None:
    ann = members.member("ann")
    tokens = [await signed_in(api, ann) for _ in range(3)]
    await redeemed(api, members, ann, OTHER)
    for each in tokens:
        assert (await whoami(api, each["access_token"])).status_code == 401
    assert members.value("select count(*) from sessions where ended_at is null") == 0
