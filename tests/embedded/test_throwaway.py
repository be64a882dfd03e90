"""Stores for a test run start, answer and vanish."""

from __future__ import annotations

import threading

import psutil
import psycopg
import pytest
import redis

from cerebro_server.embedded import EmbeddedError, throwaway


def test_starts_both_stores_and_removes_them() -> None:
    with throwaway() as stores:
        with psycopg.connect(stores.database_url) as connection:
            assert connection.execute("show fsync").fetchone() == ("off",)
        if stores.redis_url is not None:
            assert redis.Redis.from_url(stores.redis_url).ping()
        pids = list(stores.pids.values())
    assert not stores.folder.exists()
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("major", [14, 15, 16, 17, 18])
def test_every_version_here_knows_letters_beyond_ascii(major: int) -> None:
    try:
        with (
            throwaway(redis=False, major=major) as stores,
            psycopg.connect(stores.database_url) as c,
        ):
            assert c.info.server_version // 10000 == major
            assert c.execute("select lower('É')").fetchone() == ("é",)
    except EmbeddedError as error:
        if "Install PostgreSQL" not in str(error):
            raise
        pytest.skip(f"needs PostgreSQL {major}")


def test_redis_is_optional() -> None:
    with throwaway(redis=False) as stores:
        assert stores.redis_url is None


def test_refuses_a_thread_whose_end_would_kill_the_stores() -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            with throwaway():
                pass
        except EmbeddedError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])
