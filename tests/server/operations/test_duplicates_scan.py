"""Scans for duplicates: what is found and why, what becomes of it, and who sees it."""

from __future__ import annotations

from typing import Any

import httpx

from .doing import contact, done

KIND = "contacts.find_duplicates"
PAIRS = "/v1/duplicates/contacts"
RULES = f"{PAIRS}/rules"
ADA: dict[str, Any] = {
    "first_name": "Ada",
    "phone": "+44 20 7946 0999",
    "birthday": "1985-12-10",
    "city": "London",
}


async def scan(api: httpx.AsyncClient) -> dict[str, Any]:
    """Scan all contacts; return what the scan says."""
    op = await done(api, KIND)
    report: dict[str, Any] = op["report"]
    return report


async def listed(api: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """Return pairs."""
    reply = await api.get(PAIRS, params=params)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def twins(api: httpx.AsyncClient) -> tuple[str, str]:
    """Make two contacts that are one, and somebody else."""
    ada = await contact(api, "Lovelace", **ADA, job_title="Countess")
    other = await contact(
        api, "Lovelace", email="ada@other.example", **{**ADA, "birthday": "1985-10-12"}
    )
    await contact(api, "Hopper", first_name="Grace", birthday="1906-12-09")
    return ada, other


class TestFinding:
    async def test_says_which_and_why(self, api: httpx.AsyncClient) -> None:
        ada, other = await twins(api)
        report = await scan(api)
        assert (report["pairs"], report["new"], report["gone"]) == (1, 1, 0)
        [pair] = await listed(api)
        assert (pair["one_id"], pair["other_id"]) == tuple(sorted((ada, other)))
        assert (pair["one_title"], pair["state"]) == ("Ada Lovelace", "open")
        texts = [each["text"] for each in pair["reasons"]]
        assert {"same name", "same phone", "similar birthday", "same city"} <= set(texts)
        assert pair["score"] == 1
        shown = (await api.get(f"{PAIRS}/{pair['id'][-8:]}")).json()
        beside = {each["field"]: each for each in shown["fields"]}
        assert beside["city"]["is_same"]
        assert {beside["birthday"]["one"], beside["birthday"]["other"]} == {
            "1985-12-10",
            "1985-10-12",
        }
