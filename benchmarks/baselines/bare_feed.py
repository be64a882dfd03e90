"""What the change feed is held against: NOTIFY from one connection to another, and the journal read
in its order by hand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from queue import Queue

import psycopg

_PAGE = """
select row_to_json(c)::text, c.era, c.xid::text, c.seq from changes c
where (c.era, c.xid, c.seq) > (%s, %s::xid8, %s) order by c.era, c.xid, c.seq limit %s
"""


def visible(url: str, schema: str, record: str, writes: int) -> float:
    """Return the 95th percentile of the milliseconds from beginning the same write, with a NOTIFY
    in its transaction, until a listener hears it."""
    with psycopg.connect(url) as writer:
        writer.execute(f"set search_path = {schema}; set cerebro.actor = 'system'")
        writer.commit()

        def write(number: int) -> None:
            writer.execute(
                "update contacts set job_title = %s, version = version + 1, updated_at = now() "
                "where id = %s",
                (f"bare {number} {time.perf_counter()}", record),
            )
            writer.execute("notify bare")
            writer.commit()

        return _heard(url, write, writes)


def round_trip(url: str, count: int) -> float:
    """Return the 95th percentile of the milliseconds from a NOTIFY until a listener hears it."""
    with psycopg.connect(url, autocommit=True) as writer:
        return _heard(url, lambda _: writer.execute("notify bare"), count)


def _heard(url: str, say: Callable[[int], object], count: int) -> float:
    heard: Queue[float] = Queue()
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("listen bare")

        def listen() -> None:
            for _ in listener.notifies(stop_after=count):
                heard.put(time.perf_counter())

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        took = []
        for number in range(count):
            time.sleep(0.02)
            start = time.perf_counter()
            say(number)
            took.append(1000 * (heard.get(timeout=30) - start))
        thread.join(30)
    return sorted(took)[int(len(took) * 0.95)]


def read(url: str, schema: str, size: int) -> float:
    """Return how many changes a second are read and parsed, a page at a time."""
    count = 0
    place: tuple[object, ...] = (0, "0", 0)
    start = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"set search_path = {schema}; set enable_sort = off")
        while rows := connection.execute(_PAGE, (*place, size), prepare=True).fetchall():
            count += len([json.loads(row[0]) for row in rows])
            place = rows[-1][1:]
    return count / (time.perf_counter() - start)
