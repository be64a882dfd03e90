"""Leads that were converted are merged with none; merges from before, and after the undo."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.stores import Installation
from tests.server.operations.doing import ask, done, everything, plan, undone
from tests.server.sales.converting import ADA, converted, lead

KIND = "leads.merge"
NOUNS = ("leads", "contacts", "companies", "positions", "deals", "deal_contacts")
TWIN = {"last_name": "Lovelace", "email": ADA["email"], "phone": "+49 30 1234567"}


async def refused(api: httpx.AsyncClient, **asked: Any) -> None:
    """Ask for a merge with a converted lead."""
    problem = await ask(api, "/v1/operations", {"kind": KIND, "input": asked}, 409)
    assert problem["code"] == "lead_converted"
    assert "same contact" in problem["detail"]


async def test_a_converted_lead_neither_stays_nor_goes(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    one, two, open_one = await lead(api, **ADA), await lead(api, **ADA), await lead(api, **TWIN)
    found = await converted(api, one)
    await converted(api, two, contact=found["contact"]["id"], company=False, deal=False)
    before = everything(installation, *NOUNS)
    await refused(api, into=one["id"], records=[open_one["id"]])
    await refused(api, into=open_one["id"], records=[one["id"]])
    await refused(api, into=one["id"], records=[two["id"]])
    pairs = [{"into": open_one["id"], "records": [two["id"]]}]
    await refused(api, pairs=pairs)
    await done(api, "leads.find_duplicates")
    listed = (await api.get("/v1/duplicates/leads")).json()["items"]
    assert len(listed) == 3  # they are shown, and left out
    body = {"kind": KIND, "input": {"duplicates": {"above": 0.1}}}
    problem = await ask(api, "/v1/operations", body, 404)
    assert "3 cannot be merged" in problem["detail"]
    assert everything(installation, *NOUNS) == before
    # whoever comes twice becomes the same contact
    again = await converted(api, open_one, contact=found["contact"]["id"], deal=False)
    assert again["contact"]["id"] == found["contact"]["id"]


async def test_a_merge_from_before_the_conversion(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    stays, goes = await lead(api, **ADA), await lead(api, **TWIN)
    before = everything(installation, *NOUNS)
    waiting = await plan(api, KIND, into=stays["id"], records=[goes["id"]])
    await converted(api, stays, deal=False)
    problem = await ask(api, f"/v1/operations/{waiting['id']}/apply", {}, 409)
    assert problem["code"] == "plan_drifted"
    await ask(api, "/v1/undo", {"what": f"leads/{stays['id']}", "yes": True})
    assert everything(installation, *NOUNS) == before

    merge = await done(api, KIND, into=stays["id"], records=[goes["id"]])
    merged = everything(installation, *NOUNS)
    found = await converted(api, stays, deal=False)
    assert len(found["contact"]["phones"]) == 2  # what both had went along
    after = everything(installation, *NOUNS)
    split = {"yes": True, "force_fields": True, "record": f"leads/{goes['id']}"}
    for how in ({"yes": True}, split):
        problem = await ask(api, f"/v1/operations/{merge['id']}/undo", how, 409)
        assert problem["code"] == "not_whole"
        assert "was converted" in problem["errors"][0]["detail"]
    assert everything(installation, *NOUNS) == after
    await ask(api, "/v1/undo", {"what": f"leads/{stays['id']}", "yes": True})
    assert everything(installation, *NOUNS) == merged
    await undone(api, merge, **split)
    assert everything(installation, *NOUNS) == before
