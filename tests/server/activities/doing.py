"""Tasks, activities and what they are about, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

Found = dict[str, Any]
_LINKS = {
    "contacts": ("contact_id", "full_name"),
    "companies": ("company_id", "name"),
    "deals": ("deal_id", "name"),
    "leads": ("lead_id", "full_name"),
}
_TIMES = ("starts_at", "ends_at", "due_at", "completed_at", "source_created_at")
_HAS = ("status", "type", "direction", "priority", "outcome", "duration_seconds", "description")


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


async def told(api: httpx.AsyncClient, noun: str) -> dict[str, dict[str, Any]]:
    """Return what there is of a noun, by subject or text: what it says, when, and about whom."""
    names: dict[str, dict[str, str]] = {}
    for other, (_, called) in _LINKS.items():
        names[other] = {each["id"]: each[called] for each in await listed(api, other)}

    def about(one: Found) -> set[str]:
        return {names[n][one[link]] for n, (link, _) in _LINKS.items() if one[link] is not None}

    return {
        one.get("subject") or one["text"]: {
            **{name: one[name] for name in _HAS if one.get(name) is not None},
            **{name: one[name][:16] for name in _TIMES if one.get(name) is not None},
            "about": about(one),
        }
        for one in await listed(api, noun)
    }
