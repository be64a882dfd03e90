"""Whose records, and which of their fields, a search looks into."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation
from tests.server.search.conftest import hits, make, titles

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@analytical.example",
    "phone": "+44 20 7946 0999",
    "job_title": "Countess",
}


class TestRows:
    async def test_of_other_teams_are_not_found(self, api: httpx.AsyncClient, main: People) -> None:
        main.team("red")
        main.team("blue")
        main.role("scoped", ["companies:read:team"])
        red = main.signed("rita", "scoped", teams=["red"])
        blue = main.signed("bob", "scoped", teams=["blue"])
        await make(api, "companies", name="Gravity", team="red", domain="gravity.example")
        for query in ("gravity", "gravty", "grav", "gravity.example"):
            assert await titles(api, query) == ["Gravity"]
            assert await titles(api, query, red) == ["Gravity"]
            assert await titles(api, query, blue) == []

    async def test_outside_of_a_row_rule_are_not_found(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("bonn", ["companies:read"], row_rules={"companies": "city = Bonn"})
        limited = main.signed("rita", "bonn")
        await make(api, "companies", name="Gravity One", city="Bonn")
        await make(api, "companies", name="Gravity Two", city="Berlin")
        for query in ("gravity", "gravtiy", "gravity two"):
            assert await titles(api, query, limited) in (["Gravity One"], [])
        assert await titles(api, "gravity two", limited) == []

    async def test_of_nouns_that_may_not_be_read_are_not_found(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("contacts_only", ["contacts:read"])
        limited = main.signed("rita", "contacts_only")
        await make(api, "companies", name="Gravity")
        assert await titles(api, "gravity", limited) == []
        assert await titles(api, "gravity", limited, nouns="companies") == []

    async def test_of_another_workspace_are_not_found(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        stranger = bearer(installation.add_workspace("other"))
        await make(api, "companies", name="Gravity")
        assert await titles(api, "gravity") == ["Gravity"]
        assert await titles(api, "gravity", stranger) == []

    async def test_that_are_many_and_unseen_do_not_crowd_out_those_that_are_seen(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("own", ["companies:read:own", "companies:create"])
        limited = main.signed("rita", "own")
        for part in ("before", "after"):
            main.connection.execute(
                "insert into companies (id, name) select gen_random_uuid(), 'Gravity ' || n "
                "from generate_series(1, 500) n"
            )
            if part == "before":
                reply = await api.post(
                    "/v1/companies", json={"name": "The Gravity"}, headers=limited
                )
                assert reply.status_code == 201
        assert await titles(api, "gravity", limited) == ["The Gravity"]


class TestFields:
    @pytest.fixture
    def limited(self, main: People) -> dict[str, str]:
        """Somebody who does not see titles and sees addresses and numbers masked."""
        main.role(
            "limited",
            ["contacts:read"],
            field_rules={
                "contacts.job_title": "hidden",
                "contacts.email": "masked",
                "contacts.phone": "masked",
            },
        )
        return main.signed("lim", "limited")

    @pytest.mark.parametrize(
        "query",
        [
            *("countess", "count", "countes", "ada countess"),
            *("analytical", "ada@analytical.example", "analitical", "lovelace analytical"),
            *("+44 20 7946 0999", "7946 0999", "0999", "442079460999"),
        ],
    )
    async def test_that_are_hidden_or_masked_find_nothing(
        self, api: httpx.AsyncClient, limited: dict[str, str], query: str
    ) -> None:
        await make(api, "contacts", **ADA)
        assert await titles(api, query) == ["Ada Lovelace"]
        assert await hits(api, query, limited) == []

    async def test_that_are_hidden_or_masked_do_not_show(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        await make(api, "contacts", **ADA)
        [hit] = await hits(api, "lovelace", limited)
        assert hit["title"] == "Ada Lovelace"
        assert hit["matched"] == {"field": "full_name", "text": "Ada Lovelace"}
        assert "analytical" not in str(hit)
        assert "Countess" not in str(hit)

    @pytest.mark.parametrize("level", ["hidden", "masked"])
    async def test_with_no_name_a_record_is_found_by_what_is_seen(
        self, api: httpx.AsyncClient, main: People, level: str
    ) -> None:
        main.role("nameless", ["contacts:read"], field_rules={"contacts.full_name": level})
        limited = main.signed("nell", "nameless")
        await make(api, "contacts", **ADA)
        for query in ("lovelace", "lov", "ada lovelace"):
            assert await hits(api, query, limited) == []
        [hit] = await hits(api, "countess", limited)
        assert "Lovelace" not in str(hit)
        assert hit["matched"] == {"field": "job_title", "text": "Countess"}

    async def test_when_none_is_seen_a_noun_is_left_out(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        rules = {f"contacts.{name}": "hidden" for name in ("full_name", "email", "phone")}
        main.role("blind", ["*:read"], field_rules={**rules, "contacts.job_title": "masked"})
        limited = main.signed("ben", "blind")
        await make(api, "contacts", **ADA)
        await make(api, "companies", name="Lovelace Ltd")
        assert await titles(api, "lovelace", limited) == ["Lovelace Ltd"]


async def test_asks_for_a_sign_in(api: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer nobody"}
    reply = await api.get("/v1/search", params={"q": "x"}, headers=headers)
    assert reply.status_code == 401
