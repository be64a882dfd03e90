"""Passwords: which ones will do, how they are kept, and how they are changed."""

from __future__ import annotations

import asyncio
import unicodedata

import httpx
import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from cerebro_server.components.identity.service import passwords
from cerebro_server.components.identity.service.passwords import LONGEST, Person
from cerebro_server.kernel.errors import ValidationFailed
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

ANN = Person("ann.quill@acme.example", "Ann Quillfeather", "harbour")
LONG = "violet otter sings at noon; seven lanterns drift northward; " * 3


def code_of(password: str) -> str | None:
    wrong = passwords.wrong_with(password, ANN)
    return wrong[0] if wrong else None


def common() -> list[str]:
    """The most common passwords of breaches that are long enough, most common first."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 12][:3000]


class TestRules:
    @pytest.mark.parametrize(
        "password",
        [
            "violet otter sings at noon",
            "kM9#vQ2x!pLz",
            "crêpe suzette à l'orange",
            "紫色のカワウソが正午に歌う",
            "🦦 sings at noon, violet",
            "onlysmalllettersoddlyplacedwombats",
            "   spaces before and otters after   ",
            LONG[:LONGEST],
        ],
    )
    def test_take_anything_long_and_hard_to_guess(self, password: str) -> None:
        assert code_of(password) is None

    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("", "password_too_short"),
            ("kM9#vQ2x!pL", "password_too_short"),
            ("🦦" * 11, "password_too_short"),
            (LONG[: LONGEST + 1], "password_too_long"),
            ("passwordpassword", "password_too_weak"),
            ("Password1234!", "password_too_weak"),
            ("p@ssw0rd!2024", "password_too_weak"),
            ("qwertyuiop[]", "password_too_weak"),
            ("123456789012", "password_too_weak"),
            ("abcdefghijkl", "password_too_weak"),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", "password_too_weak"),
            ("password" * 16, "password_too_weak"),
            ("            ", "password_too_weak"),
            ("cerebrocerebro", "password_too_weak"),
            ("ann.quill@acme.example", "password_too_weak"),
            ("violet ANN.QUILL otter", "password_too_weak"),
            ("violetquillfeatherotter", "password_too_weak"),
            ("AnnQuillfeather-otter", "password_too_weak"),
            ("violet-harbour-otter", "password_too_weak"),
            ("HARBOUR violet otter", "password_too_weak"),
        ],
    )
    def test_refuse(self, password: str, code: str) -> None:
        assert code_of(password) == code

    def test_refuse_what_breaches_are_full_of(self) -> None:
        found = [word for word in common() if code_of(word) is None]
        assert len(common()) > 200
        assert found == []

    def test_count_characters_as_people_see_them(self) -> None:
        decomposed = unicodedata.normalize("NFD", "é" * 11)
        assert len(decomposed) == 22
        assert code_of(decomposed) == "password_too_short"

    def test_let_a_workspace_stand_inside_of_words(self) -> None:
        person = ANN._replace(workspace="main")
        assert passwords.wrong_with("remaining violet otters", person) is None
        assert passwords.wrong_with("main violet otters", person) is not None

    async def test_say_where_and_what_to_do(self) -> None:
        with pytest.raises(ValidationFailed) as refused:
            await passwords.check("short", field="new", person=ANN)
        [error] = refused.value.errors
        assert error["pointer"] == "/new"
        assert error["detail"] == "Use 12 characters or more; 5 are too few."


class TestKept:
    def test_as_argon2id_with_a_salt_of_its_own(self) -> None:
        one, other = passwords.hash_now(PASSWORD), passwords.hash_now(PASSWORD)
        assert one != other
        found = extract_parameters(one)
        assert found.type is Type.ID
        assert (found.memory_cost, found.time_cost, found.parallelism) == (19_456, 2, 1)
        assert (found.salt_len, found.hash_len) == (16, 32)

    async def test_by_two_at_once_in_any_loop(self) -> None:
        hashes = await asyncio.gather(*(passwords.hash_of(PASSWORD) for _ in range(5)))
        assert len(set(hashes)) == 5
        assert passwords._pool._max_workers == 2

    @pytest.mark.parametrize("stored", ["", "x", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$eA$eA"])
    async def test_and_a_broken_hash_lets_nobody_in(self, stored: str) -> None:
        assert not await passwords.verify(stored, PASSWORD)

    async def test_with_characters_that_no_encoding_has(self) -> None:
        odd = "\ud800 violet otter \0 sings"
        assert await passwords.verify(await passwords.hash_of(odd), odd)

    async def test_in_a_table_that_no_operation_shows(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        members.member("ann")
        stored = str(members.value("select hash from passwords"))
        for path in ("users", "changes", "sessions"):
            assert stored[-20:] not in (await api.get(f"/v1/{path}")).text
        assert stored[-20:] not in str(members.rows("select * from changes"))


class TestChange:
    async def change(
        self, api: httpx.AsyncClient, token: str, current: str, new: str
    ) -> httpx.Response:
        body = {"current": current, "new": new}
        return await api.post("/v1/auth/password", json=body, headers=bearer(token))

    async def test_ends_the_other_sessions_and_keeps_this_one(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            email = members.member("ann")
            mine, other = await signed_in(api, email), await signed_in(api, email)
            done = await self.change(api, mine["access_token"], PASSWORD, OTHER)
            assert done.status_code == 200, done.text
            assert (await whoami(api, mine["access_token"])).status_code == 200
            assert (await renewed(api, mine["refresh_token"])).status_code == 200
            assert (await whoami(api, other["access_token"])).status_code == 401
            assert (await renewed(api, other["refresh_token"])).status_code == 401
            assert (await sign_in(api, email)).status_code == 401
            assert (await sign_in(api, email, OTHER)).status_code == 200
            reasons = members.rows("select ended_because from sessions where ended_at is not null")
            assert reasons == [("password",)]

    async def test_is_journaled_and_told(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann")
        tokens = await signed_in(api, email)
        await self.change(api, tokens["access_token"], PASSWORD, OTHER)
        [(actor, diff)] = members.rows(
            "select actor, diff from changes where record_type = 'users' and action = 'updated'"
        )
        user_id = members.value("select id from users where email = %s", email)
        assert actor == f"user:{user_id}"
        assert isinstance(diff, dict)
        assert list(diff) == ["password_changed_at"]
        assert [subject for subject, _ in members.mails(email)] == [
            "Your password for Cerebro was changed"
        ]

    async def test_needs_the_current_one(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann")
        tokens = await signed_in(api, email)
        reply = await self.change(api, tokens["access_token"], OTHER, OTHER)
        assert (reply.status_code, reply.json()["code"]) == (422, "wrong_password")
        assert reply.json()["errors"][0]["pointer"] == "/current"
        assert (await sign_in(api, email)).status_code == 200

    async def test_lets_nobody_guess_the_current_one(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        tokens = await signed_in(api, email)
        replies = [
            await self.change(api, tokens["access_token"], f"guess {n}", OTHER) for n in range(6)
        ]
        assert [reply.status_code for reply in replies] == [422] * 5 + [429]
        assert (await self.change(api, tokens["access_token"], PASSWORD, OTHER)).status_code == 429

    @pytest.mark.parametrize(
        ("new", "code"),
        [("short", "password_too_short"), ("ann@cerebro.test", "password_too_weak")],
    )
    async def test_holds_the_new_one_to_the_rules(
        self, api: httpx.AsyncClient, members: Members, new: str, code: str
    ) -> None:
        tokens = await signed_in(api, members.member("ann"))
        reply = await self.change(api, tokens["access_token"], PASSWORD, new)
        assert reply.status_code == 422
        [error] = reply.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/new", code)

    async def test_is_not_for_keys(self, api: httpx.AsyncClient) -> None:
        body = {"current": PASSWORD, "new": OTHER}
        assert (await api.post("/v1/auth/password", json=body)).status_code == 403
