"""Guessing passwords: slowed down by address and account, without locking anybody out for good."""

from __future__ import annotations

import asyncio

import httpx
import psycopg
import pytest

from cerebro_server import registry
from cerebro_server.components.identity.service import login_limits
from cerebro_server.components.identity.service.login_limits import (
    OF_ACCOUNT,
    OF_ADDRESS,
    OF_PAIR,
    WINDOW_SECONDS,
)
from cerebro_server.kernel.db import migrate
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import OTHER, Members, sign_in, signed_in

HERE = "127.0.0.1"


class Failures:
    """The table of failures, filled without the cost of verifying passwords."""

    def __init__(self, installation: Installation, members: Members) -> None:
        self._settings = installation.settings
        self._members = members

    def add(self, count: int, *, email: str, address: str, age: float = 0) -> None:
        subject = login_limits.subject_of(self._settings, email=email, address=address)
        self._members.connection.execute(
            "insert into public.sign_in_failures (account, address, failed_at) "
            "select %s, %s, now() - make_interval(secs => %s) from generate_series(1, %s)",
            (subject.account, subject.address, age, count),
        )

    def pass_by(self, seconds: float) -> None:
        """Let time go by for what has failed."""
        self._members.connection.execute(
            "update public.sign_in_failures set failed_at = failed_at - make_interval(secs => %s)",
            (seconds,),
        )

    @property
    def count(self) -> int:
        return int(str(self._members.value("select count(*) from public.sign_in_failures")))


@pytest.fixture
def failures(installation: Installation, members: Members) -> Failures:
    return Failures(installation, members)


