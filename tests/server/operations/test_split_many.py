"""Merges of many that are taken back: each whole or not at all, whatever becomes of the others."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx

from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, errors, everything, redone
from .test_merge import KIND, got, made

TABLES = ("contacts", "tasks")


async def pairs_of(api: httpx.AsyncClient, count: int) -> list[tuple[str, str, str]]:
    """Make pairs of contacts of which the second one has a city and a task: (one, other, task)."""
    found = []
    for number in range(count):
        one = await contact(api, f"One{number}")
        other = await contact(api, f"Other{number}", city="Bonn")
        task = await made(api, "tasks", subject=f"Call {number}", contact_id=other)
        found.append((one, other, task))
    return found


async def lives(api: httpx.AsyncClient, pair: tuple[str, str, str]) -> tuple[bool, bool]:
    """Tell whether the second of a pair is there, and has its task."""
    one, other, task = pair
    there = (await got(api, other))["id"] == other
    named = (await got(api, task, "tasks"))["contact_id"]
    assert named in (one, other)
    return there, named == other


async def test_what_changed_since_keeps_its_own_pair_together_and_no_other(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    pairs = await pairs_of(api, 6)
    before = everything(installation, *TABLES)
    asked = [{"into": one, "records": [other]} for one, other, _ in pairs]
    op = await done(api, KIND, pairs=asked)
    undo_path = f"{URL}/{op['id']}/undo"
    # apart already, and then changed: that is no conflict
    await ask(api, undo_path, {"yes": True, "record": f"contacts/{pairs[0][1]}"})
    await api.patch(f"/v1/contacts/{pairs[0][0]}", json={"city": "Rome"})
    await api.patch(f"/v1/contacts/{pairs[1][0]}", json={"city": "Paris"})
    await api.post(f"/v1/contacts/{pairs[2][0]}/lock")
    await api.patch(f"/v1/tasks/{pairs[3][2]}", json={"subject": "Called"})
    undo = await ask(api, undo_path, {})
    assert (undo["report"]["groups"], undo["report"]["groups_left"]) == (3, 2)
    assert (undo["plan"]["restore"], undo["plan"]["update"], undo["plan"]["error"]) == (3, 6, 6)
    told = Counter(each["problem"]["code"] for each in await errors(api, undo))
    assert told == {"left_together": 4, "changed": 1, "record_locked": 1}
    # one that is locked only now is seen when it is written, and left whole as well
    await api.post(f"/v1/contacts/{pairs[4][0]}/lock")
    undo = await ask(api, f"{URL}/{undo['id']}/apply", {"on_drift": "skip"})
    assert (undo["state"], undo["done"]["restored"], undo["done"]["left"]) == ("applied", 2, 9)
    apart = [await lives(api, pair) for pair in pairs]
    assert apart == [(each, each) for each in (True, False, False, True, False, True)]
    told = Counter(each["problem"]["code"] for each in await errors(api, undo))
    assert told == {"left_together": 6, "changed": 1, "record_locked": 2}
    # a filter chooses merges; it is about any of their records
    for number in (2, 4):
        await api.post(f"/v1/contacts/{pairs[number][0]}/unlock")
    reply = await ask(api, undo_path, {"where": "subject = x"}, 422)
    assert reply["code"] == "invalid_query", reply
    some = await ask(api, undo_path, {"where": "last_name = Other2", "yes": True})
    assert (some["done"]["restored"], some["done"]["left"]) == (1, 0)
    # by force the rest goes back, and what somebody wrote since stays
    rest = await ask(api, undo_path, {"force_fields": True, "yes": True})
    assert (rest["done"]["restored"], rest["done"]["left"]) == (2, 0)
    assert [await lives(api, pair) for pair in pairs] == [(True, True)] * 6
    cities = [(await got(api, pair[0]))["city"] for pair in pairs]
    assert cities == ["Rome", "Paris", None, None, None, None]
    for number in (0, 1):
        await api.patch(f"/v1/contacts/{pairs[number][0]}", json={"city": None})
    await api.patch(f"/v1/tasks/{pairs[3][2]}", json={"subject": "Call 3"})
    assert everything(installation, *TABLES) == before
    assert (await ask(api, undo_path, {"yes": True}, 409))["code"] == "wrong_state"


async def test_done_again_each_merge_is_whole_or_not_at_all(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    pairs = await pairs_of(api, 3)
    op = await done(api, KIND, pairs=[{"into": o, "records": [b]} for o, b, _ in pairs])
    together = everything(installation, *TABLES)
    await ask(api, f"{URL}/{op['id']}/undo", {"yes": True})
    await api.patch(f"/v1/tasks/{pairs[1][2]}", json={"contact_id": pairs[0][0]})
    redo: dict[str, Any] = await redone(api, op)
    assert (redo["done"]["deleted"], redo["report"]["groups_left"]) == (2, 1)
    assert [(await got(api, other))["id"] == other for _, other, _ in pairs] == [False, True, False]
    await api.patch(f"/v1/tasks/{pairs[1][2]}", json={"contact_id": pairs[1][1]})
    again = await ask(api, f"{URL}/{redo['undoes']}/undo", {"yes": True})
    assert (again["done"]["deleted"], again["done"]["left"]) == (1, 0)
    assert everything(installation, *TABLES) == together
