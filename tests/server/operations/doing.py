"""Operations over HTTP, and the database as it is behind them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg

from tests.fixtures.stores import Installation

URL = "/v1/operations"
_KEPT = ("version", "updated_at")
"""What no undo brings back."""


async def ask(api: httpx.AsyncClient, path: str, body: Any = None, code: int = 202) -> Any:
    """Post, and return the reply."""
    reply = await api.post(path, json=body if body is not None else {})
    assert reply.status_code == code, reply.text
    return reply.json()


async def plan(api: httpx.AsyncClient, kind: str, **asked: Any) -> dict[str, Any]:
    """Plan an operation."""
    found: dict[str, Any] = await ask(api, URL, {"kind": kind, "input": asked})
    assert found["state"] == "planned"
    return found


async def apply(api: httpx.AsyncClient, op: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Apply a plan."""
    found: dict[str, Any] = await ask(api, f"{URL}/{op['id']}/apply", how)
    assert found["state"] == "applied"
    return found


async def done(api: httpx.AsyncClient, kind: str, **asked: Any) -> dict[str, Any]:
    """Plan and apply an operation."""
    found: dict[str, Any] = await ask(
        api, URL, {"kind": kind, "input": asked, "options": {"yes": True}}
    )
    assert found["state"] == "applied", found
    return found


async def undone(api: httpx.AsyncClient, op: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Take an operation back."""
    found: dict[str, Any] = await ask(api, f"{URL}/{op['id']}/undo", {"yes": True, **how})
    assert found["state"] == "applied", found
    return found


async def redone(api: httpx.AsyncClient, op: dict[str, Any]) -> dict[str, Any]:
    """Do an operation again."""
    found: dict[str, Any] = await ask(api, f"{URL}/{op['id']}/redo", {"yes": True})
    return found


async def errors(api: httpx.AsyncClient, op: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that something is amiss with."""
    reply = await api.get(f"{URL}/{op['id']}/errors")
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def uploaded(api: httpx.AsyncClient, content: str | bytes, name: str = "a.csv") -> str:
    """Send a file; return its id."""
    data = content.encode() if isinstance(content, str) else content
    headers = {"Content-Type": "application/octet-stream"}
    reply = await api.put("/v1/uploads", params={"name": name}, content=data, headers=headers)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["id"])


async def imported(
    api: httpx.AsyncClient, noun: str, content: str | bytes, **how: Any
) -> dict[str, Any]:
    """Import a file as an operation, and apply it."""
    return await done(api, f"{noun}.import", upload_id=await uploaded(api, content), **how)


async def contact(api: httpx.AsyncClient, name: str, **fields: Any) -> str:
    """Make a contact; return its id."""
    body = {"last_name": name, "email": f"{name.lower()}@x.example", **fields}
    reply = await api.post("/v1/contacts?allow_duplicates=true", json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


def everything(installation: Installation, *tables: str) -> dict[str, Any]:
    """Return all that is stored of these nouns, and the keys that find it."""
    found: dict[str, Any] = {}
    with psycopg.connect(installation.url) as connection:
        connection.execute("set search_path = ws_main; set timezone = 'UTC'")
        for table in tables or ("contacts", "companies", "positions"):
            for record_id, row in connection.execute(
                f"select id, to_jsonb(t) - %s::text[] from {table} t where deleted_at is null",
                (list(_KEPT),),
            ):
                found[f"{table}/{record_id}"] = row
        keys = connection.execute(
            "select record_type, kind, value, record_id from record_keys "
            "where record_type = any(%s) order by 1, 2, 3, 4",
            (list(tables or ("contacts", "companies", "positions")),),
        ).fetchall()
    found["keys"] = json.loads(json.dumps(keys, default=str))
    return found


def cut_off(installation: Installation, undo: dict[str, Any]) -> None:
    """Leave a planned undo as a server does that is killed before it writes the first row."""
    with psycopg.connect(installation.url) as connection:
        connection.execute("set search_path = ws_main")
        connection.execute(
            "update operations set state = 'applying', started_at = now() where id = %s",
            (undo["id"],),
        )
        connection.execute(
            "update operations set state = 'undoing' where id = %s", (undo["undoes"],)
        )