class TestPair:
    async def test_is_stopped_after_five_failures(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        statuses = [(await sign_in(api, email, OTHER)).status_code for _ in range(6)]
        assert statuses == [401] * OF_PAIR + [429]
        assert (await sign_in(api, email)).status_code == 429, "the right one, too"

    async def test_is_told_when_to_try_again_and_then_may(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        failures.add(3, email=email, address=HERE, age=600)
        failures.add(2, email=email, address=HERE, age=100)
        reply = await sign_in(api, email)
        assert (reply.status_code, reply.json()["code"]) == (429, "too_many_attempts")
        seconds = int(reply.headers["retry-after"])
        assert seconds in (300, 301), "until the fifth but last has left the window"
        failures.pass_by(seconds - 2)
        assert (await sign_in(api, email)).status_code == 429
        failures.pass_by(2)
        assert (await sign_in(api, email)).status_code == 200

    async def test_is_not_kept_out_longer_by_trying(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        failures.add(OF_PAIR, email=email, address=HERE)
        for _ in range(3):
            assert (await sign_in(api, email)).status_code == 429
        assert failures.count == OF_PAIR
        failures.pass_by(WINDOW_SECONDS)
        assert (await sign_in(api, email)).status_code == 200

    async def test_begins_anew_after_a_success(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        for _ in range(4):
            await sign_in(api, email, OTHER)
        await signed_in(api, email)
        assert failures.count == 0
        assert (await sign_in(api, email, OTHER)).status_code == 401

    async def test_of_fifty_at_once_gets_five_guesses(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        replies = await asyncio.gather(*(sign_in(api, email, f"guess {n}") for n in range(50)))
        statuses = [reply.status_code for reply in replies]
        assert (statuses.count(401), statuses.count(429)) == (5, 45)

    async def test_says_nothing_about_whether_the_account_exists(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        members.member("ann")
        seen = []
        for name in ("ann", "nobody"):
            replies = [await sign_in(api, f"{name}@cerebro.test", OTHER) for _ in range(7)]
            seen.append([(reply.status_code, reply.json()["code"]) for reply in replies])
        assert seen[0] == seen[1]

    async def test_is_the_same_for_every_spelling(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        members.member("ann")
        spellings = ("ann@", "ANN@", " aNn@", "Ann@", "anN@", "ANn@")
        replies = [await sign_in(api, f"{name}cerebro.test", OTHER) for name in spellings]
        assert [reply.status_code for reply in replies] == [401] * 5 + [429]


class TestAccount:
    async def test_is_closed_to_strangers_after_fifty_failures_of_anybody(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        for number in range(OF_ACCOUNT):
            failures.add(1, email=email, address=f"198.51.100.{number}")
        assert (await sign_in(api, email)).status_code == 429
        failures.pass_by(WINDOW_SECONDS)
        assert (await sign_in(api, email)).status_code == 200

    async def test_stays_open_to_where_its_user_signs_in_from(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        await signed_in(api, email)
        for number in range(4 * OF_ACCOUNT):
            failures.add(1, email=email, address=f"198.51.{number % 7}.{number}")
        assert (await sign_in(api, email)).status_code == 200
        statuses = [(await sign_in(api, email, OTHER)).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429], "the limit of the pair holds there as well"


class TestAddress:
    async def test_is_stopped_after_a_hundred_failures_at_any_account(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        email = members.member("ann")
        for number in range(OF_ADDRESS):
            failures.add(1, email=f"{number}@cerebro.test", address=HERE)
        assert (await sign_in(api, email)).status_code == 429
        assert (await sign_in(api, "nobody@cerebro.test")).status_code == 429

    def test_of_ipv6_is_the_network(self, installation: Installation) -> None:
        def of(address: str) -> bytes:
            settings = installation.settings
            return login_limits.subject_of(settings, email="x", address=address).address

        assert of("2001:db8::1") == of("2001:db8::ffff:2") == of("2001:db8:0:0:9::%eth0")
        assert of("2001:db8:0:1::1") != of("2001:db8::1")
        assert of("::ffff:192.0.2.1") == of("192.0.2.1") != of("192.0.2.2")
        assert of("") == of("")


class TestKept:
    async def test_without_redis_and_over_a_restart(
        self, installation: Installation, members: Members
    ) -> None:
        email = members.member("ann")
        assert installation.settings.redis_url is None
        for _ in range(5):
            async with serving(installation) as api:
                assert (await sign_in(api, email, OTHER)).status_code == 401
        async with serving(installation) as api:
            assert (await sign_in(api, email, OTHER)).status_code == 429

    async def test_as_hashes_that_name_nobody(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        email = members.member("ann")
        await sign_in(api, email, OTHER)
        [(account, address)] = members.rows("select account, address from public.sign_in_failures")
        assert isinstance(account, bytes)
        assert isinstance(address, bytes)
        assert (len(account), len(address)) == (16, 16)
        assert b"ann" not in account

    async def test_no_longer_than_a_day(
        self, api: httpx.AsyncClient, members: Members, failures: Failures
    ) -> None:
        failures.add(20, email="x@cerebro.test", address="198.51.100.1", age=90_000)
        failures.add(3, email="x@cerebro.test", address="198.51.100.1", age=80_000)
        await sign_in(api, members.member("ann"), OTHER)
        assert failures.count == 4

    async def test_by_the_control_role_and_no_workspace(self, members: Members) -> None:
        rights = members.rows(
            "select r.rolname, string_agg(a.privilege_type, ' ' order by a.privilege_type) "
            "from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee "
            "where c.relname = 'sign_in_failures' and r.rolname like 'cerebro\\_%' group by 1"
        )
        assert [(str(role).rsplit("_", 1)[1], kinds) for role, kinds in rights] == [
            ("control", "DELETE INSERT SELECT")
        ]

    async def test_in_an_installation_from_before_as_well(
        self, installation: Installation, members: Members
    ) -> None:
        email = members.member("ann")
        migrate.downgrade(installation.url, "control", "public", "0001")
        with psycopg.connect(installation.url) as owner:
            assert owner.execute("select to_regclass('public.sign_in_failures')").fetchone() == (
                None,
            )
        registry.install(installation.settings)
        async with serving(installation) as api:
            await signed_in(api, email)
