"""Converting leads over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@analytical.example",
    "phone": "+44 20 7946 0999",
    "company_name": "Analytical Engines",
    "website": "https://www.analytical.example/about",
    "job_title": "Countess",
    "source": "fair",
    "tags": ["vip"],
}


async def lead(api: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    """Make a lead."""
    params = {"allow_duplicates": "true"}
    reply = await api.post("/v1/leads", json=values, params=params)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def converted(api: httpx.AsyncClient, one: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Convert a lead."""
    reply = await api.post(f"/v1/leads/{one['id']}/convert", json=how)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def refused(
    api: httpx.AsyncClient, one: dict[str, Any], status: int = 422, **how: Any
) -> dict[str, Any]:
    """Try to convert a lead, and return the problem."""
    reply = await api.post(f"/v1/leads/{one['id']}/convert", json=how)
    assert reply.status_code == status, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def get(api: httpx.AsyncClient, noun: str, ref: str) -> dict[str, Any]:
    """Read a record."""
    reply = await api.get(f"/v1/{noun}/{ref}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def count(api: httpx.AsyncClient, noun: str) -> int:
    """Return how many records of a noun live."""
    reply = await api.get(f"/v1/{noun}", params={"count": "exact", "limit": 1})
    assert reply.status_code == 200, reply.text
    return int(reply.json()["count"])
