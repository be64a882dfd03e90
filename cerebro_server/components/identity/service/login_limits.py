"""Limits on guessing passwords. They stand in the database and need no Redis: without the one there
is no signing in anyway, without the other they hold as before.

Failures are counted for 15 minutes: of one address at one account, of everybody at one account, and
of one address at all accounts. An attempt counts as a failure until it has succeeded, so that a
thousand at once are no way around. Nobody is locked out for good, and an account that strangers
are guessing at stays open to the addresses that its user signs in from.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from cerebro_server.components.identity.errors import TooManyAttempts
from cerebro_server.components.identity.service import derived_keys
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, Sql
from cerebro_server.kernel.query import fold

WINDOW_SECONDS = 900
OF_PAIR, OF_ACCOUNT, OF_ADDRESS = 5, 50, 100

_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
# a limit is reached while its n-th newest failure is in the window, and ends when that one leaves
_WAIT: Final = """
select extract(epoch from max(at) + make_interval(secs => %s) - clock_timestamp())::float
from (values (%s::bytea, %s::bytea, %s), (%s, null, %s), (null, %s, %s))
    as limits(account, address, most), lateral (
        select failed_at from sign_in_failures f
        where (limits.account is null or f.account = limits.account)
            and (limits.address is null or f.address = limits.address)
            and failed_at > clock_timestamp() - make_interval(secs => %s)
        order by failed_at desc offset limits.most - 1 limit 1
    ) as nth(at)
"""
_COUNT: Final = "insert into sign_in_failures (account, address) values (%s, %s)"
_TIDY: Final = """
delete from sign_in_failures where id = any(array(
    select id from sign_in_failures where failed_at < now() - interval '1 day' order by id limit 100
))
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who tries to sign in to what, as hashes that tell nothing without the secret key."""

    account: bytes
    address: bytes


def subject_of(settings: Settings, *, email: str, address: str) -> Subject:
    """Return the subject of an attempt."""
    key = derived_keys.keys(settings, "failed sign-ins")[0]
    account, network = f"account {fold(email)}", f"address {_network(address)}"
    return Subject(*(hmac.digest(key, t.encode(), "sha256")[:16] for t in (account, network)))


async def begin(database: Database, subject: Subject, *, is_known: bool) -> None:
    """Count an attempt as failed for the time being. Raises `TooManyAttempts`.

    `is_known` says that the account's user signed in from this address before: strangers' failures
    then do not count against it. Attempts that are refused are not counted, or Retry-After would
    not be true.
    """
    of_account = 2**31 - 1 if is_known else OF_ACCOUNT
    limits = (
        *(subject.account, subject.address, OF_PAIR),
        *(subject.account, of_account, subject.address, OF_ADDRESS),
    )
    async with database.transaction(await database.control()) as transaction:
        # one after the other: of the address first, so that two never wait for each other
        *_, [(seconds,)] = await transaction.batch(
            Sql(_LOCK, (subject.address.hex(),)),
            Sql(_LOCK, (subject.account.hex(),)),
            Sql(_WAIT, (WINDOW_SECONDS, *limits, WINDOW_SECONDS)),
        )
        if seconds is not None:
            raise _too_many(int(seconds) + 1)
        await transaction.batch(Sql(_COUNT, (subject.account, subject.address)), Sql(_TIDY))


async def succeed(database: Database, subject: Subject) -> None:
    """Forget the failures of this address at this account."""
    async with database.transaction(await database.control()) as transaction:
        await transaction.rows(
            Sql(
                "delete from sign_in_failures where account = %s and address = %s "
                "and failed_at > now() - interval '1 hour'",  # older ones are for _TIDY alone
                (subject.account, subject.address),
            )
        )


def _too_many(seconds: int) -> TooManyAttempts:
    return TooManyAttempts(
        f"Too many failed attempts; try again in {seconds} s, or reset the password.",
        headers={"Retry-After": str(seconds)},
    )


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the network, since whoever has one has 2^64."""
    with suppress(ValueError):
        found = ip_address(address.partition("%")[0])
        if isinstance(found, IPv6Address):
            return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return address
