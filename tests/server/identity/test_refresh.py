"""Refresh tokens: each good once, its successor given again for a moment, and theft found out."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from cerebro_server.components.identity.service import refresh_tokens, sessions
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import PASSWORD, Members, renewed, signed_in, whoami


def later(members: Members, seconds: int = sessions.GRACE_SECONDS + 1) -> None:
    """Let the grace of every session pass."""
    members.connection.execute(
        "update sessions set rotated_at = rotated_at - make_interval(secs => %s)", (seconds,)
    )


async def turned(api: httpx.AsyncClient, token: str) -> dict[str, Any]:
    reply = await renewed(api, token)
    assert reply.status_code == 200, reply.text
    tokens: dict[str, Any] = reply.json()
    return tokens


class TestRefresh:
    async def test_brings_tokens_that_work_and_the_next_one(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await signed_in(api, members.member("ann"))
        second = await turned(api, first["refresh_token"])
        third = await turned(api, second["refresh_token"])
        texts = {tokens["refresh_token"] for tokens in (first, second, third)}
        assert len(texts) == 3
        assert (await whoami(api, third["access_token"])).status_code == 200
        assert members.value("select count(*) from sessions") == 1
        assert members.value("select counter from sessions") == 3

    async def test_keeps_a_session_that_is_used(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await signed_in(api, members.member("ann"))
        members.connection.execute("update sessions set expires_at = now() + interval '1 hour'")
        await turned(api, first["refresh_token"])
        assert members.value("select expires_at > now() + interval '29 days' from sessions")

    async def test_leaves_no_row_in_the_journal(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await signed_in(api, members.member("ann"))
        await turned(api, first["refresh_token"])
        assert members.value("select count(*) from changes where record_type = 'sessions'") == 1

    async def test_of_twenty_at_once_has_one_successor(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await signed_in(api, members.member("ann"))
        replies = await asyncio.gather(*(renewed(api, first["refresh_token"]) for _ in range(20)))
        assert {reply.status_code for reply in replies} == {200}
        assert len({reply.json()["refresh_token"] for reply in replies}) == 1
        assert members.value("select counter from sessions") == 2
        assert members.value("select ended_at from sessions") is None

    async def test_gives_a_lost_reply_again(self, api: httpx.AsyncClient, members: Members) -> None:
        first = await signed_in(api, members.member("ann"))
        second = await turned(api, first["refresh_token"])
        again = await turned(api, first["refresh_token"])
        assert again["refresh_token"] == second["refresh_token"]
        await turned(api, again["refresh_token"])


class TestReuse:
    async def test_after_the_grace_ends_the_session(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            first = await signed_in(api, members.member("ann"))
            second = await turned(api, first["refresh_token"])
            later(members)
            await self._ends(api, members, first["refresh_token"], second)

    async def test_of_one_before_the_last_ends_the_session(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            first = await signed_in(api, members.member("ann"))
            second = await turned(api, first["refresh_token"])
            third = await turned(api, second["refresh_token"])
            await self._ends(api, members, first["refresh_token"], third)

    async def _ends(
        self, api: httpx.AsyncClient, members: Members, spent: str, newest: dict[str, Any]
    ) -> None:
        reply = await renewed(api, spent)
        assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")
        assert members.value("select ended_because from sessions") == "reuse"
        assert (await renewed(api, newest["refresh_token"])).status_code == 401
        assert (await whoami(api, newest["access_token"])).status_code == 401

    async def test_is_journaled_logged_and_told(
        self, api: httpx.AsyncClient, members: Members, caplog: pytest.LogCaptureFixture
    ) -> None:
        email = members.member("ann")
        first = await signed_in(api, email)
        await turned(api, first["refresh_token"])
        later(members)
        reply = await renewed(api, first["refresh_token"])
        [(actor, request, diff)] = members.rows(
            "select actor, request_id, diff from changes "
            "where record_type = 'sessions' and action = 'updated'"
        )
        assert (actor, request) == ("system", reply.headers["x-request-id"])
        assert isinstance(diff, dict)
        assert diff["ended_because"] == [None, "reuse"]
        [subject] = [subject for subject, _ in members.mails(email)]
        assert subject == "A session of yours on Cerebro was ended"
        warned = [r for r in caplog.records if "refresh_token_reused" in r.getMessage()]
        assert [record.levelname for record in warned] == ["WARNING"]
        assert first["refresh_token"] not in caplog.text

    async def test_ends_one_session_and_no_other(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        stolen, other = await signed_in(api, email), await signed_in(api, email)
        await turned(api, stolen["refresh_token"])
        later(members)
        await renewed(api, stolen["refresh_token"])
        await turned(api, other["refresh_token"])

    async def test_is_told_once(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann")
        first = await signed_in(api, email)
        await turned(api, first["refresh_token"])
        later(members)
        replies = await asyncio.gather(*(renewed(api, first["refresh_token"]) for _ in range(5)))
        assert {reply.status_code for reply in replies} == {401}
        assert len(members.mails(email)) == 1


class TestRefusal:
    async def test_says_the_same_for_every_reason(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = {}
        for name in ("expired", "disabled", "gone", "forged", "future"):
            tokens[name] = (await signed_in(api, members.member(name)))["refresh_token"]
        for name, change in (
            ("expired", "expires_at = now()"),
            ("gone", "ended_at = now(), ended_because = 'ended'"),
        ):
            members.connection.execute(
                f"update sessions set {change} where user_id = "
                "(select id from users where email = %s)",
                (f"{name}@cerebro.test",),
            )
        members.connection.execute(
            "update users set disabled_at = now() where email = 'disabled@cerebro.test'"
        )
        tokens["forged"] = tokens["forged"][:-1] + ("0" if tokens["forged"][-1] != "0" else "1")
        tokens["future"] = re.sub(r"_1_", "_2_", tokens["future"])
        tokens["workspace"] = tokens["future"].replace("_main_", "_other_")
        tokens["nothing"] = "x"
        tokens["digits"] = "cbr_rt_main_" + "٠" * 32 + "_1_" + "0" * 64
        replies = [await renewed(api, token) for token in tokens.values()]
        assert {reply.status_code for reply in replies} == {401}
        bodies = {str({**reply.json(), "request_id": ""}) for reply in replies}
        assert len(bodies) == 1

    async def test_of_a_forged_one_leaves_the_session_alone(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        first = await signed_in(api, members.member("ann"))
        await turned(api, first["refresh_token"])
        later(members)
        forged = first["refresh_token"][:-4] + "0000"
        assert (await renewed(api, forged)).status_code == 401
        assert members.value("select ended_at from sessions") is None

    async def test_of_a_sessions_token_with_another_sessions_id(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        mine = refresh_tokens.parse((await signed_in(api, members.member("eve")))["refresh_token"])
        assert mine is not None
        await signed_in(api, members.member("ann"))
        hers = members.value(
            "select s.id from sessions s join users u on u.id = s.user_id "
            "where u.email = 'ann@cerebro.test'"
        )
        text = f"cbr_rt_main_{str(hers).replace('-', '')}_1_{mine.mac}"
        assert (await renewed(api, text)).status_code == 401


class TestKept:
    async def test_no_part_of_a_token_is_stored(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = await signed_in(api, members.member("ann"))
        macs = [tokens["refresh_token"][-64:]]
        macs.append((await turned(api, tokens["refresh_token"]))["refresh_token"][-64:])
        for table in ("sessions", "changes", "users"):
            whole = str(members.value(f"select string_agg(t::text, '') from {table} t"))
            assert not any(mac[:16] in whole for mac in macs)

    async def test_the_seed_leaves_by_no_door(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        await signed_in(api, members.member("ann"))
        seed = bytes(members.value("select seed from sessions"))  # type: ignore[call-overload]
        page = await api.get("/v1/sessions")
        assert page.status_code == 200
        assert "seed" not in page.json()["items"][0]
        assert seed.hex() not in page.text
        assert (await api.get("/v1/sessions", params={"where": "seed = 1"})).status_code == 422


async def test_a_client_that_is_not_plain_text_is_made_so(
    api: httpx.AsyncClient, members: Members
) -> None:
    body = {"email": members.member("ann"), "password": PASSWORD}
    headers = [(b"user-agent", b"\x9b31m" + b"x" * 500)]
    assert (await api.post("/v1/auth/login", json=body, headers=headers)).status_code == 200
    client = str(members.value("select client from sessions"))
    assert client.isprintable()
    assert len(client) == 200
