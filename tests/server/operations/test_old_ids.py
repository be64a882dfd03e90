"""Old ids and external ids of merged records: wherever one is named, it means what it became."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from tests.fixtures.people import People
from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, plan, undone, uploaded
from .test_merge import KIND, got, made

CRM = "external_ids.crm"


async def planned(api: httpx.AsyncClient, noun: str, *lines: str, **how: Any) -> list[Any]:
    """Plan an import; return what each row would do, and to which record."""
    upload = await uploaded(api, "\n".join(lines) + "\n")
    op = await plan(api, f"{noun}.import", upload_id=upload, **how)
    rows = (await api.get(f"{URL}/{op['id']}/plan")).json()["items"]
    rows.sort(key=lambda row: row["line"] or 0)
    return [(row["action"], row["record_id"]) for row in rows if row["record_type"] == noun]


async def test_rows_and_batches_are_for_what_it_became(api: httpx.AsyncClient) -> None:
    ada = await contact(api, "Ada", external_ids={"crm": "A"})
    bob = await contact(api, "Bob", external_ids={"crm": "B"})
    one = await made(api, "companies", name="One", external_ids={"crm": "1"})
    two = await made(api, "companies", name="Two", external_ids={"crm": "2"})
    op = await done(api, KIND, into=ada, records=[bob])
    await done(api, "companies.merge", into=one, records=[two])
    for mode in ("upsert", "update"):
        found = await planned(api, "contacts", "id,Last name,City", f"{bob},Bob,Rome", mode=mode)
        assert found == [("update", ada)]
    found = await planned(api, "contacts", f"{CRM},Last name,City", "B,Ada,", "A,Ada,")
    assert found == [("skip", ada), ("unchanged", ada)]
    # what it became keeps its own, by whatever the row finds it
    for row in ("B,Ada,ada@x.example", "B,Ada,new@x.example", "B,Ada,"):
        [(action, record)] = await planned(api, "contacts", f"{CRM},Last name,Email", row)
        assert (action in ("update", "unchanged"), record) == (True, ada)
    body = {"items": [{"id": bob, "city": "Paris"}], "mode": "update"}
    reply = (await api.post("/v1/contacts/batch", json=body)).json()
    assert [(each["result"], each["id"]) for each in reply["items"]] == [("updated", ada)]
    assert (await got(api, ada))["external_ids"] == {"crm": "A"}
    # others name it
    for named in (two, "crm:2"):
        lines = ("Last name,Company", f"New,{named}")
        upload = await uploaded(api, "\n".join(lines) + "\n")
        op_of = await plan(api, "contacts.import", upload_id=upload, missing_parent="refuse")
        assert (op_of["plan"]["error"], op_of["plan"]["create"]) == (0, 2)
    task = await made(api, "tasks", subject="Call", contact_id="crm:B")
    assert (await got(api, task, "tasks"))["contact_id"] == ada
    assert (await got(api, "crm:B"))["id"] == ada
    reply = await api.patch("/v1/contacts/crm:B", json={"city": "Oslo"})
    assert reply.json()["id"] == ada
    for old in (bob, "crm:B"):
        reply = await api.delete(f"/v1/contacts/{old}")
        assert (reply.status_code, f"merged into {ada}" in reply.json()["detail"]) == (404, True)
    # a split gives all of it back
    await api.patch(f"/v1/contacts/{ada}", json={"city": None})
    await api.delete(f"/v1/tasks/{task}")
    await undone(api, op)
    assert (await got(api, "crm:B"))["id"] == bob
    assert await planned(api, "contacts", "id,City", f"{bob},Rome") == [("update", bob)]


async def test_as_of_a_moment_before_the_split_it_is_what_it_was_then(
    api: httpx.AsyncClient,
) -> None:
    ada, bob, eve = [await contact(api, name) for name in ("Ada", "Bob", "Eve")]
    first = await done(api, KIND, into=ada, records=[bob])
    then = (await api.get("/v1/changes", params={"limit": 1})).json()["items"][0]["seq"]
    as_of = {"as_of": f"seq:{then}"}
    await done(api, KIND, into=eve, records=[ada])
    assert (await api.get(f"/v1/contacts/{bob}", params=as_of)).json()["id"] == ada
    await ask(api, "/v1/undo", {"what": f"contacts/{eve}", "yes": True})
    await undone(api, first)
    assert (await got(api, bob))["id"] == bob
    assert (await api.get(f"/v1/contacts/{bob}", params=as_of)).json()["id"] == ada


async def test_what_may_not_be_read_is_as_what_is_not_there(
    main: People, api: httpx.AsyncClient
) -> None:
    hidden = await contact(api, "Hidden", external_ids={"crm": "H"})
    gone = await contact(api, "Gone", external_ids={"crm": "G"})
    await done(api, KIND, into=hidden, records=[gone])
    nobody = "01a228d2-0000-7000-8000-000000000000"
    verbs = ("read:own", "create", "update:own", "import", "delete:own", "bulk")
    role = {"key": "own", "name": "Own", "permissions": [f"contacts:{verb}" for verb in verbs]}
    assert (await api.post("/v1/roles", json=role)).status_code == 201
    api.headers.update(main.signed("nina", "own"))
    said = []
    for record in (hidden, gone, nobody):
        reply = await api.post("/v1/undo", json={"what": f"contacts/{record}"})
        deletion = await api.delete(f"/v1/contacts/{record}")
        row = await planned(api, "contacts", "id,Last name", f"{record},New")
        texts = [each.json()["detail"].replace(record, "") for each in (reply, deletion)]
        said.append((reply.status_code, deletion.status_code, *texts, row[0][0]))
    assert len(set(said)) == 1, said
    assert said[0][-1] == "create"
    assert (await api.get("/v1/contacts/crm:G")).status_code == 404


def test_external_ids_of_what_is_gone_are_found_by_index(installation: Installation) -> None:
    with psycopg.connect(installation.url) as connection:
        tables = connection.execute(
            "select table_name from information_schema.columns where table_schema = 'ws_main' "
            "and column_name = 'external_ids' and not exists (select from pg_indexes where "
            "schemaname = 'ws_main' and indexname = table_name || '_old_external_ids')"
        ).fetchall()
    assert tables == []
