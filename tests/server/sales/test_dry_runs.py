"""Dry runs: a write is done in full and taken back, so what is promised is what would happen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.server.sales.conftest import URL, make

DRY = {"dry_run": "true"}
KEY = {"Idempotency-Key": '"once"'}
REFUSED = (
    ("POST", "/v1/deals", {"name": "z", "company_id": "nope"}),
    ("POST", "/v1/deals", {"name": "z", "stage": "lost"}),
    ("POST", "/v1/deal_lines", {"deal_id": "1"}),
    ("POST", "/v1/prices", {"price": "1", "price_book_id": "Retail", "product_id": "E-100"}),
    ("POST", "/v1/quotas", {"period_start": "2026-10-01", "amount": "5"}),
    ("POST", "/v1/exchange_rates", {"currency": "EUR", "day": "2026-01-01", "rate": "1"}),
    ("PATCH", "/v1/deals/1", {"stage": "lost"}),
    ("POST", "/v1/deals/1/move", {"stage": "nope"}),
    ("POST", "/v1/deals/1/lose", {"lost_reason_id": "Nope"}),
    ("DELETE", "/v1/deals/2", None),
    ("POST", "/v1/pipelines", {"name": "Sales"}),
)


def plain(reply: httpx.Response) -> tuple[int, dict[str, Any]]:
    return reply.status_code, {**reply.json(), "request_id": ""}


async def test_what_would_be_refused_is_refused_in_the_same_words(
    api: httpx.AsyncClient, main: People
) -> None:
    await make(api)
    for method, path, body in REFUSED:
        tried, done = [
            await api.request(method, path, json=body, params=params) for params in (DRY, {})
        ]
        assert plain(tried) == plain(done), (path, body)
        assert 400 <= tried.status_code < 500, (path, body)
    reader = main.signed("reader", "read_only")
    for path in (URL, f"{URL}/1/win"):
        reply = await api.post(path, json={"name": "z"}, params=DRY, headers=reader)
        assert reply.status_code == 403


async def test_the_reply_is_the_record_as_it_would_be(api: httpx.AsyncClient, main: People) -> None:
    deal = await make(api, stage="negotiation", amount="100")
    body = {"name": "Next", "stage": "proposal"}
    tried = await api.post(URL, json=body, params=DRY, headers=KEY)
    assert (tried.status_code, tried.headers["cerebro-dry-run"]) == (201, "true")
    assert not {"location", "etag"} & set(tried.headers)
    assert (tried.json()["number"], tried.json()["status"]) == (deal["number"] + 1, "open")
    assert tried.json()["probability"] is not None
    won = (await api.post(f"{URL}/{deal['id']}/win", json={"amount": "90"}, params=DRY)).json()
    assert (won["status"], won["amount"], won["version"]) == ("won", "90.00", 2)
    for verb in ("", "/lock"):
        method = "POST" if verb else "DELETE"
        gone = await api.request(method, f"{URL}/{deal['id']}{verb}", params=DRY)
        assert (gone.status_code, gone.json()["version"]) == (200, 2)
    for reference in (tried.json()["id"], tried.json()["number"]):
        assert (await api.get(f"{URL}/{reference}")).status_code == 404
    assert (await api.get(f"{URL}/{deal['id']}")).json() == deal
    made = await api.post(URL, json=body, headers=KEY)  # the key was neither kept nor used up
    assert (made.status_code, made.json()["number"]) == (201, deal["number"] + 1)
    assert "idempotent-replayed" not in made.headers
    again = await api.post(URL, json={"name": "Other"}, headers=KEY, params=DRY)
    assert (again.status_code, again.json()["name"]) == (201, "Other")
    [(left,)] = main.connection.execute(
        "select count(*) from ws_main.changes where record_type = 'deals'"
    ).fetchall()
    assert left == 2


async def test_a_batch_is_tried_whole(api: httpx.AsyncClient, main: People) -> None:
    deal = await make(api, external_ids={"crm": "1"})
    items: list[dict[str, Any]] = [
        {"external_ids": {"crm": "1"}, "name": "Renamed"},
        {"external_ids": {"crm": "2"}, "name": "New"},
        {"name": "Wrong", "company_id": "nope"},
    ]
    for is_whole, code in ((False, 200), (True, 409)):
        body = {"items": items, "all_or_nothing": is_whole}
        reply = await api.post(f"{URL}/batch", json=body, params=DRY, headers=KEY)
        assert reply.status_code == code, reply.text
        if not is_whole:
            results = [each["result"] for each in reply.json()["items"]]
            assert results == ["updated", "created", "refused"]
    assert (await api.get(f"{URL}/{deal['id']}")).json() == deal
    for table in ("operations", "operation_rows", "uploads", "jobs", "idempotency_keys"):
        [(left,)] = main.connection.execute(f"select count(*) from ws_main.{table}").fetchall()
        assert left == 0, table
    assert (await make(api))["number"] == deal["number"] + 1


@pytest.mark.parametrize("query", ["dry_run=perhaps", "dry-run=true", "dry_run=true&dry_run=false"])
async def test_what_is_meant_as_one_and_is_none_does_nothing(
    api: httpx.AsyncClient, query: str
) -> None:
    deal = await make(api)
    for path in (f"{URL}/{deal['id']}/win?{query}", f"{URL}?{query}"):
        reply = await api.post(path, json={} if "win" in path else {"name": "z"})
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["parameter"] == query.partition("=")[0]
    assert (await api.get(f"{URL}/{deal['id']}")).json() == deal


async def test_no_mail_is_shown_and_no_file_kept(
    api: httpx.AsyncClient, main: People, capsys: pytest.CaptureFixture[str]
) -> None:
    main.enter()
    user = main.user("new", "agent")
    capsys.readouterr()
    reply = await api.post(f"/v1/users/{user}/invite", params=DRY)
    assert reply.status_code == 200
    shown = capsys.readouterr()
    assert "http" not in shown.err + shown.out
    named = {**DRY, "name": "a.txt"}
    kind = {"content-type": "application/octet-stream"}
    reply = await api.put("/v1/files", params=named, content=b"bytes", headers=kind)
    assert (reply.status_code, reply.json()["size"]) == (201, 5)
    tables = main.connection.execute(
        "select tablename from pg_tables where schemaname = 'ws_main' and (tablename like "
        "'file%' or tablename = 'outgoing_mail')"
    ).fetchall()
    for (table,) in tables:
        assert main.connection.execute(f"select 1 from ws_main.{table}").fetchall() == [], table
    assert len(tables) > 1
