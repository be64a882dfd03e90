"""Contacts through the API: what is theirs; the rest they share with every noun."""

from __future__ import annotations

import httpx

URL = "/v1/contacts"
ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@EXAMPLE.com"}


async def test_has_a_full_name_put_together_by_the_server(api: httpx.AsyncClient) -> None:
    made = (await api.post(URL, json=ADA)).json()
    assert (made["full_name"], made["email"]) == ("Ada Lovelace", "ada@example.com")
    changed = await api.patch(f"{URL}/ADA@example.com", json={"first_name": None})
    assert changed.json()["full_name"] == "Lovelace"
    assert (await api.post(URL, json={**ADA, "full_name": "X"})).status_code == 422


async def test_is_found_filtered_sorted_and_journaled(api: httpx.AsyncClient) -> None:
    await api.post(URL, json=ADA)
    await api.post(URL, json={"last_name": "Byron"})
    listed = await api.get(URL, params={"sort": "full_name", "where": "full_name contains O"})
    assert [item["full_name"] for item in listed.json()["items"]] == ["Ada Lovelace", "Byron"]
    changes = await api.get("/v1/changes", params={"record": "contacts/ada@example.com"})
    diff = changes.json()["items"][0]["diff"]
    assert diff == {
        "owner_id": diff["owner_id"],
        "first_name": [None, "Ada"],
        "last_name": [None, "Lovelace"],
        "emails": [None, [{"address": "ada@example.com"}]],
        "consent": [None, "none"],
    }


async def test_shares_no_e_mail_among_the_living(api: httpx.AsyncClient) -> None:
    await api.post(URL, json=ADA)
    reply = await api.post(URL, json={"last_name": "B", "email": "Ada@example.com"})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (409, "/email")


async def test_is_imported_by_e_mail(api: httpx.AsyncClient) -> None:
    file = "Last name,E-mail,Job title\nLovelace,ada@example.com,Analyst\nNobody,not-one,\n"
    for created in (1, 0):
        reply = await api.post(f"{URL}/import", content=file, headers={"content-type": "text/csv"})
        report = reply.json()
        assert (report["created"], report["unchanged"]) == (created, 1 - created)
        assert report["errors"][0]["line"] == 3
