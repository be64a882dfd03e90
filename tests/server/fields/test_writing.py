"""Values of custom fields in payloads, in the journal, in files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People

from .conftest import define, make, names

URL = "/v1/contacts"


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


class TestFiles:
    async def test_an_export_is_read_back(self, api: httpx.AsyncClient) -> None:
        await few(api)
        await define(api, "likes", "multi_select", options=["tea", "rum"])
        made = await make(api, "One", tier="gold", score=5, budget="9.50 EUR", likes="tea,rum")
        file = (await api.get(f"{URL}/export")).text
        header = file.splitlines()[0].split(",")
        assert {"tier", "score", "budget", "likes"} <= set(header)
        assert "custom" not in header
        record = {"id": made["id"]}
        await api.patch(f"{URL}/{made['id']}", json={"custom": dict.fromkeys(made["custom"])})
        text = file.replace("external_ids", "external_ids.x")
        csv = {"content-type": "text/csv"}
        report = (await api.post(f"{URL}/import", content=text, headers=csv)).json()
        assert report["refused"] == 0, report
        assert report["mapping"]["tier"] == "custom.tier"
        [copy] = [
            each for each in (await api.get(URL)).json()["items"] if each["id"] != record["id"]
        ]
        assert copy["custom"] == made["custom"]

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
