"""A second workspace: made, cut off, refused, removed, and noticed by servers that run."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from cerebro_server import registry
from cerebro_server.components.workspace.service import workspaces
from cerebro_server.kernel.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from tests.fixtures.processes import Program, without_ours
from tests.fixtures.server import serving
from tests.fixtures.stores import SECRET, Installation, settings
from tests.server.migrations.conftest import catalog, rows
from tests.server.migrations.test_owners import owned  # noqa: F401 - a fixture

EMAIL = "ada@acme.example"
URL = "/v1/companies"
PATIENCE = 60.0
CUTS = {
    "at the start": "select 1",
    "when the schema is there": "select 1 where to_regnamespace('ws_acme') is not null",
    "when its tables are there": "select 1 where to_regclass('ws_acme.companies') is not null",
    "when it is registered": "select 1 from public.workspaces where slug = 'acme'",
}
LEFT = (
    "select slug from public.workspaces union all select workspace from public.logins "
    "union all select nspname from pg_namespace where nspname ~ '^ws_' order by 1"
)


def create(installation: Installation, slug: str = "acme") -> str:
    return registry.create_workspace(installation.settings, slug, email=EMAIL, name="Ada")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def left(installation: Installation) -> list[str]:
    return [name for (name,) in rows(installation.url, LEFT)]


def operator(installation: Installation, *arguments: str) -> Program:
    """Start `cerebro workspaces …` as a process that can be killed."""
    environment = without_ours(os.environ)
    environment |= {"CEREBRO_DATABASE_URL": installation.url, "CEREBRO_SECRET_KEY": SECRET}
    command = ("cerebro_server", "workspaces", *arguments)
    return Program(*command, env=environment, log=Path(os.devnull))


def await_in(installation: Installation, query: str, process: Program) -> None:
    """Wait until the database answers a query with a row, or the process has ended."""
    with psycopg.connect(installation.url, autocommit=True) as watcher:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if watcher.execute(query).fetchone():
                return
            time.sleep(0.001)


class TestCreate:
    async def test_makes_all_that_the_first_one_has(self, installation: Installation) -> None:
        async with serving(installation) as client:
            key = create(installation)
            assert (await client.get(URL)).status_code == 200
            assert catalog(installation.url, "ws_acme") == {
                tuple(v.replace("ws_main.", "ws_acme.") if isinstance(v, str) else v for v in row)
                for row in catalog(installation.url, "ws_main")
            }
            acme = bearer(key)
            made = await client.post(URL, json={"name": "Theirs"}, headers=acme)
            assert made.status_code == 201, made.text
            listed = await client.get(URL, headers=acme)
            assert [item["name"] for item in listed.json()["items"]] == ["Theirs"]
            assert (await client.get(f"{URL}/{made.json()['id']}")).status_code == 404
            roles = rows(installation.url, "select key, permissions from ws_acme.roles order by 1")
            assert roles == rows(installation.url, "select key, permissions from roles order by 1")
            [user] = rows(installation.url, "select name, email, roles from ws_acme.users")
            assert user == ("Ada", EMAIL, ["owner"])
            found = rows(installation.url, "select email, workspace from logins order by 2")
            assert found[0] == (EMAIL, "acme")
        assert registry.install(installation.settings).applied == []

    @pytest.mark.parametrize(
        ("slug", "kind"),
        [
            ("main", Conflict),
            *((slug, Invalid) for slug in ("app", "control", "journal", "owner")),
            *((slug, Invalid) for slug in ("", "Acme", "1st", "a-b", "a.b", "a" * 31, "ä", "_a")),
            ('a"; drop schema ws_main cascade; --', Invalid),
        ],
    )
    def test_refuses_names_that_cannot_be(
        self, installation: Installation, slug: str, kind: type[Problem]
    ) -> None:
        with pytest.raises(kind):
            create(installation, slug)
        assert left(installation) == ["main", "main", "ws_main"]

    def test_refuses_an_owner_without_a_valid_address(self, installation: Installation) -> None:
        with pytest.raises(Invalid, match="email"):
            registry.create_workspace(installation.settings, "acme", email="ada", name="Ada")
        assert left(installation) == ["main", "main", "ws_main"]

    def test_refuses_a_schema_with_data_of_others(self, installation: Installation) -> None:
        rows(installation.url, "create schema ws_acme create table precious (x int)")
        with pytest.raises(Conflict, match="holds data"):
            create(installation)
        with pytest.raises(NotFound):
            workspaces.remove(installation.settings, "acme")
        assert rows(installation.url, "select * from ws_acme.precious") == []

    def test_refuses_where_nothing_is_installed(self, empty: str) -> None:
        with pytest.raises(Unavailable, match="cerebro db upgrade"):
            create(Installation(empty, ""))

    def test_refuses_where_roles_are_impossible(
        self,
        owned: Callable[[str], str],  # noqa: F811
    ) -> None:
        url = owned("createdb")
        registry.install(settings(url))
        with pytest.raises(Conflict, match="CREATEROLE"):
            create(Installation(url, ""))
        assert [each.slug for each in workspaces.listed(settings(url))] == ["main"]

    def test_needs_no_superuser(self, owned: Callable[[str], str]) -> None:  # noqa: F811
        url = owned("createrole createdb")
        registry.install(settings(url))
        assert create(Installation(url, ""))
        workspaces.remove(settings(url), "acme")
        assert left(Installation(url, "")) == ["main", "main", "ws_main"]

    def test_twice_at_once_makes_one(self, installation: Installation) -> None:
        def attempt(_number: int) -> str | type[Problem]:
            try:
                return create(installation)
            except Problem as problem:
                return type(problem)

        with ThreadPoolExecutor(3) as pool:
            results = list(pool.map(attempt, range(3)))
        assert results.count(Conflict) == 2
        assert rows(installation.url, "select count(*) from ws_acme.users") == [(1,)]

    @pytest.mark.parametrize("cut", CUTS)
    async def test_cut_off_is_finished_by_the_next(
        self, installation: Installation, cut: str
    ) -> None:
        process = operator(installation, "create", "acme", "--owner-email", EMAIL)
        await_in(installation, CUTS[cut], process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        registry.install(installation.settings)
        try:
            key = create(installation)
        except Conflict:  # it was through; its key is lost, as when nobody looked at the terminal
            workspaces.remove(installation.settings, "acme")
            key = create(installation)
        async with serving(installation) as client:
            reply = await client.post(URL, json={"name": "Theirs"}, headers=bearer(key))
            assert reply.status_code == 201, reply.text
        workspaces.remove(installation.settings, "acme")
        assert left(installation) == ["main", "main", "ws_main"]


class TestRemove:
    def test_leaves_nothing_of_it_and_everything_of_others(
        self, installation: Installation
    ) -> None:
        before = [catalog(installation.url, schema) for schema in ("public", "ws_main")]
        users = rows(installation.url, "select * from users")
        role = "select 1 from pg_roles where rolname ~ '^cerebro_.*_of_this_test$'"
        create(installation, "of_this_test")
        assert rows(installation.url, role) == [(1,)]
        workspaces.remove(installation.settings, "of_this_test")
        assert rows(installation.url, role) == []
        assert left(installation) == ["main", "main", "ws_main"]
        assert [catalog(installation.url, schema) for schema in ("public", "ws_main")] == before
        assert rows(installation.url, "select * from users") == users

    def test_keeps_the_first(self, installation: Installation) -> None:
        with pytest.raises(Invalid, match="cerebro reset"):
            workspaces.remove(installation.settings, "main")

    @pytest.mark.parametrize("slug", ["acme", "app", "control", "", 'a"', "public"])
    def test_of_what_is_none_is_refused(self, installation: Installation, slug: str) -> None:
        with pytest.raises(NotFound):
            workspaces.remove(installation.settings, slug)

    async def test_cut_off_leaves_it_closed_and_whole(self, installation: Installation) -> None:
        key = create(installation)
        everything = catalog(installation.url, "ws_acme")
        with psycopg.connect(installation.url) as reader:
            reader.execute("select * from ws_acme.contacts")
            process = operator(installation, "remove", "acme", "--yes")
            waiting = "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'"
            await_in(installation, waiting, process)
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert catalog(installation.url, "ws_acme") == everything
        assert [each.slug for each in workspaces.listed(installation.settings)] == ["acme", "main"]
        async with serving(installation) as client:
            assert (await client.get(URL, headers=bearer(key))).status_code == 401
            assert (await client.get(URL)).status_code == 200
        with pytest.raises(Conflict):
            create(installation)
        workspaces.remove(installation.settings, "acme")
        assert left(installation) == ["main", "main", "ws_main"]

    async def test_bites_on_servers_that_run_and_remember(self, installation: Installation) -> None:
        key = create(installation)
        async with serving(installation, key_cache_seconds=1.0) as client:
            assert (await client.get(URL, headers=bearer(key))).status_code == 200
            await asyncio.to_thread(workspaces.remove, installation.settings, "acme")
            for _ in range(3):
                for reply in (
                    await client.get(URL, headers=bearer(key)),
                    await client.post(URL, json={"name": "x"}, headers=bearer(key)),
                ):
                    assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated")
                await asyncio.sleep(0.5)
            assert (await client.get(URL)).status_code == 200

    async def test_while_it_is_used_breaks_nothing(self, installation: Installation) -> None:
        key = create(installation)
        replies: list[httpx.Response] = []
        async with serving(installation) as client:

            async def use(body: dict[str, Any] | None) -> None:
                while not replies or replies[-1].status_code != 401:
                    method = "GET" if body is None else "POST"
                    reply = await client.request(method, URL, json=body, headers=bearer(key))
                    replies.append(reply)

            users = [asyncio.create_task(use(body)) for body in (None, {"name": "x"}) * 2]
            async with asyncio.timeout(PATIENCE):
                while not {200, 201} <= {reply.status_code for reply in replies}:
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(workspaces.remove, installation.settings, "acme")
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*users)
        assert left(installation) == ["main", "main", "ws_main"]
        assert {reply.status_code for reply in replies} == {200, 201, 401}

    async def test_and_made_again_is_empty_and_has_other_keys(
        self, installation: Installation
    ) -> None:
        async with serving(installation, key_cache_seconds=0.0) as client:
            old = create(installation)
            await client.post(URL, json={"name": "Old"}, headers=bearer(old))
            await asyncio.to_thread(workspaces.remove, installation.settings, "acme")
            new = await asyncio.to_thread(create, installation)
            assert (await client.get(URL, headers=bearer(old))).status_code == 401
            reply = await client.get(URL, headers=bearer(new))
            assert (reply.status_code, reply.json()["items"]) == (200, [])
            assert (await client.post(URL, json={"name": "New"}, headers=bearer(new))).is_success


def test_the_list_counts_users_and_bytes(installation: Installation) -> None:
    create(installation)
    acme, main = workspaces.listed(installation.settings)
    assert (acme.slug, acme.schema, acme.users) == ("acme", "ws_acme", 1)
    assert acme.revision == main.revision == registry.current(installation.settings)["code"]
    assert acme.created_at > main.created_at
    assert acme.size_bytes > 100_000
