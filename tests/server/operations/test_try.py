import json

import pytest


@pytest.mark.asyncio
async def test_it(api):
    async def post(path, body, code=202):
        r = await api.post(path, json=body)
        assert r.status_code == code, (r.status_code, r.text)
        return r.json()

    ids = []
    for i in range(5):
        r = await api.post(
            "/v1/contacts",
            json={
                "first_name": f"A{i}",
                "last_name": f"B{i}",
                "email": f"a{i}@x.example",
                "job_title": "dev",
            },
        )
        assert r.status_code == 201
        ids.append(r.json()["id"])
    op = await post(
        "/v1/operations",
        {
            "kind": "contacts.update",
            "input": {"where": "first_name in (A0,A1,A2)", "values": {"job_title": "boss"}},
        },
    )
    print(json.dumps(op, indent=1)[:3000])
    assert op["plan"] == {**op["plan"], "update": 3}
    op2 = await post(f"/v1/operations/{op['id']}/apply", {})
    print(op2["state"], op2["done"])
    r = await api.get("/v1/contacts", params={"where": "job_title = boss"})
    assert len(r.json()["items"]) == 3
    u = await post(f"/v1/operations/{op['id']}/undo", {"yes": True})
    print(u["state"], u["plan"], u["done"])
    r = await api.get("/v1/contacts", params={"where": "job_title = boss"})
    assert len(r.json()["items"]) == 0
    rd = await post(f"/v1/operations/{op['id']}/redo", {"yes": True})
    print(rd["state"], rd["plan"], rd["done"])
    r = await api.get("/v1/contacts", params={"where": "job_title = boss"})
    assert len(r.json()["items"]) == 3
    d = await post(
        "/v1/operations",
        {
            "kind": "contacts.delete",
            "input": {"where": "job_title = boss"},
            "options": {"yes": True},
        },
    )
    print(d["state"], d["plan"], d["done"])
    u = await post(f"/v1/operations/{d['id']}/undo", {"yes": True})
    print(u["done"])
    # by rules: emails
    e = await post(
        "/v1/operations",
        {
            "kind": "contacts.update",
            "input": {"where": "first_name = A0", "values": {"phone": "+49 30 1234567"}},
            "options": {"yes": True},
        },
    )
    print(e["done"], e["sample"])
    u = await post(f"/v1/operations/{e['id']}/undo", {"yes": True})
    print(u["done"])
    l = (await api.get("/v1/operations")).json()
    print(len(l["items"]), [(x["kind"], x["state"]) for x in l["items"]])
