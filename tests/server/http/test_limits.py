"""Rate limits: the budget, its headers, and several servers on one budget."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis import Redis

from cerebro_server.components.identity.service.keys import new_key
from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import places
from cerebro_server.embedded.binaries import find_redis
from cerebro_server.embedded.redis import RedisServer
from cerebro_server.kernel.http.limits import WINDOW_SECONDS, Limits
from tests.faults.conftest import Store
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/companies"
NOBODY = {"Authorization": f"Bearer {new_key('main')[0]}"}
A_DAY = 86_400
PATIENCE = 20.0


@asynccontextmanager
async def limited(
    installation: Installation, quota: int, *, window_seconds: int = A_DAY, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve with a budget; its window is one that does not end while a test counts."""
    server = serving(installation, rate_limit_per_minute=quota, **settings)
    chosen = server.app.state.settings
    server.app.state.limits = Limits(chosen, window_seconds=window_seconds)
    async with server as client:
        yield client


def left(reply: httpx.Response) -> int:
    """Return what the reply says is left of the budget."""
    match = re.fullmatch(r'"default";r=(\d+);t=(\d+)', reply.headers["ratelimit"])
    assert match, reply.headers["ratelimit"]
    return int(match[1])


async def until(attempt: Callable[[], Awaitable[bool]]) -> None:
    """Try again until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not await attempt():
            await asyncio.sleep(0.1)


class TestBudget:
    async def test_is_told_with_every_reply_and_then_refused(self, shared: Installation) -> None:
        async with limited(shared, 5) as client:
            for expected in (4, 3, 2, 1, 0):
                reply = await client.get(URL)
                assert (reply.status_code, left(reply)) == (200, expected)
                assert reply.headers["ratelimit-policy"] == f'"default";q=5;w={A_DAY}'
            for _ in range(3):
                reply = await client.get(URL)
                assert (reply.status_code, reply.json()["code"]) == (429, "rate_limited")
                assert reply.json()["violated-policies"] == ["default"]
                assert reply.headers["ratelimit"] == (
                    f'"default";r=0;t={reply.headers["retry-after"]}'
                )

    async def test_is_full_again_after_just_the_time_that_was_told(
        self, shared: Installation
    ) -> None:
        async with limited(shared, 3, window_seconds=2) as client:
            for _ in range(3):
                replies = [await client.get(URL) for _ in range(4)]
                while replies[-1].status_code == 200:  # a window ended among them
                    replies.append(await client.get(URL))
                seconds = int(replies[-1].headers["retry-after"])
                assert 1 <= seconds <= 2
                await asyncio.sleep(seconds)
                reply = await client.get(URL)
                assert (reply.status_code, left(reply)) == (200, 2)

    async def test_is_exact_when_all_come_at_once(self, shared: Installation) -> None:
        async with limited(shared, 20) as client:
            replies = await asyncio.gather(*(client.get(URL) for _ in range(50)))
        statuses = [reply.status_code for reply in replies]
        assert (statuses.count(200), statuses.count(429)) == (20, 30)

    async def test_counts_what_is_refused_for_other_reasons(self, shared: Installation) -> None:
        async with limited(shared, 3) as client:
            for path in (f"{URL}/of-nobody.example", f"{URL}?limit=x", f"{URL}?where=("):
                assert (await client.get(path)).status_code in (404, 422)
            assert (await client.get(URL)).status_code == 429

    async def test_refuses_before_anything_is_read_or_written(self, shared: Installation) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536

        async with limited(shared, 1) as client:
            await client.get(URL)
            reply = await client.post(URL, content=endless())
            assert reply.status_code == 429

    async def test_of_nought_is_no_limit(self, shared: Installation) -> None:
        async with limited(shared, 0) as client:
            for _ in range(5):
                reply = await client.get(URL)
                assert reply.status_code == 200
                assert not {"ratelimit", "ratelimit-policy"} & reply.headers.keys()

    async def test_of_the_default_has_windows_of_a_minute(self, reader: httpx.AsyncClient) -> None:
        assert WINDOW_SECONDS == 60
        reply = await reader.get(URL)
        assert reply.headers["ratelimit-policy"] == '"default";q=30000;w=60'
        assert left(reply) == 29_999

    async def test_stands_in_the_document_for_every_operation(
        self, reader: httpx.AsyncClient
    ) -> None:
        paths = (await reader.get("/openapi.json")).json()["paths"]
        operations = [o for path, ops in paths.items() if path.startswith("/v1/") for o in ops]
        described = [
            operation
            for path, ops in paths.items()
            if path.startswith("/v1/")
            for operation in ops.values()
            if "429" in operation["responses"]
        ]
        assert len(described) == len(operations)


class TestPrincipals:
    async def test_who_is_not_signed_in_is_an_address(self, shared: Installation) -> None:
        async with limited(shared, 3) as client:
            for expected in (2, 1, 0):
                reply = await client.get(URL, headers=NOBODY)
                assert (reply.status_code, left(reply)) == (401, expected)
            assert (await client.get(URL, headers=NOBODY)).status_code == 429
            assert (await client.get(URL, headers={"Authorization": ""})).status_code == 429
            reply = await client.get(URL)
            assert (reply.status_code, left(reply)) == (200, 2), "a key counts for itself"

    async def test_an_address_that_no_route_has_is_counted_too(self, shared: Installation) -> None:
        async with limited(shared, 3) as client:
            replies = [
                await client.get("/v1/nothing"),
                await client.request("PROPFIND", URL),
                await client.get(URL, headers=NOBODY),
                await client.get("/v1/nothing"),
            ]
        assert [left(reply) for reply in replies] == [2, 1, 0, 0]
        assert [reply.status_code for reply in replies] == [404, 405, 401, 404]

    async def test_probes_are_free(self, shared: Installation) -> None:
        async with limited(shared, 1) as client:
            for path in ("/livez", "/readyz", "/metrics", "/docs") * 2:
                reply = await client.get(path)
                assert reply.status_code == 200
                assert "ratelimit" not in reply.headers

    @pytest.mark.parametrize(
        ("one", "other", "is_same"),
        [
            ("192.0.2.1", "192.0.2.1", True),
            ("192.0.2.1", "192.0.2.2", False),
            ("::ffff:192.0.2.1", "192.0.2.1", True),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
            ("fe80::1%eth0", "fe80::2", True),
        ],
    )
    async def test_an_address_of_version_6_is_its_network(
        self, shared: Installation, one: str, other: str, is_same: bool
    ) -> None:
        async with limited(shared, 9) as client:
            app = client._transport.app  # type: ignore[attr-defined]
            seen = []
            for address in (one, other):
                transport = httpx.ASGITransport(app, client=(address, 4_000))
                async with httpx.AsyncClient(
                    transport=transport, base_url="http://cerebro.test"
                ) as visitor:
                    seen.append(left(await visitor.get(URL)))
        assert seen == [8, 7 if is_same else 8]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    account = accounts.choose(Path(os.devnull))
    program = find_redis(account)
    if program is None:
        pytest.skip("needs a Redis server")
    folder = places.make_temporary(account)
    server = RedisServer(program, folder, folder, account)
    store = Store(server, server.service(folder / "redis.log"))
    yield store
    store.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def both(
    store: Store, installation: Installation
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Two servers with one Redis and a budget of 100, of which nothing is spent."""
    with Redis.from_url(store.url) as redis:
        redis.flushall()  # the key of all tests is the same
    async with AsyncExitStack() as stack:
        url = SecretStr(store.url)
        yield (
            await stack.enter_async_context(limited(installation, 100, redis_url=url)),
            await stack.enter_async_context(limited(installation, 100, redis_url=url)),
        )


