"""Exports over HTTP."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx

URL = "/v1/exports"
Rows = dict[str, dict[str, Any]]


async def made(api: httpx.AsyncClient, code: int = 202, **asked: Any) -> dict[str, Any]:
    """Ask for an export; return the reply."""
    headers = asked.pop("headers", None)
    reply = await api.post(URL, json=asked, headers=headers)
    assert reply.status_code == code, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def ready(api: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    """Make an export that is small enough to be written at once."""
    found = await made(api, **asked)
    assert found["state"] == "ready", found
    return found


async def content(api: httpx.AsyncClient, export: dict[str, Any], path: str, **more: Any) -> bytes:
    """Fetch a file, and hold it to what is said of it."""
    reply = await api.get(f"{URL}/{export['id']}/files/{path}", **more)
    assert reply.status_code == 200, reply.text
    [said] = [file for file in export["files"] if file["path"] == path]
    assert (len(reply.content), hashlib.sha256(reply.content).hexdigest()) == (
        said["size"],
        said["sha256"],
    )
    return reply.content


async def rows(api: httpx.AsyncClient, export: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """Fetch a file of JSON lines."""
    return [json.loads(line) for line in (await content(api, export, path)).splitlines()]


class Copy:
    """What somebody has who began with a full export, and has put in every one since."""

    def __init__(self) -> None:
        self.nouns: dict[str, Rows] = {}

    async def take(self, api: httpx.AsyncClient, export: dict[str, Any]) -> str:
        """Put an export in; return its cursor."""
        if export["since"] is not None:
            for each in await rows(api, export, "deleted.jsonl"):
                self.nouns[each["noun"]].pop(each["id"], None)
        for noun in export["nouns"]:
            found = await rows(api, export, f"{noun}.jsonl")
            self.nouns.setdefault(noun, {}).update({row["id"]: row for row in found})
        # what joins records goes with them
        for place, link in list(self.nouns.get("positions", {}).items()):
            if (
                link["contact_id"] not in self.nouns["contacts"]
                or link["company_id"] not in self.nouns["companies"]
            ):
                del self.nouns["positions"][place]
        return str(export["cursor"])
