"""What a plan says of keys that others have is what applying it does: of natural keys, and of
unique custom fields."""

from __future__ import annotations

from random import Random
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.server.fields.test_indexes import desk, working
from tests.server.jobs.conftest import Desk, until
from tests.server.operations.doing import URL, apply, ask, contact, errors, plan, uploaded
from tests.server.records.files import imported

__all__ = ["desk", "working"]
KEY = "external_ids.crm"


async def with_cards(api: httpx.AsyncClient, noun: str) -> None:
    """Give a noun a unique custom field."""
    asked = {"record_type": noun, "key": "card", "type": "text", "is_unique": True, "label": "Card"}
    await ask(api, "/v1/fields", asked, 201)

    async def reached() -> bool:
        found = (await api.get(f"/v1/fields/{noun}.card")).json()
        return bool(found["index_state"] == "ready")

    await until(reached, "the index is ready")


async def company(api: httpx.AsyncClient, number: int, **fields: Any) -> str:
    body = {"name": f"N{number}", "external_ids": {"crm": str(number)}, **fields}
    reply = await api.post("/v1/companies?allow_duplicates=true", json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def kept(api: httpx.AsyncClient, op: dict[str, Any]) -> dict[int, str]:
    """Apply a plan, see that it does what it said, and return what is amiss by line."""
    done = await apply(api, op)
    said = {name: op["plan"][name] for name in ("create", "update", "restore")}
    did = (done["done"][name] for name in ("created", "updated", "restored"))
    rows = await errors(api, done)
    assert said == dict(zip(said, did, strict=True)), rows
    return {row["line"]: row["problem"]["code"] for row in rows}


async def file(
    api: httpx.AsyncClient, noun: str, header: str, *rows: str, **how: Any
) -> dict[int, str]:
    """Import a file by its plan; return what is amiss by line."""
    upload = await uploaded(api, "\n".join([f"{KEY},{header}", *rows, ""]))
    op = await plan(api, f"{noun}.import", upload_id=upload, key=KEY, **how)
    return await kept(api, op)


class TestFiles:
    @pytest.mark.parametrize("is_turned", [False, True])
    async def test_a_key_that_another_row_lets_go_of_is_free(
        self, api: httpx.AsyncClient, is_turned: bool
    ) -> None:
        await company(api, 1, domain="a.example")
        rows = ["1,One,b.example", "2,Two,a.example"]
        assert not await file(api, "companies", "name,domain", *rows[:: -1 if is_turned else 1])

    @pytest.mark.parametrize(
        ("row", "mode"),
        [
            ("1,One,", "upsert"),
            ("1,One,taken.example", "upsert"),
            ("1,One,b.example", "create"),
        ],
    )
    async def test_a_key_that_the_other_row_leaves_is_none_for_a_new_record(
        self, api: httpx.AsyncClient, row: str, mode: str
    ) -> None:
        await company(api, 1, domain="a.example")
        await company(api, 9, domain="taken.example")
        amiss = await file(api, "companies", "name,domain", row, "2,Two,a.example", mode=mode)
        assert amiss[3] == "duplicate_key"

    async def test_what_counts_on_such_a_row_falls_with_it(self, api: httpx.AsyncClient) -> None:
        for number, letter in enumerate("abc", 1):
            await company(api, number, domain=f"{letter}.example")
        await company(api, 9, domain="taken.example")
        rows = ["4,Four,a.example", "1,One,b.example", "2,Two,c.example", "3,Three,taken.example"]
        amiss = await file(api, "companies", "name,domain", *rows)
        assert amiss == dict.fromkeys((2, 3, 4, 5), "duplicate_key")

    async def test_an_address_that_stays_in_the_list_is_not_let_go_of(
        self, api: httpx.AsyncClient
    ) -> None:
        await contact(api, "Ada", email="a@x.example", external_ids={"crm": "1"})
        rows = ["1,Ada,b@x.example", "2,Bob,a@x.example"]
        # `email` puts an address before the others, `Mail` replaces them
        assert await file(api, "contacts", "last_name,email", *rows) == {3: "duplicate_key"}
        assert not await file(api, "contacts", "last_name,Mail", "1,Ada,c@x.example", rows[1])

    async def test_a_custom_value_is_refused_while_another_has_it(
        self, api: httpx.AsyncClient, working: Desk
    ) -> None:
        await with_cards(api, "companies")
        await company(api, 1, custom={"card": "x"})
        for _ in range(2):  # the second time, whoever had it has let go of it
            rows = ["1,One,y", "2,Two,x"]
            amiss = await file(api, "companies", "name,custom.card", *rows)
            assert amiss in ({3: "duplicate_key"}, {})
        assert not amiss

    async def test_a_custom_value_is_had_by_one_row(
        self, api: httpx.AsyncClient, working: Desk
    ) -> None:
        await with_cards(api, "companies")
        others = [f"{number},N{number}," for number in range(10, 6_000)]  # more than a chunk
        rows = [f"{KEY},name,custom.card", "1,One,X", *others, "2,Two,x", ""]
        for dry_run in (True, False):
            report = await imported(api, "\n".join(rows), dry_run=dry_run)
            assert (report["created"], report["refused"]) == (len(others) + 1, 1)

    @pytest.mark.parametrize("seed", range(3))
    async def test_any(self, api: httpx.AsyncClient, working: Desk, seed: int) -> None:
        await with_cards(api, "companies")
        chance = Random(seed)
        for n in range(25):
            for number, (domain, card) in enumerate((("a", "x"), ("b", "y"), ("", ""))):
                fields = {"custom": {"card": f"{card}{n}"}, "domain": f"{domain}{n}.example"}
                given = {name: value for name, value in fields.items() if card}
                await company(api, 10 * n + number, **given)
            rows = [
                f"{10 * n + number},M{number},"
                + chance.choice(("", *(f"{letter}{n}.example" for letter in "abc")))
                + chance.choice((",", *(f",{letter}{n}" for letter in "xyz")))
                for number in chance.sample(range(5), chance.randint(2, 5))
            ]
            mode = chance.choice(("upsert", "upsert", "create", "update"))
            await file(api, "companies", "name,domain,custom.card", *rows, mode=mode)


class TestUndo:
    """Of two records that handed something on, where a stranger has by now what the first had."""

    async def test_of_keys_is_left_whole(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada", email="a@x.example", external_ids={"crm": "1"})
        await contact(api, "Bob", email="b@x.example", external_ids={"crm": "2"})
        rows = ["1,Ada,b@x.example", "2,Bob,q@x.example"]
        assert not await file(api, "contacts", "last_name,Mail", *rows)
        await contact(api, "Stranger", email="a@x.example")
        last = (await api.get(URL, params={"limit": 1})).json()["items"][0]
        undo = await ask(api, f"{URL}/{last['id']}/undo", {})
        assert (undo["plan"]["update"], undo["plan"]["error"]) == (0, 2)
        assert await kept(api, undo)

    async def test_of_custom_values_is_left_whole(
        self, api: httpx.AsyncClient, main: People, working: Desk
    ) -> None:
        await with_cards(api, "contacts")
        await contact(api, "Ada", custom={"card": "a"}, external_ids={"crm": "1"})
        await contact(api, "Bob", custom={"card": "b"}, external_ids={"crm": "2"})
        assert not await file(api, "contacts", "last_name,custom.card", "2,Bob,q")
        assert not await file(api, "contacts", "last_name,custom.card", "1,Ada,b")
        await contact(api, "Stranger", custom={"card": "a"})
        items = (await api.get(URL, params={"limit": 2})).json()["items"]
        for op in items:
            undo = await ask(api, f"{URL}/{op['id']}/undo", {})
            assert (undo["plan"]["update"], undo["plan"]["error"]) == (0, 1)
            assert await kept(api, undo)