class TestSeveralServers:
    async def test_share_one_budget(
        self, both: tuple[httpx.AsyncClient, httpx.AsyncClient]
    ) -> None:
        one, other = both
        for _ in range(40):
            assert (await one.get(URL)).status_code == 200
        sent = 40

        async def knows_of_all() -> bool:
            nonlocal sent
            sent += 1
            return left(await other.get(URL)) == 100 - sent

        await until(knows_of_all)
        while (await one.get(URL)).status_code == 200:
            sent += 1
            await asyncio.sleep(0.05)

        async def is_refused() -> bool:
            nonlocal sent
            reply = await other.get(URL)
            sent += reply.status_code == 200
            return reply.status_code == 429

        await until(is_refused)
        assert 100 <= sent <= 110, "what both let in before they had settled"

    async def test_count_for_themselves_while_redis_is_gone(
        self, both: tuple[httpx.AsyncClient, httpx.AsyncClient], store: Store
    ) -> None:
        one, other = both
        for _ in range(10):
            await one.get(URL)
        store.kill()
        try:
            for client, spent in ((one, 10), (other, 0)):
                replies = [await client.get(URL) for _ in range(110)]
                statuses = [reply.status_code for reply in replies]
                assert statuses.count(200) <= 100 - spent
                assert statuses.count(200) >= 100 - spent - 10, "what was known of the other"
                assert set(statuses[100 - spent :]) == {429}
        finally:
            store.start()

    async def test_share_again_when_redis_is_back(
        self, both: tuple[httpx.AsyncClient, httpx.AsyncClient], store: Store
    ) -> None:
        one, other = both
        await one.get(URL)
        store.kill()
        for _ in range(20):
            assert (await one.get(URL)).status_code == 200
        await asyncio.sleep(0.5)  # a settling that fails
        assert left(await other.get(URL)) == 99
        store.start()

        async def knows_of_the_other() -> bool:
            return left(await other.get(URL)) < 100 - 20 - 2

        await until(knows_of_the_other)

    async def test_answer_while_redis_hangs(
        self, both: tuple[httpx.AsyncClient, httpx.AsyncClient], store: Store
    ) -> None:
        one, _ = both
        with store.frozen():
            for _ in range(5):
                assert (await one.get(URL)).status_code == 200
                await asyncio.sleep(0.1)

    async def test_of_another_installation_have_their_own(
        self, both: tuple[httpx.AsyncClient, httpx.AsyncClient], store: Store, shared: Installation
    ) -> None:
        for _ in range(5):
            await both[0].get(URL)
        secret = SecretStr("another secret of tests: 9876543210fedcba")
        app_url = SecretStr(shared.url)
        async with limited(
            shared, 100, redis_url=SecretStr(store.url), secret_key=secret, database_app_url=app_url
        ) as stranger:
            await stranger.get(URL)
            await asyncio.sleep(0.5)
            assert left(await stranger.get(URL)) == 98
