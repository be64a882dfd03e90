"""Signing in: who gets in, what everybody else is told, and what is left behind."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cerebro_server.components.identity.service import auth, passwords
from tests.fixtures.people import bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import (
    OTHER,
    PASSWORD,
    Members,
    sign_in,
    signed_in,
    whoami,
)


@pytest.fixture
def second(installation: Installation, members: Members) -> str:
    """Another workspace as far as signing in can tell: its users live in a schema of their own."""
    members.connection.execute(
        """
        create schema ws_second;
        create table ws_second.users (like ws_main.users including all);
        create table ws_second.roles (like ws_main.roles including all);
        create table ws_second.teams (like ws_main.teams including all);
        create table ws_second.passwords (like ws_main.passwords including all);
        create table ws_second.fields (like ws_main.fields including all);
        create table ws_second.sessions (like ws_main.sessions including all);
        insert into public.workspaces
            select 'second', 'ws_second', role_name, revision, derived from public.workspaces;
        """
    )
    role = members.value("select role_name from public.workspaces where slug = 'main'")
    members.connection.execute(
        f"grant usage on schema ws_second to {role};"
        f"grant all on all tables in schema ws_second to {role}"
    )
    return "second"


def also_in_second(members: Members, name: str, password: str) -> None:
    members.connection.execute(
        "insert into ws_second.users (id, name, email, roles, teams) "
        "select id, name, email, roles, teams from ws_main.users where email = %s",
        (f"{name}@cerebro.test",),
    )
    members.connection.execute(
        "insert into ws_second.passwords select id, %s from ws_second.users where email = %s",
        (passwords.hash_now(password), f"{name}@cerebro.test"),
    )
    members.connection.execute(
        "insert into public.logins select email, 'second', id from ws_second.users "
        "on conflict do nothing"
    )


class TestLogin:
    async def test_gives_tokens_that_work(self, api: httpx.AsyncClient, members: Members) -> None:
        email = members.member("ann", "manager")
        tokens = await signed_in(api, email)
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
        assert (tokens["refresh_expires_in"], tokens["workspace"]) == (30 * 86_400, "main")
        me = (await whoami(api, tokens["access_token"])).json()
        assert (me["type"], me["email"], me["roles"], me["key"]) == (
            *("user", email),
            *(["manager"], None),
        )
        assert "companies:delete:team" in me["permissions"]
        found = await api.get("/v1/companies", headers=bearer(tokens["access_token"]))
        assert found.status_code == 200

    @pytest.mark.parametrize("typed", ["ANN@cerebro.test", "  ann@Cerebro.TEST "])
    async def test_finds_the_address_however_it_is_typed(
        self, api: httpx.AsyncClient, members: Members, typed: str
    ) -> None:
        members.member("ann")
        assert (await sign_in(api, typed)).status_code == 200

    async def test_takes_letters_in_either_normal_form(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann", password="cr\u00eape su\u0301zette flamb\u00e9e")
        reply = await sign_in(api, email, "cre\u0302pe s\u00fazette flambe\u0301e")
        assert reply.status_code == 200

    async def test_is_journaled_in_the_users_name(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        reply = await api.post(
            "/v1/auth/login",
            json={"email": email, "password": PASSWORD},
            headers={"Authorization": "", "User-Agent": "a test/1.0"},
        )
        [(action, actor, request, diff)] = members.rows(
            "select action, actor, request_id, diff from changes where record_type = 'sessions'"
        )
        user_id = members.value("select id from users where email = %s", email)
        assert (action, actor) == ("created", f"user:{user_id}")
        assert request == reply.headers["x-request-id"]
        assert isinstance(diff, dict)
        assert diff["client"] == [None, "a test/1.0"]
        assert diff["address"] == [None, "127.0.0.1"]
        assert "seed" not in diff

    async def test_what_the_user_does_is_journaled_in_their_name(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = await signed_in(api, members.member("ann"))
        made = await api.post(
            "/v1/companies", json={"name": "Acme"}, headers=bearer(tokens["access_token"])
        )
        assert made.status_code == 201
        actor = members.value("select actor from changes where record_type = 'companies'")
        assert actor == f"user:{made.json()['owner_id']}"

    async def test_renews_a_hash_of_old_parameters(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        from argon2 import PasswordHasher

        email = members.member("ann")
        old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        members.connection.execute("update passwords set hash = %s", (old,))
        await signed_in(api, email)
        new = str(members.value("select hash from passwords"))
        assert new.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        await signed_in(api, email)
        assert members.value("select hash from passwords") == new, "renewed once"


class TestRefusal:
    """Unknown, wrong, disabled, without password: nobody can tell them apart."""

    async def test_says_the_same_for_every_reason(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        for name in ("wrong", "disabled", "deleted"):
            members.member(name)
        members.member("without", password=None)
        members.connection.execute(
            "update users set disabled_at = now() where email like 'disabled@%'"
        )
        members.connection.execute(
            "update users set deleted_at = now() where email like 'deleted@%'"
        )
        replies = [
            await sign_in(api, f"{name}@cerebro.test", OTHER if name == "wrong" else PASSWORD)
            for name in ("nobody", "wrong", "disabled", "deleted", "without")
        ]
        seen = {(reply.status_code, _body(reply), _headers(reply)) for reply in replies}
        assert len(seen) == 1, seen
        assert replies[0].status_code == 401
        assert replies[0].json()["code"] == "sign_in_failed"

    async def test_verifies_as_many_passwords_for_every_reason(
        self,
        api: httpx.AsyncClient,
        members: Members,
        second: str,
        verified: list[str],
    ) -> None:
        members.member("both")
        also_in_second(members, "both", PASSWORD)
        members.member("wrong")
        members.member("without", password=None)
        counts = []
        for name in ("nobody", "wrong", "without", "both"):
            verified.clear()
            await sign_in(api, f"{name}@cerebro.test", OTHER)
            counts.append(len(verified))
        assert counts == [2, 2, 2, 2], "as many as anybody's address has workspaces"
        verified.clear()
        await sign_in(api, "nobody@cerebro.test", OTHER, workspace="second")
        await sign_in(api, "both@cerebro.test", OTHER, workspace="second")
        assert len(verified) == 2

    async def test_verifies_a_hash_of_todays_cost_for_nobody(self) -> None:
        assert not passwords.is_outdated(passwords._DUMMY)
        assert not await passwords.verify(None, PASSWORD)

    async def test_of_odd_texts_is_no_defect(self, api: httpx.AsyncClient) -> None:
        for email in ("\0", "a\0b@x.test", "'; drop table users; --", "x" * 320, "İ@Σ.test"):
            reply = await sign_in(api, email, "\0")
            assert reply.status_code == 401, email
        reply = await sign_in(api, "a@x.test", "x", workspace="\0")
        assert reply.status_code == 401
        reply = await sign_in(api, "a@x.test", "x" * 1025)
        assert reply.status_code == 422

    async def test_writes_no_secret_into_the_log(
        self, api: httpx.AsyncClient, members: Members, caplog: pytest.LogCaptureFixture
    ) -> None:
        email = members.member("ann")
        await sign_in(api, email, OTHER)
        tokens = await signed_in(api, email)
        written = caplog.text
        assert "sign_in_failed" in written
        assert "signed_in" in written
        for secret in (PASSWORD, OTHER, tokens["access_token"], tokens["refresh_token"], email):
            assert secret not in written


class TestWorkspaces:
    async def test_one_that_the_password_fits_is_entered(
        self, api: httpx.AsyncClient, members: Members, second: str
    ) -> None:
        email = members.member("ann")
        also_in_second(members, "ann", OTHER)
        assert (await signed_in(api, email))["workspace"] == "main"
        assert (await signed_in(api, email, OTHER))["workspace"] == "second"

    async def test_several_are_named_only_to_whom_the_password_fits(
        self, api: httpx.AsyncClient, members: Members, second: str
    ) -> None:
        email = members.member("ann")
        also_in_second(members, "ann", PASSWORD)
        reply = await sign_in(api, email)
        assert reply.status_code == 409
        assert reply.json()["code"] == "workspace_needed"
        assert reply.json()["workspaces"] == ["main", "second"]
        assert "workspaces" not in (await sign_in(api, email, OTHER)).json()
        assert members.rows("select 1 from sessions") == []

    async def test_the_one_that_is_named_is_entered(
        self, api: httpx.AsyncClient, members: Members, second: str
    ) -> None:
        email = members.member("ann")
        also_in_second(members, "ann", PASSWORD)
        reply = await sign_in(api, email, workspace="second")
        assert reply.json()["workspace"] == "second"

    async def test_one_that_is_not_theirs_is_refused_like_a_wrong_password(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        replies = [await sign_in(api, email, workspace=name) for name in ("second", "public")]
        replies.append(await sign_in(api, email, OTHER))
        assert len({(reply.status_code, _body(reply)) for reply in replies}) == 1


class TestLogout:
    async def test_ends_the_session_with_its_tokens(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            tokens = await signed_in(api, members.member("ann"))
            mine = bearer(tokens["access_token"])
            assert (await api.post("/v1/auth/logout", headers=mine)).status_code == 200
            assert (await whoami(api, tokens["access_token"])).status_code == 401
            again = await api.post(
                "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
            )
            assert again.status_code == 401
            assert members.value("select ended_because from sessions") == "logout"

    async def test_is_nothing_for_a_key(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/auth/logout")
        assert (reply.status_code, reply.json()["code"]) == (422, "no_session")


class TestWhoAmI:
    async def test_tells_a_key_from_its_user(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        members.member("ann")
        user_id = members.value("select id from users where email like 'ann@%'")
        key = members.key("companies:read", user=user_id)  # type: ignore[arg-type]
        me = (await whoami(api, key)).json()
        assert (me["type"], me["name"], me["key"]) == ("key", "Ann", "test")
        assert me["permissions"] == ["companies:read"]


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that a password is verified against, counted at the library's door."""
    from argon2 import PasswordHasher

    seen: list[str] = []
    real = PasswordHasher.verify

    def counted(self: Any, stored: Any, given: Any) -> Any:
        seen.append(str(stored))
        return real(self, stored, given)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return seen


def _body(reply: httpx.Response) -> str:
    return json.dumps({**reply.json(), "request_id": ""}, sort_keys=True)


def _headers(reply: httpx.Response) -> tuple[tuple[str, str], ...]:
    passing = ("x-request-id", "ratelimit")
    return tuple(sorted((k, v) for k, v in reply.headers.items() if k not in passing))


def test_an_address_is_tried_in_a_few_workspaces_only() -> None:
    assert auth.MOST_WORKSPACES == 5
