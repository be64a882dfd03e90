"""What is found, and in which order."""

from __future__ import annotations

import httpx
import psycopg
import pytest
import pytest_asyncio

from cerebro_server import registry
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.searching import source
from tests.fixtures.stores import Installation
from tests.server.search.conftest import hits, make, titles


@pytest_asyncio.fixture
async def filled(api: httpx.AsyncClient) -> httpx.AsyncClient:
    await make(api, "companies", name="Gravity Investments", domain="gravity.example", city="Bonn")
    await make(api, "companies", name="Gravel & Sons", domain="gravel.example")
    await make(
        api,
        "companies",
        name="Invicta",
        domain="invicta.example",
        phones=["+49 30 901820", "+49 30 901821"],
    )
    await make(api, "companies", name="Müller Straßenbau", domain="mueller.example")
    await make(
        api,
        "contacts",
        first_name="Ada",
        last_name="Lovelace",
        email="ada@analytical.example",
        phone="+44 20 7946 0999",
        job_title="Countess",
    )
    await make(
        api,
        "contacts",
        first_name="Zoë",
        last_name="Gravier",
        emails=["zoe@x.example", "zoe@second.example"],
    )
    return api


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("gravity", "Gravity Investments"),
        ("grav inv", "Gravity Investments"),
        ("INV   Grav!", "Gravity Investments"),
        ("gravty", "Gravity Investments"),
        ("garvity", "Gravity Investments"),
        ("gravity invesments", "Gravity Investments"),
        ("vestment", "Gravity Investments"),
        ("gravity bonn", "Gravity Investments"),
        ("muller strasse", "Müller Straßenbau"),
        ("MÜLLER", "Müller Straßenbau"),
        ("zoe", "Zoë Gravier"),
        ("lov", "Ada Lovelace"),
        ("lovelace ada", "Ada Lovelace"),
        ("lovelaec", "Ada Lovelace"),
        ("ada analytical", "Ada Lovelace"),
        ("ada@analytical.example", "Ada Lovelace"),
        ("countess", "Ada Lovelace"),
        ("+44 20 79460999", "Ada Lovelace"),
        ("020 7946 0999", "Ada Lovelace"),
        ("7946-0999", "Ada Lovelace"),
        ("90 18 20", "Invicta"),
        ("invicta.example", "Invicta"),
        ("+49 (30) 90 18 21", "Invicta"),  # neither the first of its numbers
        ("zoe@second.example", "Zoë Gravier"),  # nor the first of her addresses
    ],
)
async def test_finds(filled: httpx.AsyncClient, query: str, first: str) -> None:
    assert (await titles(filled, query))[:1] == [first]


@pytest.mark.parametrize("query", ["xyzzy", "gravity ada", "!!!", "\0", "ünfug", "a b c d e f g"])
async def test_finds_nothing(filled: httpx.AsyncClient, query: str) -> None:
    assert await titles(filled, query) == []


async def test_three_letters_find_everything_that_begins_so(filled: httpx.AsyncClient) -> None:
    assert set(await titles(filled, "gra")) == {
        "Gravity Investments",
        "Gravel & Sons",
        "Zoë Gravier",
    }


async def test_says_what_was_found_where(filled: httpx.AsyncClient) -> None:
    [hit] = await hits(filled, "analytical")
    assert hit["record_type"] == "contacts"
    assert (hit["title"], hit["subtitle"]) == ("Ada Lovelace", "ada@analytical.example")
    assert hit["matched"] == {"field": "email", "text": "ada@analytical.example"}
    assert 0 < hit["score"] < 1


