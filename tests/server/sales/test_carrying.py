"""What is attached to leads goes with them when they are converted, merged records keep theirs."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.files.conftest import URL, add
from tests.server.operations.doing import done, undone
from tests.server.sales.conftest import make
from tests.server.sales.converting import ADA, converted, get, lead


async def test_files_go_to_the_deal_else_to_the_company_and_stay_with_the_lead(
    api: httpx.AsyncClient,
) -> None:
    other = await make(api)
    one = await lead(api, **ADA)
    plain = await add(api, b"a", lead=one["id"])
    elsewhere = await add(api, b"b", lead=one["id"], deal=other["id"])
    await api.delete(f"{URL}/{(gone := await add(api, b'c', lead=one['id']))['id']}")
    found = await converted(api, one)
    after = await get(api, "files", plain["id"])
    assert (after["deal_id"], after["lead_id"]) == (found["deal"]["id"], one["id"])
    assert after["version"] == 2
    assert (await get(api, "files", elsewhere["id"]))["deal_id"] == other["id"]
    kept = await api.get(f"{URL}/{gone['id']}", params={"deleted": "include"})
    assert kept.json()["deal_id"] is None
    assert (await api.post("/v1/undo", json={"yes": True})).is_success
    back = await get(api, "files", plain["id"])
    assert (back["deal_id"], back["lead_id"]) == (None, one["id"])
    found = await converted(api, one, deal=False)
    after = await get(api, "files", plain["id"])
    assert (after["deal_id"], after["company_id"]) == (None, found["company"]["id"])


async def test_of_many_leads_each_file_goes_with_its_own(api: httpx.AsyncClient) -> None:
    files: dict[str, dict[str, Any]] = {}
    for name in ("Ada", "Grace"):
        one = await lead(api, last_name=name, company_name=name)
        files[one["id"]] = await add(api, name.encode(), lead=one["id"])
    op = await done(api, "leads.convert", where="company_name in (Ada, Grace)")
    assert op["done"]["updated"] == 4
    for one_id, file in files.items():
        one = await get(api, "leads", one_id)
        assert one["converted_deal_id"] is not None
        assert (await get(api, "files", file["id"]))["deal_id"] == one["converted_deal_id"]
    first, second = files.items()
    await undone(api, op, record=f"leads/{first[0]}")
    assert (await get(api, "files", first[1]["id"]))["deal_id"] is None
    assert (await get(api, "files", second[1]["id"]))["deal_id"] is not None
    await undone(api, op)
    assert (await get(api, "files", second[1]["id"]))["deal_id"] is None


async def test_files_of_a_merged_contact_are_the_others_and_come_back(
    api: httpx.AsyncClient,
) -> None:
    for email in ("ada@x.example", "lady@x.example"):
        reply = await api.post("/v1/contacts", json={"last_name": "Lovelace", "email": email},
                               params={"allow_duplicates": "true"})  # fmt: skip
        assert reply.status_code == 201
    file = await add(api, b"letter", contact="lady@x.example")
    asked = {"into": "ada@x.example", "records": ["lady@x.example"]}
    op = await done(api, "contacts.merge", **asked)
    ada = await get(api, "contacts", "ada@x.example")
    assert (await get(api, "files", file["id"]))["contact_id"] == ada["id"]
    await undone(api, op)
    assert (await get(api, "files", file["id"]))["contact_id"] == file["contact_id"]
