"""`jobs`: list, show, retry, cancel, stats."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Ran, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
ID = "0190a2b3-0000-7000-8000-00000000abcd"


def job(**members: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "kind": "ddl",
        "key": "contacts.tier",
        "state": "dead",
        "due_at": "2026-05-01T09:30:00Z",
        "attempts": 10,
        "last_error": "no room",
        "payload": {"field_id": ID},
        "actor": "system",
        "operation_id": None,
        "request_id": None,
        "lease_until": None,
        "created_at": "2026-05-01T09:30:00Z",
        "updated_at": "2026-05-01T09:30:00Z",
        **members,
    }


def test_list_asks_for_states_and_kind(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/jobs", page(job()))
    ran = cerebro("jobs", "list", "--state", "dead", "--kind", "ddl", "--json")
    assert json.loads(ran.out) == [job()]
    params = server.asked[0].params
    assert (params["state"], params["kind"]) == ("dead", "ddl")
    assert ran.err == "1 job.\n"


def test_list_shows_what_matters(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/jobs", page(job()))
    head, row = cerebro("jobs", "list").out.splitlines()
    assert head.split("\t") == ["id", "kind", "key", "state", "due_at", "attempts", "last_error"]
    assert row.split("\t")[1:4] == ["ddl", "contacts.tier", "dead"]


def test_show_writes_one(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/jobs/0000abcd", job())
    assert json.loads(cerebro("jobs", "show", "0000abcd", "--json").out) == job()


def test_retry_and_cancel_take_several(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/jobs/a00001/retry", job(state="pending"))
    server.tell("POST /v1/jobs/a00002/retry", job(state="pending"))
    ran = cerebro("jobs", "retry", "a00001", "a00002")
    assert (ran.code, ran.err) == (0, "2 jobs will run again.\n")
    server.tell("POST /v1/jobs/a00001/cancel", job(state="cancelled"))
    ran = cerebro("jobs", "cancel", "a00001", "--json")
    assert json.loads(ran.out)["state"] == "cancelled"
    assert ran.err == "1 job cancelled.\n"


def test_stats_are_lines(cerebro: Cerebro, server: Script) -> None:
    counts = [{"kind": "ddl", "state": "pending", "count": 3}]
    found = {"due": 3, "oldest_due_seconds": 12.2, "workers": 1, "counts": counts}
    server.tell("GET /v1/jobs/stats", found)
    assert cerebro("jobs", "stats").out.splitlines() == [
        "due\t3, the oldest for 12 s",
        "workers\t1",
        "ddl pending\t3",
    ]
    server.tell("GET /v1/jobs/stats", found)
    assert json.loads(cerebro("jobs", "stats", "--json").out) == found
