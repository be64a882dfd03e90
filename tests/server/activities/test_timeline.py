"""Timelines with what is about a record, each by its own moment."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.server.activities.doing import act, change, make


async def page(
    api: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None, **asked: Any
) -> dict[str, Any]:
    reply = await api.get(f"/v1/{path}/timeline", params=asked, headers=headers)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["action"], each.get("title")) for each in found["items"]]


async def test_tells_of_all_that_is_about_it(api: httpx.AsyncClient, main: People) -> None:
    company = await make(api, "companies", name="Acme", domain="acme.example")
    deal = await make(api, "deals", name="Engines", company_id="acme.example")
    about = {"deal_id": deal["id"]}
    await make(
        api, "activities", type="call", subject="Old", starts_at="2020-01-01T09:00:00Z", **about
    )
    task = await make(api, "tasks", subject="Done", due_at="2999-01-01T09:00:00Z", **about)
    await act(api, f"tasks/{task['id']}/complete", completed_at="2021-01-01T09:00:00Z")
    await make(api, "tasks", subject="Ahead", due_at="2999-01-01T09:00:00Z", **about)
    await make(api, "notes", text="Tea", **about)
    await change(api, "deals", deal, next_step="Call")
    path = f"deals/{deal['id']}"
    whole = told(await page(api, path, related=True))
    assert whole == [
        ("task", "Ahead"),
        ("updated", None),
        ("note", "Tea"),
        ("created", None),
        ("task", "Done"),
        ("activity", "Old"),
    ]
    assert told(await page(api, path)) == [("updated", None), ("created", None)]
    walked, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        found = await page(api, path, related=True, limit=2, **more)
        walked += told(found)
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert walked == whole
    some = await page(api, path, related=True, actions="activity,created")
    assert told(some) == [("created", None), ("activity", "Old")]
    assert told(await page(api, path, related=True, actions="note")) == [("note", "Tea")]
    [entry] = (await page(api, path, related=True, actions="activity"))["items"]
    assert (entry["at"], entry["record_type"]) == ("2020-01-01T09:00:00Z", "activities")
    for wrong in ("", "activitis"):
        reply = await api.get(f"/v1/{path}/timeline", params={"related": True, "actions": wrong})
        assert reply.status_code == 422
    # of a company, what is about its deals; of nobody, what they may not see
    of_company = told(await page(api, f"companies/{company['id']}", related=True))
    assert of_company == [whole[0], whole[2], ("created", None), *whole[-2:]]
    rights = ["companies:read", "deals:read", "notes:read", "activities:read:own"]
    narrow = main.signed("stranger", main.role("narrow", rights))
    seen = told(await page(api, f"companies/{company['id']}", narrow, related=True))
    assert seen == [("note", "Tea"), ("created", None)]
