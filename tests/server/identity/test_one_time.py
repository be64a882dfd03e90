"""Invitations and lost passwords: links that work once, for a while, for the right person."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.fixtures.people import bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import (
    OTHER,
    PASSWORD,
    Members,
    renewed,
    sign_in,
    signed_in,
    whoami,
)


async def ask(api: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    return await api.post(
        "/v1/auth/password-reset",
        json={"email": email},
        headers={"Authorization": "", **headers},
    )


async def redeem(api: httpx.AsyncClient, token: str, password: str = OTHER) -> httpx.Response:
    body = {"token": token, "password": password}
    return await api.post("/v1/auth/redeem", json=body, headers={"Authorization": ""})


async def invite(api: httpx.AsyncClient, email: str) -> httpx.Response:
    return await api.post(f"/v1/users/{email}/invite")


async def reset_token(api: httpx.AsyncClient, members: Members, name: str = "ann") -> str:
    email = members.member(name)
    assert (await ask(api, email)).status_code == 202
    return members.token(email)


class TestInvite:
    async def test_lets_a_new_user_choose_a_password_and_sign_in(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        made = await api.post("/v1/users", json={"name": "Ann", "email": "ann@cerebro.test"})
        assert made.status_code == 201
        assert (await sign_in(api, "ann@cerebro.test", "")).status_code == 401
        sent = await invite(api, "ann@cerebro.test")
        assert (sent.status_code, sent.json()["email"]) == (200, "ann@cerebro.test")
        [(subject, body)] = members.mails("ann@cerebro.test")
        assert subject == "Your invitation to main on Cerebro"
        assert "Owner invites you, Ann," in body
        assert (await redeem(api, members.token("ann@cerebro.test"))).status_code == 200
        assert (await sign_in(api, "ann@cerebro.test", OTHER)).status_code == 200

    async def test_is_good_for_three_days(self, api: httpx.AsyncClient, members: Members) -> None:
        await invite(api, members.member("ann", password=None))
        assert members.value("select expires_at - created_at = '72 hours' from one_time_tokens")

    async def test_replaces_the_one_before(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann", password=None)
        await invite(api, email)
        old = members.token(email)
        await invite(api, email)
        assert (await redeem(api, old)).status_code == 422
        assert (await redeem(api, members.token(email))).status_code == 200

    async def test_is_not_for_who_has_a_password(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        reply = await invite(api, members.member("ann"))
        assert (reply.status_code, reply.json()["code"]) == (409, "already_joined")

    async def test_is_not_for_who_is_disabled(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann", password=None)
        await api.post(f"/v1/users/{email}/disable")
        assert (await invite(api, email)).status_code == 409
        assert members.mails(email) == []

    async def test_needs_the_permission_and_no_less_than_the_user_holds(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        members.user("boss", "owner")
        members.user("new", "agent")
        agent, admin = members.signed("agent", "agent"), members.signed("admin", "admin")
        statuses = [
            (await api.post(f"/v1/users/{name}@cerebro.test/invite", headers=who)).status_code
            for name, who in (("new", agent), ("boss", admin), ("new", admin))
        ]
        assert statuses == [403, 403, 200]
        assert members.mails("boss@cerebro.test") == []


class TestReset:
    async def test_sets_a_password_and_ends_every_session(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            email = members.member("ann")
            tokens = await signed_in(api, email)
            await ask(api, email)
            assert (await redeem(api, members.token(email))).status_code == 200
            assert (await whoami(api, tokens["access_token"])).status_code == 401
            assert (await renewed(api, tokens["refresh_token"])).status_code == 401
            assert (await sign_in(api, email)).status_code == 401
            assert (await sign_in(api, email, OTHER)).status_code == 200
            assert members.mails(email)[-1][0] == "Your password for Cerebro was changed"

    async def test_says_the_same_whoever_asks(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        for name in ("ann", "disabled", "deleted"):
            members.member(name)
        for name in ("disabled", "deleted"):
            members.connection.execute(
                f"update users set {name}_at = now() where email = '{name}@cerebro.test'"
            )
        names = ("ann", "disabled", "deleted", "nobody", "\0", "x'; --")
        replies = [await ask(api, f"{name}@cerebro.test") for name in names]
        assert {(reply.status_code, reply.text) for reply in replies} == {
            (202, replies[0].text),
        }
        assert members.rows("select distinct recipient from outgoing_mail") == [
            ("ann@cerebro.test",)
        ]

    async def test_is_good_for_an_hour(self, api: httpx.AsyncClient, members: Members) -> None:
        await reset_token(api, members)
        assert members.value("select expires_at - created_at = '1 hour' from one_time_tokens")

    async def test_floods_nobodys_mailbox(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann")
        for _ in range(6):
            assert (await ask(api, email)).status_code == 202
        assert len(members.mails(email)) == 3

    async def test_of_many_at_once_floods_no_mailbox_either(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        await asyncio.gather(*(ask(api, email) for _ in range(8)))
        assert len(members.mails(email)) == 3

    async def test_leaves_an_invitation_alone(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann", password=None)
        await invite(api, email)
        invitation = members.token(email)
        await ask(api, email)
        assert (await redeem(api, invitation)).status_code == 200


class TestLink:
    async def test_never_follows_what_a_request_says_of_the_host(
        self, installation: Installation, members: Members
    ) -> None:
        ours = "https://crm.example.com"
        async with serving(installation, public_url=ours) as api:
            evil = {
                "Host": "evil.example",
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Proto": "http",
                "X-Original-Host": "evil.example",
                "Forwarded": "host=evil.example;proto=http",
                "Origin": "https://evil.example",
                "Referer": "https://evil.example/",
            }
            email = members.member("ann")
            await ask(api, email, **evil)
            new = members.member("new", password=None)
            await api.post(f"/v1/users/{new}/invite", headers=evil)
        for address in (email, new):
            [(_, body)] = members.mails(address)
            assert "evil" not in body
            assert set(re.findall(r"https?://[^/\s]+", body)) == {ours}

    async def test_keeps_the_token_where_no_server_sees_it(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        [(_, body)] = members.mails("ann@cerebro.test")
        assert f"http://127.0.0.1:8080/set-password#token={token}\n" in body


class TestRedeem:
    async def test_works_once(self, api: httpx.AsyncClient, members: Members) -> None:
        token = await reset_token(api, members)
        assert (await redeem(api, token)).status_code == 200
        again = await redeem(api, token, "yet another odd sentence")
        assert (again.status_code, again.json()["code"]) == (422, "token_not_valid")
        assert (await sign_in(api, "ann@cerebro.test", OTHER)).status_code == 200

    async def test_works_once_of_many_at_the_same_time(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        replies = await asyncio.gather(*(redeem(api, token) for _ in range(8)))
        assert sorted(reply.status_code for reply in replies) == [200] + [422] * 7
        assert members.value("select count(*) from one_time_tokens where used_at is not null") == 1

    async def test_a_weak_password_leaves_the_token_as_it_is(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        reply = await redeem(api, token, "ann@cerebro.test 1")
        assert reply.json()["errors"][0]["code"] == "password_too_weak"
        assert reply.json()["errors"][0]["pointer"] == "/password"
        assert (await redeem(api, token)).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            "update one_time_tokens set expires_at = now()",
            "update users set email = 'ann.new@cerebro.test'",
            "update users set password_changed_at = now()",
            "update users set disabled_at = now()",
            "update users set deleted_at = now()",
            "update one_time_tokens set used_at = now()",
        ],
    )
    async def test_is_over_after(
        self, api: httpx.AsyncClient, members: Members, change: str
    ) -> None:
        token = await reset_token(api, members)
        where = " where email = 'ann@cerebro.test'" if "update users" in change else ""
        members.connection.execute(change + where)
        reply = await redeem(api, token)
        assert (reply.status_code, reply.json()["code"]) == (422, "token_not_valid")

    async def test_is_over_after_the_address_was_changed_through_the_api(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        moved = await api.patch("/v1/users/ann@cerebro.test", json={"email": "eve@cerebro.test"})
        assert moved.status_code == 200
        assert (await redeem(api, token)).status_code == 422

    async def test_is_over_after_another_one_was_used(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await reset_token(api, members)
        await ask(api, "ann@cerebro.test")
        assert (await redeem(api, members.token("ann@cerebro.test"))).status_code == 200
        assert (await redeem(api, first)).status_code == 422

    async def test_refuses_everything_that_is_no_token_alike(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        key = members.key("*")
        wrong = [
            *("", "x", "\0", token[:-1], token + "0", token.upper()),
            *(token.replace("_main_", "_other_"), token.replace("cbr_ot_", "cbr_")),
            *(key, key.replace("cbr_", "cbr_ot_"), "cbr_ot_" * 40),
        ]
        replies = [await redeem(api, text) for text in wrong]
        bodies = {str({**reply.json(), "request_id": ""}) for reply in replies}
        assert len(bodies) == 1
        assert {reply.status_code for reply in replies} == {422}

    async def test_signs_no_request(self, api: httpx.AsyncClient, members: Members) -> None:
        token = await reset_token(api, members)
        assert (await whoami(api, token)).status_code == 401

    async def test_is_journaled_in_the_users_name(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        token = await reset_token(api, members)
        reply = await redeem(api, token)
        [(actor, request)] = members.rows(
            "select actor, request_id from changes "
            "where record_type = 'users' and action = 'updated'"
        )
        user_id = members.value("select id from users where email = 'ann@cerebro.test'")
        assert (actor, request) == (f"user:{user_id}", reply.headers["x-request-id"])


class TestKept:
    async def test_is_a_hash_and_never_the_token(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        secret = (await reset_token(api, members)).rpartition("_")[2]
        for table in ("one_time_tokens", "changes", "users"):
            whole = str(members.value(f"select string_agg(t::text, '') from {table} t"))
            assert secret[:16] not in whole
        assert members.value("select length(secret_hash) from one_time_tokens") == 32

    async def test_messages_are_read_by_no_workspace(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        role = members.value("select role_name from public.workspaces")
        rights = members.rows(
            "select privilege_type from information_schema.table_privileges "
            "where table_name = 'outgoing_mail' and grantee = %s",
            role,
        )
        assert rights == [("INSERT",)]

    async def test_a_name_steers_no_header(self, api: httpx.AsyncClient, members: Members) -> None:
        members.connection.execute(
            "insert into users (id, name, email, roles, teams) values "
            "(gen_random_uuid(), E'Ann\\r\\nBcc: all@evil.example', 'ann@cerebro.test', '{}', '{}')"
        )
        await invite(api, "ann@cerebro.test")
        for recipient, subject in members.rows("select recipient, subject from outgoing_mail"):
            assert str(recipient).isprintable()
            assert str(subject).isprintable()


async def test_a_key_of_a_user_without_password_still_works(
    api: httpx.AsyncClient, members: Members
) -> None:
    key = members.key("*", user=members.user("ann", "agent"))
    assert (await api.get("/v1/companies", headers=bearer(key))).status_code == 200
    assert (await sign_in(api, "ann@cerebro.test", PASSWORD)).status_code == 401