class TestOrder:
    async def test_a_key_that_is_typed_whole_comes_first(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", name="acme.example", domain="other.example")
        await make(api, "companies", name="Zebra", domain="acme.example")
        found = await hits(api, "acme.example")
        assert [hit["title"] for hit in found] == ["Zebra", "acme.example"]
        assert found[0]["score"] == 1

    async def test_whole_words_come_before_beginnings_and_mistakes(
        self, api: httpx.AsyncClient
    ) -> None:
        for name in ("Gravityhouse", "Grvity", "Gravity", "The Gravity", "Antigravity"):
            await make(api, "companies", name=name)
        assert await titles(api, "gravity") == [
            "Gravity",
            "The Gravity",
            "Gravityhouse",
            "Antigravity",
            "Grvity",
        ]

    async def test_of_several_words_mistakes_are_looked_for_where_nothing_has_them_as_typed(
        self, api: httpx.AsyncClient
    ) -> None:
        for name in ("Gravity Holdings", "Grvity Holdings", "Antigravity Holdings"):
            await make(api, "companies", name=name)
        found = await titles(api, "gravity holdings")
        assert found == ["Gravity Holdings", "Antigravity Holdings"]
        assert await titles(api, "gravityx holdings") == ["Gravity Holdings"]

    async def test_names_come_before_what_stands_beside_them(self, api: httpx.AsyncClient) -> None:
        await make(api, "companies", name="Baker", city="Bonn")
        await make(api, "companies", name="Bonn Bakery")
        assert await titles(api, "bonn") == ["Bonn Bakery", "Baker"]


class TestNarrowing:
    async def test_to_nouns(self, filled: httpx.AsyncClient) -> None:
        assert await titles(filled, "gra", nouns="contacts") == ["Zoë Gravier"]
        assert len(await titles(filled, "gra", nouns="companies,contacts")) == 3

    async def test_to_a_number(self, filled: httpx.AsyncClient) -> None:
        assert len(await titles(filled, "gra", limit=1)) == 1

    @pytest.mark.parametrize("nouns", ["compannies", "users", ","])
    async def test_refuses_nouns_that_are_not_searched(
        self, filled: httpx.AsyncClient, nouns: str
    ) -> None:
        reply = await filled.get("/v1/search", params={"q": "x", "nouns": nouns})
        assert reply.status_code == 422
        assert "companies, contacts" in reply.json()["detail"]


async def test_follows_every_change(api: httpx.AsyncClient) -> None:
    record_id = await make(api, "companies", name="Gravity")
    await api.patch(f"/v1/companies/{record_id}", json={"name": "Levity"})
    assert await titles(api, "gravity", nouns="companies") == []
    assert await titles(api, "levity") == ["Levity"]
    await api.delete(f"/v1/companies/{record_id}")
    assert await titles(api, "levity") == []
    await api.post(f"/v1/companies/{record_id}/restore")
    assert await titles(api, "levity") == ["Levity"]


SEARCHED = [rt for rt in registry.record_types() if rt.searched]


@pytest.mark.parametrize("record_type", SEARCHED, ids=lambda rt: rt.name)
def test_the_index_is_over_what_is_searched(
    installation: Installation, record_type: RecordType
) -> None:
    name = record_type.table_name
    fields = record_type.fields.values()
    required = [field.name for field in fields if field.required] or ["description"]
    values = ", ".join("'Some ' || n" for _ in required)
    with psycopg.connect(installation.url) as owner:
        owner.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        # what a record must have besides is none of the index's business
        owner.execute("set session_replication_role = replica")  # no trigger, no foreign key
        checks = owner.execute(
            "select conname from pg_constraint where contype = 'c' and conrelid = %s::regclass",
            (name,),
        )
        for (check,) in checks.fetchall():
            owner.execute(f'alter table {name} drop constraint "{check}"')
        for column in record_type.table.columns:
            if not column.nullable and not column.primary_key and column.name != "number":
                owner.execute(f'alter table {name} alter column "{column.name}" drop not null')
        owner.execute(
            f"insert into {name} (id, {', '.join(required)}) "
            f"select gen_random_uuid(), {values} from generate_series(1, 500) n"
        )
        owner.execute(f"analyze {name}")
        plan = owner.execute(
            f"explain select from {name} t where t.deleted_at is null "
            f"and search_grams({source(record_type)}) @> '{{abc}}'"
        ).fetchall()
    assert f"{name}_search" in str(plan)
