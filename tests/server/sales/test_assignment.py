"""New leads that nobody owns get an owner by rules, by whatever door they come."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.server.operations.doing import ask, imported
from tests.server.sales.assigning import MEMBERS, RULES, owners, rule
from tests.server.sales.conftest import refused
from tests.server.sales.test_forms import ENTRY, form, send
from tests.server.sales.test_leads import lead


class TestNewLeads:
    async def test_go_to_the_first_rule_that_fits_and_has_room(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for name in ("ada", "bob", "cy"):
            main.user(name, "agent")
        main.team("hunters")
        web = await rule(api, "Web", {"ada": 1, "bob": 2}, where="source = web", team="hunters")
        await rule(api, "Rest", {"cy": None}, where="source = web or amount > 100")
        for number in range(4):
            made = await lead(api, last_name=f"W{number}", source="web")
        assert made["team"] is None
        rich = await lead(api, last_name="Rich", amount="500")
        poor = await lead(api, last_name="Poor", amount="5")
        mine = await lead(api, last_name="Mine", source="web", owner_id="me")
        assert await owners(api, "source = web and owner_id is not empty") == [
            *("Ada", "Bob", "Bob", "Cy"),
            (await api.get(f"/v1/users/{mine['owner_id']}")).json()["name"],
        ]
        assert (rich["version"], rich["assignment_rule_id"] is None) == (2, False)
        assert (poor["owner_id"], poor["assignment_rule_id"]) == (None, None)
        assert mine["assignment_rule_id"] is None
        first = (await api.get("/v1/leads", params={"sort": "id", "limit": 1})).json()["items"][0]
        assert (first["assignment_rule_id"], first["team"]) == (web["id"], "hunters")
        # the journal says by which rule, and one undo takes the lead back whole
        asked = {"record": f"leads/{first['id']}"}
        told = (await api.get("/v1/changes", params=asked)).json()["items"][0]
        assert told["diff"]["assignment_rule_id"] == [None, web["id"]]
        where = "assignment_rule.name = Web and owner.email = bob@cerebro.test"
        assert await owners(api, where) == ["Bob", "Bob"]
        await ask(api, "/v1/undo", {"what": f"leads/{first['id']}", "yes": True})
        assert (await api.get(f"/v1/leads/{first['id']}")).status_code in (404, 410)

    async def test_by_form_batch_and_a_repeated_request(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for name in ("ada", "bob"):
            main.user(name, "agent")
        await rule(api, "All", {"ada": None, "bob": None})
        one = await form(api)
        await api.patch(f"/v1/lead_forms/{one['id']}", json={"owner_id": None})
        assert (await send(api, one, ENTRY)).status_code == 202
        items = [{"last_name": f"B{number}"} for number in range(3)]
        assert (await api.post("/v1/leads/batch", json={"items": items})).status_code == 200
        once = {"Idempotency-Key": '"once"'}
        body = {"last_name": "Once"}
        replies = [await api.post("/v1/leads", json=body, headers=once) for _ in range(2)]
        assert replies[0].json() == replies[1].json()
        assert replies[0].json()["owner_id"] is not None
        assert await owners(api) == ["Ada", "Bob", "Ada", "Bob", "Ada"]

    async def test_stay_with_whoever_may_make_only_their_own(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("own", ["leads:create:own", "leads:read:own"])
        main.user("ada", "agent")
        headers = main.signed("eve", "own")
        await rule(api, "All", {"ada": None})
        made = await api.post("/v1/leads", json={"last_name": "X"}, headers=headers)
        assert made.status_code == 201, made.text
        assert await owners(api) == ["Eve"]

    async def test_of_one_person_go_to_one_owner(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for name in ("ada", "bob", "kai"):
            main.user(name, "agent")
        await rule(api, "All", {"ada": None, "bob": None})
        await lead(api, last_name="Old", email="x@x.example", owner_id="kai@cerebro.test")
        again = await lead(api, last_name="Again", emails=["y@x.example", "X@x.example"])
        assert again["assignment_rule_id"] is None
        content = "last_name,email\n1,n@x.example\n2,N@x.example\n3,m@x.example\n4,y@x.example\n"
        await imported(api, "leads", content)
        assert await owners(api) == ["Kai", "Kai", "Ada", "Ada", "Bob", "Kai"]


class TestSharingOut:
    @pytest.mark.parametrize("method", ["round_robin", "least_loaded"])
    async def test_many_at_once_is_as_one_after_the_other(
        self, api: httpx.AsyncClient, main: People, method: str
    ) -> None:
        chance = random.Random(method)
        room = {"ada": None, "bob": 7, "cy": 0, "dee": 40, "eve": 25}
        ids = {name: str(main.user(name, "agent")) for name in room}
        await rule(api, "All", room, method=method)
        load = {name: chance.randrange(12) for name in room}
        for name, count in load.items():
            items = [{"last_name": f"{name}{n}", "owner_id": ids[name]} for n in range(count)]
            if items:
                await api.post("/v1/leads/batch", json={"items": items})
        names = list(room)
        given: Counter[str] = Counter()
        turn = dict.fromkeys(names, 0)
        expected = []
        for step in range(1, 121):
            able = [n for n in names if room[n] is None or given[n] < (room[n] or 0)]
            heavy = load if method == "least_loaded" else dict.fromkeys(names, 0)
            if method == "round_robin":
                best = min(able, key=lambda n: (turn[n], names.index(n)))
            else:
                best = min(able, key=lambda n: (heavy[n], turn[n] and 1, names.index(n)))
            given[best] += 1
            load[best] += 1
            turn[best] = step
            expected.append(best.title())
        rows = "".join(f"L{n}\n" for n in range(100))
        await imported(api, "leads", f"last_name\n{rows}")
        for number in range(100, 120):
            await lead(api, last_name=f"L{number}")
        found = await owners(api, "last_name starts with L and assignment_rule_id is not empty")
        if method == "round_robin":
            assert found == expected
        assert Counter(found) == Counter(expected)

    async def test_nobody_gets_more_than_they_have_room_for_however_many_come_at_once(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for name in ("ada", "bob"):
            main.user(name, "agent")
        await rule(api, "First", {"ada": 5, "bob": 5}, where="last_name starts with x")
        await rule(api, "Second", {"ada": 6}, method="least_loaded")
        await asyncio.gather(*(lead(api, last_name=f"x{number}") for number in range(20)))
        assert Counter(await owners(api)) == {"Ada": 6, "Bob": 5, None: 9}

    async def test_passes_over_who_is_away(self, api: httpx.AsyncClient, main: People) -> None:
        away = {name: main.user(name, "agent") for name in ("ada", "bob", "cy", "dee")}
        await rule(api, "All", dict.fromkeys(away))
        main.connection.execute(
            "update users set disabled_at = now() where id = %s", (away["ada"],)
        )
        members = (await api.get(MEMBERS, params={"sort": "id"})).json()["items"]
        await api.patch(f"{MEMBERS}/{members[1]['id']}", json={"is_active": False})
        await api.delete(f"{MEMBERS}/{members[2]['id']}")
        for number in range(2):
            await lead(api, last_name=f"L{number}")
        assert await owners(api) == ["Dee", "Dee"]
        await api.patch(f"{RULES}/All", json={"is_active": False})
        await lead(api, last_name="Mine")
        assert (await owners(api))[2] is not None  # whoever made it, as without rules


class TestRules:
    async def test_refuses_filters_that_fit_no_leads(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for where, code in (
            ("sorce = web", "unknown_field"),
            ("source = ", None),
            ("owner_id = me", "nobody_asks"),
        ):
            reply = await api.post(RULES, json={"name": "X", "where": where})
            status, pointer, said = refused(reply)
            assert (status, pointer) == (422, "/where")
            assert said in (code, "invalid_query")
        await rule(api, "Web", {}, where="source = web")
        reply = await api.patch(f"{RULES}/Web", json={"where": "sorce = web"})
        assert refused(reply)[:2] == (422, "/where")
        second: Any = await rule(api, "Next", {})
        assert second["position"] == 2
        main.user("ada", "agent")
        body = {"rule_id": "Web", "user_id": "ada@cerebro.test"}
        assert (await api.post(MEMBERS, json=body)).status_code == 201
        assert (await api.post(MEMBERS, json=body)).status_code == 409

    async def test_one_whose_field_is_gone_is_passed_over(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        for name in ("ada", "bob"):
            main.user(name, "agent")
        body = {"record_type": "leads", "key": "tier", "label": "Tier", "type": "text"}
        made = await api.post("/v1/fields", json=body)
        assert made.status_code == 201, made.text
        await rule(api, "Gold", {"ada": None}, where="tier = gold")
        await rule(api, "Rest", {"bob": None})
        await lead(api, last_name="G", custom={"tier": "gold"})
        gone = await api.delete(f"/v1/fields/{made.json()['id']}")
        assert gone.status_code == 200, gone.text
        await lead(api, last_name="H")
        assert await owners(api) == ["Ada", "Bob"]
