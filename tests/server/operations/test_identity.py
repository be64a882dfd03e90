"""Apply then undo is identity: generated operations, and edits that come between."""

from __future__ import annotations

import csv
import io
import os
from random import Random
from typing import Any

import httpx
import pytest

from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, everything, imported, redone, undone

SEEDS = range(200 if os.environ.get("CEREBRO_TORTURE") else 4)
TITLES = ("Boss", "Clerk", None)
DEPARTMENTS = ("Sales", "Legal", "R&D")


async def world(api: httpx.AsyncClient, chance: Random) -> None:
    """Make some contacts with external ids, and companies that they work for."""
    for key, kind in (("tier", "select"), ("size", "integer")):
        options = {"options": ["gold", "silver"]} if kind == "select" else {}
        body = {"record_type": "contacts", "key": key, "type": kind, **options}
        reply = await api.post("/v1/fields", json=body)
        assert reply.status_code == 201, reply.text
    for number in range(3):
        await api.post("/v1/companies", json={"name": f"C{number}", "domain": f"c{number}.example"})
    for number in range(8):
        await contact(
            api,
            f"N{number}",
            external_ids={"crm": str(number)},
            job_title=chance.choice(TITLES),
            department=chance.choice(DEPARTMENTS),
            tags=chance.sample(["a", "b", "c"], chance.randint(0, 2)),
            custom=chance.choice(({}, {"tier": "gold"}, {"tier": "silver", "size": 7})),
        )


async def operation(api: httpx.AsyncClient, chance: Random) -> dict[str, Any]:
    """Do something with many records."""
    kind = chance.choice(("update", "update", "delete", "import", "import", "import"))
    where = f"department = {chance.choice(DEPARTMENTS[:2])}"
    if kind == "delete":
        return await done(api, "contacts.delete", where=where)
    if kind == "update":
        values = chance.choice(
            (
                {"job_title": chance.choice(TITLES), "tags": ["x"]},
                {"custom": {"tier": "gold", "size": None}},
                {"phone": "+49 30 1234567", "consent": "given"},
                {"city": "Oslo", "department": "Legal"},
                {"external_ids": {"erp": "9"}} if chance.random() < 0.1 else {"website": None},
            )
        )
        asked = {"kind": "contacts.update", "input": {"where": where, "values": values}}
        reply = await api.post(URL, json={**asked, "options": {"yes": True}})
        if reply.status_code == 422:  # one key for several
            return await operation(api, chance)
        found: dict[str, Any] = reply.json()
        return found
    return await imported(api, "contacts", file(chance), key="external_ids.crm")


def file(chance: Random) -> str:
    """Return rows for records that are there, with each other's addresses, and for new ones."""
    numbers = chance.sample(range(11), chance.randint(2, 9))
    addresses = [f"n{number}@x.example" for number in numbers]
    chance.shuffle(addresses)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    # `email` puts an address before the others, `Mail` replaces them: then they can be exchanged
    mail = chance.choice(("email", "Mail"))
    writer.writerow(["external_ids.crm", "last_name", mail, "job_title", "tier", "company"])
    for number, address in zip(numbers, addresses, strict=True):
        company = chance.choice(("", "C1", "New company", "c2.example"))
        tier = chance.choice(("", "gold", "silver"))
        writer.writerow([number, f"N{number}", address, chance.choice(("", "Boss")), tier, company])
    return target.getvalue()


async def edit(api: httpx.AsyncClient, chance: Random) -> None:
    """Change what nobody will take back."""
    records = (await api.get("/v1/contacts")).json()["items"]
    if records:
        await api.patch(
            f"/v1/contacts/{chance.choice(records)['id']}",
            json={"description": f"Edited {chance.random()}"},
        )


@pytest.mark.parametrize("seed", SEEDS)
async def test_undo_of_all_brings_all_back(
    api: httpx.AsyncClient, installation: Installation, seed: int
) -> None:
    chance = Random(seed)
    await world(api, chance)
    stands = [everything(installation)]
    operations = []
    for _ in range(4):
        operations.append(await operation(api, chance))
        stands.append(everything(installation))
    for op, after, before in zip(
        reversed(operations), reversed(stands[1:]), reversed(stands[:-1]), strict=True
    ):
        assert everything(installation) == after
        if not changed(op):
            continue
        undo = await undone(api, op)
        assert (undo["plan"]["error"], undo["done"]["left"]) == (0, 0)
        assert everything(installation) == before
        again = await redone(api, op)
        assert everything(installation) == after, again
        await undone(api, again)
        assert everything(installation) == before


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_others_did_since_stays(
    api: httpx.AsyncClient, installation: Installation, seed: int
) -> None:
    chance = Random(1000 + seed)
    await world(api, chance)
    before = everything(installation)
    op = await operation(api, chance)
    for _ in range(3):
        await edit(api, chance)
    edited = everything(installation)
    texts = {
        name: row["description"]
        for name, row in edited.items()
        if name.startswith("contacts/") and row["description"]
    }
    undo = await ask(api, f"{URL}/{op['id']}/undo", {"yes": True}) if changed(op) else None
    after = everything(installation)
    for name, text in texts.items():
        assert after[name]["description"] == text, undo
    bound = held_up(before, after)
    assert not bound or undo["plan"]["error"] + undo["done"]["left"] >= len(bound)
    for name, row in before.items():
        if name != "keys" and name not in bound:
            assert {**after[name], "description": None} == {**row, "description": None}


def changed(op: dict[str, Any]) -> bool:
    """Whether an operation did anything but leave rows."""
    return any(count for what, count in op["done"].items() if what != "left")


def held_up(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the contacts that cannot have their address back: a record that came with the import,
    and somebody changed since, stays with it, or one that cannot have its own back."""
    holders = {
        part["address"]: name
        for name, row in after.items()
        if name.startswith("contacts/")
        for part in row["emails"]
    }
    stays = after.keys() - before.keys()
    bound: set[str] = set()
    grown = True
    while grown:
        found = {
            name
            for name, row in before.items()
            if name.startswith("contacts/")
            for part in row["emails"]
            if holders.get(part["address"], name) in (stays | bound) - {name}
        }
        grown, bound = found != bound, found
    return bound
