"""Tasks, activities and what they are about, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

Found = dict[str, Any]


async def make(api: httpx.AsyncClient, noun: str, **values: Any) -> Found:
    """Make a record; return it."""
    how = {"params": {"allow_duplicates": "true"}} if noun in ("contacts", "leads") else {}
    reply = await api.post(f"/v1/{noun}", json=values, **how)  # type: ignore[arg-type]
    assert reply.status_code == 201, reply.text
    found: Found = reply.json()
    return found


async def refused(
    api: httpx.AsyncClient,
    noun: str,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> tuple[int, str, list[tuple[str, str]]]:
    """Try to make a record; return status, code, and what is wrong with which field."""
    reply = await api.post(f"/v1/{noun}", json=values, headers=headers)
    assert reply.status_code >= 400, reply.text
    said = reply.json()
    wrong = [(each["pointer"], each["code"]) for each in said.get("errors", ())]
    return reply.status_code, said["code"], wrong


async def change(api: httpx.AsyncClient, noun: str, one: Found, **values: Any) -> Found:
    """Change a record; return it as it is then."""
    reply = await api.patch(f"/v1/{noun}/{one['id']}", json=values)
    assert reply.status_code == 200, reply.text
    found: Found = reply.json()
    return found


async def act(api: httpx.AsyncClient, path: str, **body: Any) -> Found:
    """Post; return the reply."""
    reply = await api.post(f"/v1/{path}", json=body)
    assert reply.status_code == 200, reply.text
    found: Found = reply.json()
    return found


async def listed(
    api: httpx.AsyncClient, noun: str, where: str = "", headers: dict[str, str] | None = None
) -> list[Found]:
    """Return all records that fit."""
    params = {"where": where, "sort": "created_at"} if where else {"sort": "created_at"}
    reply = await api.get(f"/v1/{noun}", params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    found: list[Found] = reply.json()["items"]
    return found


async def world(api: httpx.AsyncClient) -> dict[str, Found]:
    """Make a contact, a company, a deal and a lead."""
    return {
        "contact": await make(api, "contacts", last_name="Lovelace", email="ada@acme.example"),
        "company": await make(api, "companies", name="Acme", domain="acme.example"),
        "deal": await make(api, "deals", name="Engines"),
        "lead": await make(
            api, "leads", last_name="Hopper", email="grace@navy.example", company_name="Navy"
        ),
    }
