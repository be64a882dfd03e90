"""Values of custom fields in payloads, in the journal, in files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People

from .conftest import define, make, names

URL = "/v1/contacts"


async def imported(api: httpx.AsyncClient, text: str) -> dict[str, Any]:
    """Import a file of contacts."""
    headers = {"content-type": "text/csv"}
    reply = await api.post(f"{URL}/import", content=text, headers=headers)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


async def few(api: httpx.AsyncClient) -> None:
    """Give contacts three fields."""
    await define(api, "tier", "select", options=["gold", "silver"])
    await define(api, "score", "integer", label="Lead score")
    await define(api, "budget", "currency")


class TestCreate:
    async def test_a_field_without_value_is_null(self, api: httpx.AsyncClient) -> None:
        await few(api)
        made = await make(api, tier="gold")
        assert made["custom"] == {"tier": "gold", "score": None, "budget": None}
        listed = (await api.get(URL)).json()["items"][0]
        assert listed["custom"] == made["custom"]

    async def test_names_everything_that_is_wrong(self, api: httpx.AsyncClient) -> None:
        await few(api)
        custom = {"teir": "gold", "tier": "iron", "score": "x", "budget": "5", "emial": "a"}
        reply = await api.post(URL, json={"last_name": "X", "custom": custom})
        assert reply.status_code == 422
        errors = {error["pointer"]: error for error in reply.json()["errors"]}
        assert set(errors) == {f"/custom/{key}" for key in custom}
        assert errors["/custom/teir"]["code"] == "unknown_field"
        assert "Did you mean tier?" in errors["/custom/teir"]["detail"]
        assert "Did you mean email?" in errors["/custom/emial"]["detail"]

    async def test_defaults_and_required_ones(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "select", options=["gold"], default="gold", is_required=True)
        await define(api, "score", "integer", is_required=True)
        lacking = await api.post(URL, json={"last_name": "X"})
        assert [error["pointer"] for error in lacking.json()["errors"]] == ["/custom/score"]
        made = await make(api, score=0)
        assert made["custom"] == {"tier": "gold", "score": 0}
        emptied = await api.patch(f"{URL}/{made['id']}", json={"custom": {"score": None}})
        assert emptied.json()["errors"][0]["pointer"] == "/custom/score"

    async def test_an_odd_key_is_refused_and_nothing_more(self, api: httpx.AsyncClient) -> None:
        custom = {"": 1, "a/b~c": 2, "x" * 5_000: 3, "tier'": 4}
        reply = await api.post(URL, json={"last_name": "X", "custom": custom})
        assert reply.status_code == 422
        pointers = {error["pointer"] for error in reply.json()["errors"]}
        assert {"/custom/", "/custom/a~1b~0c"} <= pointers

    @pytest.mark.parametrize("custom", [None, [], "x", {"tier": {"a": [1]}}])
    async def test_another_shape_is_refused(self, api: httpx.AsyncClient, custom: Any) -> None:
        await few(api)
        reply = await api.post(URL, json={"last_name": "X", "custom": custom})
        assert reply.status_code == 422

    async def test_other_nouns_take_none(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/teams", json={"key": "a", "name": "A", "custom": {"x": 1}})
        assert reply.json()["errors"][0]["code"] == "extra_forbidden"

    async def test_guesses_for_the_first_few_unknown_keys_alone(
        self, api: httpx.AsyncClient
    ) -> None:
        await few(api)
        custom = {f"tier{number}": 1 for number in range(8)}
        reply = await api.post(URL, json={"last_name": "X", "custom": custom})
        details = [error["detail"] for error in reply.json()["errors"]]
        assert len(details) == 8
        assert [detail.endswith("Did you mean tier?") for detail in details] == [True] * 5 + (
            [False] * 3
        )


class TestUpdate:
    async def test_merges_by_key_and_null_empties(self, api: httpx.AsyncClient) -> None:
        await few(api)
        made = await make(api, tier="gold", score=5)
        path = f"{URL}/{made['id']}"
        changed = (await api.patch(path, json={"custom": {"score": 6}})).json()
        assert changed["custom"] == {"tier": "gold", "score": 6, "budget": None}
        emptied = (await api.patch(path, json={"custom": {"tier": None, "score": ""}})).json()
        assert emptied["custom"] == {"tier": None, "score": None, "budget": None}

    async def test_equal_values_change_nothing(self, api: httpx.AsyncClient) -> None:
        await few(api)
        made = await make(api, tier="gold")
        path = f"{URL}/{made['id']}"
        same = await api.patch(path, json={"custom": {"tier": "Gold", "score": None}})
        assert same.json()["version"] == made["version"]

    async def test_is_journaled_by_key(self, api: httpx.AsyncClient) -> None:
        await few(api)
        made = await make(api, tier="gold", score=5)
        await api.patch(f"{URL}/{made['id']}", json={"custom": {"tier": "silver", "score": None}})
        record = {"record": f"contacts/{made['id']}"}
        changes = (await api.get("/v1/changes", params=record)).json()["items"]
        assert changes[0]["diff"] == {"custom": {"tier": ["gold", "silver"], "score": [5, None]}}
        assert changes[1]["diff"]["custom"] == {"tier": [None, "gold"], "score": [None, 5]}

    async def test_takes_back_what_was_read(self, api: httpx.AsyncClient) -> None:
        await few(api)
        await define(api, "named", "person_name")
        made = await make(api, budget="9.50 EUR", named="Ada King")
        path = f"{URL}/{made['id']}"
        again = (await api.patch(path, json={"custom": made["custom"]})).json()
        assert again["version"] == made["version"]


class TestNoLongerRight:
    """What a record has may stay, though it could not be written now."""

    async def test_comes_back_unchanged(self, api: httpx.AsyncClient, main: People) -> None:
        main.team("red")
        await define(api, "tier", "select", options=["gold", "silver"])
        await define(api, "likes", "multi_select", options=["tea", "rum"])
        await define(api, "squad", "team")
        made = await make(api, tier="gold", likes="tea,rum", squad="red")
        await define(api, "score", "integer", is_required=True)
        await api.patch("/v1/fields/contacts.tier", json={"options": ["silver"]})
        await api.patch("/v1/fields/contacts.likes", json={"options": ["tea"]})
        assert (await api.delete("/v1/teams/red")).is_success
        path = f"{URL}/{made['id']}"
        custom = (await api.get(path)).json()["custom"]
        assert custom == made["custom"] | {"score": None}
        again = await api.patch(path, json={"custom": custom, "first_name": "Ada"})
        assert (again.status_code, again.json()["custom"]) == (200, custom)
        report = await imported(api, (await api.get(f"{URL}/export")).text)
        assert (report["unchanged"], report["errors"]) == (1, [])

    async def test_is_refused_to_others(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "select", options=["gold", "silver"])
        made = await make(api, "A", tier="gold")
        other = await make(api, "B", tier="silver")
        await api.patch("/v1/fields/contacts.tier", json={"options": ["silver"]})
        payload = {"custom": {"tier": "gold"}}
        reply = await api.patch(f"{URL}/{other['id']}", json=payload)
        assert reply.json()["errors"][0]["pointer"] == "/custom/tier"
        assert (await api.post(URL, json=payload | {"last_name": "C"})).status_code == 422
        ids = (made["id"], other["id"], "")
        rows = [f"{record_id},{name},gold" for record_id, name in zip(ids, "XYZ", strict=True)]
        report = await imported(api, "\n".join(["id,last_name,tier", *rows]))
        assert (report["updated"], report["refused"]) == (1, 2)
        told = [(error["line"], error["field"], error["code"]) for error in report["errors"]]
        assert told == [(3, "custom.tier", "option"), (4, "custom.tier", "option")]
        assert await names(api, "") == ["B", "X"]

    async def test_is_not_told_by_being_taken(self, api: httpx.AsyncClient, main: People) -> None:
        await define(api, "tier", "select", options=["gold", "silver"])
        made = await make(api, tier="gold")
        await api.patch("/v1/fields/contacts.tier", json={"options": ["silver"]})
        for level, code in (("hidden", "unknown_field"), ("read_only", "read_only")):
            role = f"role_{level}"
            main.role(
                role,
                ["contacts:read", "contacts:update"],
                field_rules={"contacts.tier": level},
            )
            reply = await api.patch(
                f"{URL}/{made['id']}",
                json={"custom": {"tier": "gold"}},
                headers=main.signed(role, role),
            )
            assert reply.json()["errors"][0]["code"] == code


class TestColumnNames:
    async def test_of_an_export_find_their_own_fields(self, api: httpx.AsyncClient) -> None:
        await define(api, "tier", "text", label="Level")
        await define(api, "level", "text", label="Full name")
        await define(api, "title", "text", label="E-mail")
        custom = {"tier": "T", "level": "L", "title": "x"}
        contact = {"last_name": "A", "email": "a@x.example", "custom": custom}
        await api.post(URL, json=contact)
        file = (await api.get(f"{URL}/export")).text
        report = await imported(api, file)
        assert (report["unchanged"], report["errors"]) == (1, [])
        assert {column: field for column, field in report["mapping"].items() if "." in field} == {
            key: f"custom.{key}" for key in custom
        }
        assert report["mapping"]["email"] == "email"
        assert "full_name" in report["ignored"]

    async def test_are_read_the_surest_way_first(self, api: httpx.AsyncClient) -> None:
        await define(api, "grade", "text", label="First name")
        await define(api, "rank", "text")
        await define(api, "tier", "text", label="Rank")
        await define(api, "area", "text", label="Région")
        text = "LAST NAME,First Name,Rank,RÉGION,Custom.Tier,,顧客\nA,1,2,3,4,5,6\n"
        report = await imported(api, text)
        assert report["mapping"] == {
            "LAST NAME": "last_name",
            "First Name": "first_name",
            "Rank": "custom.rank",
            "RÉGION": "custom.area",
            "Custom.Tier": "custom.tier",
        }
        assert report["ignored"] == ["顧客"]


class TestFiles:
    async def test_an_export_is_read_back(self, api: httpx.AsyncClient) -> None:
        await few(api)
        await define(api, "likes", "multi_select", options=["tea", "rum"])
        made = await make(api, "One", tier="gold", score=5, budget="9.50 EUR", likes="tea,rum")
        file = (await api.get(f"{URL}/export")).text
        header = file.splitlines()[0].split(",")
        assert {"tier", "score", "budget", "likes"} <= set(header)
        assert "custom" not in header
        report = await imported(api, file)
        assert (report["unchanged"], report["refused"]) == (1, 0)
        assert report["mapping"]["tier"] == "custom.tier"
        await api.patch(f"{URL}/{made['id']}", json={"custom": dict.fromkeys(made["custom"])})
        assert (await imported(api, file))["updated"] == 1
        [again] = (await api.get(URL)).json()["items"]
        assert (again["id"], again["custom"]) == (made["id"], made["custom"])

    async def test_lines_of_json_have_them_as_the_api_does(self, api: httpx.AsyncClient) -> None:
        await few(api)
        made = await make(api, tier="gold", budget="1 EUR")
        lines = await api.get(f"{URL}/export", params={"format": "jsonl"})
        assert lines.headers["content-type"].startswith("application/jsonl")
        import json

        assert json.loads(lines.text)["custom"] == made["custom"]
        params = {"format": "jsonl", "columns": "last_name,tier,custom.budget"}
        picked = json.loads((await api.get(f"{URL}/export", params=params)).text)
        assert picked == {
            "last_name": "Lovelace",
            "tier": "gold",
            "custom.budget": {"amount": "1", "currency": "EUR"},
        }

    async def test_columns_fit_by_key_label_or_path(self, api: httpx.AsyncClient) -> None:
        await few(api)
        text = "last_name,Lead Score,custom.tier,email\nA,5,gold,a@x.example\nB,,,b@x.example\n"
        csv = {"content-type": "text/csv"}
        report = (await api.post(f"{URL}/import", content=text, headers=csv)).json()
        assert (report["created"], report["refused"]) == (2, 0)
        assert report["mapping"]["Lead Score"] == "custom.score"
        text = "email,score\na@x.example,\nb@x.example,7\n"
        text = text.replace("email", "email,last_name").replace("example,", "example,Z,")
        again = (await api.post(f"{URL}/import", content=text, headers=csv)).json()
        assert again["updated"] == 2
        assert await names(api, "score = 5 and tier = gold") == ["Z"]
        assert await names(api, "score = 7 and tier is empty") == ["Z"]

    async def test_wrong_cells_are_told_by_line_and_column(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await few(api)
        await define(api, "buddy", "user")
        text = "last_name,score,buddy\nA,x,\nB,1,nobody@x.example\nC,2,me\n"
        csv = {"content-type": "text/csv"}
        report = (await api.post(f"{URL}/import", content=text, headers=csv)).json()
        assert (report["created"], report["refused"]) == (1, 2)
        told = [(e["line"], e["column"], e["field"], e["value"]) for e in report["errors"]]
        assert told == [
            (2, "score", "custom.score", "x"),
            (3, "buddy", "custom.buddy", "nobody@x.example"),
        ]

    async def test_new_rows_get_defaults_and_known_ones_keep_theirs(
        self, api: httpx.AsyncClient
    ) -> None:
        await define(api, "tier", "text", default="new")
        await define(api, "score", "integer", is_required=True)
        await api.post(
            URL,
            json={
                "last_name": "Old",
                "email": "o@x.example",
                "custom": {"tier": "old", "score": 1},
            },
        )
        text = "email,last_name,score\no@x.example,Old,2\nn@x.example,New,3\nm@x.example,Bad,\n"
        csv = {"content-type": "text/csv"}
        report = (await api.post(f"{URL}/import", content=text, headers=csv)).json()
        assert (report["created"], report["updated"], report["refused"]) == (1, 1, 1)
        assert await names(api, "tier = old and score = 2") == ["Old"]
        assert await names(api, "tier = new") == ["New"]
