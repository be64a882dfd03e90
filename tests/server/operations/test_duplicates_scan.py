"""Scans for duplicates: what is found and why, what becomes of it, and who sees it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, everything, undone

KIND = "contacts.find_duplicates"
MERGE = "contacts.merge"
PAIRS = "/v1/duplicates/contacts"
RULES = f"{PAIRS}/rules"
ADA: dict[str, Any] = {
    "first_name": "Ada",
    "phone": "+44 20 7946 0999",
    "birthday": "1985-12-10",
    "city": "London",
}
EVE: dict[str, Any] = {
    "first_name": "Evelyn",
    "phone": "+44 20 7946 0111",
    "birthday": "1971-03-04",
    "city": "Rome",
}


async def scan(api: httpx.AsyncClient) -> dict[str, Any]:
    """Scan all contacts; return what the scan says."""
    op = await done(api, KIND)
    report: dict[str, Any] = op["report"]
    return report


async def listed(
    api: httpx.AsyncClient, headers: dict[str, str] | None = None, **params: Any
) -> list[dict[str, Any]]:
    """Return pairs."""
    reply = await api.get(PAIRS, params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def twins(api: httpx.AsyncClient, mail: str = "ada", **fields: Any) -> tuple[str, str]:
    """Make two contacts that are one."""
    said = {**ADA, **fields}
    one = await contact(api, "Lovelace", email=f"{mail}@x.example", **said, job_title="Countess")
    day = said["birthday"]
    said["birthday"] = f"{day[:5]}{day[8:]}-{day[5:7]}"
    other = await contact(api, "Lovelace", email=f"{mail}@other.example", **said)
    return one, other


class TestFinding:
    async def test_says_which_and_why(self, api: httpx.AsyncClient) -> None:
        one, other = await twins(api)
        report = await scan(api)
        assert (report["pairs"], report["new"], report["gone"]) == (1, 1, 0)
        [pair] = await listed(api)
        assert (pair["one_id"], pair["other_id"]) == (one, other)
        assert (pair["one_title"], pair["state"]) == ("Ada Lovelace", "open")
        texts = [each["text"] for each in pair["reasons"]]
        assert texts[:2] == ["same name", "same phone"]
        assert {"similar birthday", "same city"} <= set(texts)
        shown = (await api.get(f"{PAIRS}/{pair['id'][-8:]}")).json()
        beside = {each["field"]: each for each in shown["fields"]}
        assert beside["city"]["is_same"]
        dates = (beside["birthday"]["one"], beside["birthday"]["other"])
        assert dates == ("1985-12-10", "1985-10-12")

    async def test_compares_as_people_would(self, api: httpx.AsyncClient) -> None:
        home = {"street": "1 Main St", "city": "Bonn", "postal_code": "53111"}
        for first, day in (("Ada", "1985-12-10"), ("William", "1983-07-08")):
            mail = f"{first}@x.example"  # a household, and no duplicate
            await contact(api, "King", first_name=first, email=mail, birthday=day, **home)
        swapped = [("Grace", "Hopper", "12 Elm Row"), ("Hopper", "Grace", "12 Elmrow")]
        for first, last, street in swapped:
            await contact(api, last, first_name=first, birthday="1906-12-09", street=street)
        await scan(api)
        [pair] = await listed(api)
        assert [each["text"] for each in pair["reasons"]][:2] == ["same name", "same birthday"]
        for name in ("Acme GmbH", "ACME"):
            body = {"name": name, "city": "Bonn", "postal_code": "53111"}
            await api.post("/v1/companies?allow_duplicates=true", json=body)
        assert (await done(api, "companies.find_duplicates"))["report"]["pairs"] == 1

    async def test_what_is_found_no_more_goes_and_what_is_deleted_is_not_shown(
        self, api: httpx.AsyncClient
    ) -> None:
        one, other = await twins(api)
        await twins(api, "eve", **EVE)
        await scan(api)
        assert len(await listed(api)) == 2
        await api.delete(f"/v1/contacts/{one}")
        assert len(await listed(api)) == 1
        changed = {"first_name": "Quentin", "last_name": "Zebra", "phone": None, "city": "Oslo"}
        [left] = await listed(api)
        await api.patch(f"/v1/contacts/{left['one_id']}", json={**changed, "birthday": None})
        report = await scan(api)
        assert (report["pairs"], report["gone"]) == (0, 1)
        await api.post(f"/v1/contacts/{one}/restore")
        assert [each["other_id"] for each in await listed(api)] == [other]

    async def test_pages_by_score(self, api: httpx.AsyncClient) -> None:
        for number in range(3):
            last = ("Abbott", "Quigley", "Zimmer")[number]
            for mail in ("x", "y"):
                said = {"first_name": last[:3], "birthday": f"19{number + 4}{number}-1{number}-07"}
                if number == 2 and mail == "y":
                    said["birthday"] = "1962-07-12"
                await contact(api, last, email=f"{last}@{mail}.example", **said)
        await scan(api)
        found, cursor = [], None
        while True:
            params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = (await api.get(PAIRS, params=params)).json()
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len({each["id"] for each in found}) == len(found) == 3
        scores = [each["score"] for each in found]
        assert scores == sorted(scores, reverse=True)
        assert len(await listed(api, min_score=scores[1])) == 2
        assert len(await listed(api, max_score=scores[2])) == 1
        assert len(await listed(api, sample=2)) == 2


class TestDeciding:
    async def test_what_is_dismissed_stays_so(self, api: httpx.AsyncClient) -> None:
        await twins(api)
        await scan(api)
        [pair] = await listed(api)
        reply = await api.post(f"{PAIRS}/{pair['id']}/dismiss")
        assert (reply.json()["state"], await listed(api)) == ("dismissed", [])
        assert (await scan(api))["new"] == 0
        [kept] = await listed(api, state="dismissed")
        assert kept["id"] == pair["id"]
        await api.post(f"{PAIRS}/{pair['id']}/reopen")
        assert [each["id"] for each in await listed(api)] == [pair["id"]]

    async def test_is_merged_by_its_id_and_split_again(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        one, other = await twins(api)
        before = everything(installation)
        await scan(api)
        [pair] = await listed(api)
        op = await done(api, MERGE, duplicates={"pairs": [pair["id"]]})
        assert op["input"]["pairs"] == [{"into": one, "records": [other]}]
        assert await listed(api) == []
        [merged] = await listed(api, state="merged")
        assert (merged["id"], merged["state"]) == (pair["id"], "merged")
        reply = await api.post(f"{PAIRS}/{pair['id']}/dismiss")
        assert reply.status_code == 409
        await undone(api, op)
        assert everything(installation) == before
        assert [each["id"] for each in await listed(api)] == [pair["id"]]

    async def test_above_a_score_each_group_keeps_what_says_most(
        self, api: httpx.AsyncClient
    ) -> None:
        one, other = await twins(api)
        third = await contact(
            api, "Lovelace", email="a@third.example", **ADA, job_title="Countess", department="R&D"
        )
        await twins(api, "eve", **EVE)
        locked = (await listed_ids(api, "Evelyn"))[0]
        await api.post(f"/v1/contacts/{locked}/lock")
        await scan(api)
        op = await ask(api, URL, {"kind": MERGE, "input": {"duplicates": {"above": 0.9}}})
        assert op["input"]["pairs"] == [{"into": third, "records": [one, other]}]
        assert (op["report"]["groups"], op["report"]["left_out"]) == (1, 1)

    async def test_a_group_with_a_dismissed_pair_is_left_out(self, api: httpx.AsyncClient) -> None:
        await twins(api)
        await contact(api, "Lovelace", email="a@third.example", **ADA)
        await scan(api)
        pairs = await listed(api)
        assert len(pairs) == 3
        await api.post(f"{PAIRS}/{pairs[0]['id']}/dismiss")
        body = {"kind": MERGE, "input": {"duplicates": {"above": 0.5}}}
        problem = await ask(api, URL, body, 404)
        assert "2 cannot be merged" in problem["detail"]


async def listed_ids(api: httpx.AsyncClient, first_name: str) -> list[str]:
    """Return the ids of contacts."""
    params = {"where": f"first_name = {first_name}"}
    return [each["id"] for each in (await api.get("/v1/contacts", params=params)).json()["items"]]


class TestRules:
    async def test_are_a_document_of_the_workspace(self, api: httpx.AsyncClient) -> None:
        await twins(api)
        found = (await api.get(RULES)).json()
        assert (found["version"], found["is_default"]) == (0, True)
        rules = {
            "blocks": [["email:domain"]],
            "compare": [{"name": "post", "fields": ["job_title"], "how": "exact", "same": 1}],
        }
        kept = (await api.put(RULES, json=rules)).json()
        assert (kept["version"], kept["is_default"]) == (1, False)
        assert (await scan(api))["pairs"] == 0
        back = (await api.delete(RULES)).json()
        assert (back["version"], back["rules"]) == (2, found["rules"])
        assert (await scan(api))["rules_version"] == 2

        # fields of the workspace's own are compared as well
        field = {"record_type": "contacts", "key": "passport", "type": "text"}
        assert (await api.post("/v1/fields", json=field)).status_code == 201
        for name in ("Curie", "Noether"):
            await contact(api, name, custom={"passport": "X-1"})
        about = {"name": "passport", "fields": ["passport"], "how": "exact", "same": 0.9}
        rules = {"blocks": [["passport"]], "compare": [about]}
        assert (await api.put(RULES, json=rules)).status_code == 200
        await scan(api)
        [pair] = await listed(api)
        assert [each["text"] for each in pair["reasons"]] == ["same passport"]

    async def test_errors_name_the_rule(self, api: httpx.AsyncClient) -> None:
        plain = {"name": "x", "fields": ["last_name"], "how": "exact", "same": 0.5}
        for wrong, pointer, said in WRONG:
            compare = [{**plain, **each} for each in wrong.get("compare", [plain])]
            rules = {"blocks": [["last_name"]], **wrong, "compare": compare}
            reply = await api.put(RULES, json=rules)
            assert reply.status_code == 422, reply.text
            errors = {each["pointer"]: each["detail"] for each in reply.json()["errors"]}
            assert said in errors[pointer]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"blocks": [["nonsense"]]}, "/blocks/0/0", "blocks, line 1"),
    ({"blocks": [["last_name:loud"]]}, "/blocks/0/0", "no way 'loud'"),
    ({"compare": [{"how": "names"}]}, "/compare/0/how", "compare, x: names takes two"),
    ({"compare": [{"how": "number"}]}, "/compare/0/how", "compare, x: number needs within"),
    ({"compare": [{"fields": ["lastname"]}]}, "/compare/0/fields/0", "did you mean last_n"),
    ({"compare": [{"similar": 0.9}]}, "/compare/0/similar", "compare, x: similar must not"),
    ({"compare": [{"same": 2}]}, "/compare/0/same", "less than or equal to 1"),
    ({"review": 0.9, "merge": 0.8}, "/merge", "must not be below review"),
]


class TestRights:
    async def role(self, api: httpx.AsyncClient, **more: Any) -> None:
        permissions = [f"contacts:{verb}" for verb in ("read", "update", "delete", "bulk")]
        role = {"key": "narrow", "name": "Narrow", "permissions": permissions, **more}
        assert (await api.post("/v1/roles", json=role)).status_code == 201

    async def test_a_pair_is_there_for_whoever_may_read_both(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        await twins(api)
        await self.role(api, row_rules={"contacts": "job_title is empty"})
        narrow = main.signed("nina", "narrow")
        await scan(api)
        [pair] = await listed(api)
        assert await listed(api, headers=narrow) == []
        for path in ("", "/dismiss"):
            method = "POST" if path else "GET"
            reply = await api.request(method, f"{PAIRS}/{pair['id']}{path}", headers=narrow)
            assert reply.status_code == 404
        # nor does their scan find it, or take it away
        body = {"kind": KIND, "options": {"yes": True}}
        reply = await api.post(URL, json=body, headers=narrow)
        assert reply.json()["report"]["pairs"] == reply.json()["report"]["gone"] == 0
        assert len(await listed(api)) == 1

    async def test_what_is_hidden_is_neither_compared_nor_told(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        await twins(api)
        await self.role(api, field_rules={"contacts.phone": "hidden", "contacts.phones": "hidden"})
        narrow = main.signed("nina", "narrow")
        reply = await api.post(URL, json={"kind": KIND}, headers=narrow)
        assert (reply.status_code, "phone" in reply.json()["detail"]) == (403, True)
        await scan(api)
        [pair] = await listed(api, headers=narrow)
        assert "same phone" not in {each["text"] for each in pair["reasons"]}
        shown = (await api.get(f"{PAIRS}/{pair['id']}", headers=narrow)).json()
        assert not {"phone", "phones"} & {each["field"] for each in shown["fields"]}

    async def test_each_step_needs_its_right(self, main: People, api: httpx.AsyncClient) -> None:
        await twins(api)
        await scan(api)
        [pair] = await listed(api)
        reader, agent = main.signed("rita", "read_only"), main.signed("anna", "agent")
        assert len(await listed(api, headers=reader)) == 1
        for headers, asked in ((reader, {"kind": KIND}), (agent, {"kind": KIND})):
            reply = await api.post(URL, json=asked, headers=headers)
            assert (reply.status_code, reply.json()["permission"]) == (403, "contacts:bulk")
        for headers in (reader, agent):  # they are others'
            reply = await api.post(f"{PAIRS}/{pair['id']}/dismiss", headers=headers)
            assert reply.status_code == 403
        reply = await api.delete(RULES, headers=agent)
        assert (reply.status_code, reply.json()["permission"]) == (403, "duplicates:configure")

    async def test_says_what_there_is_not(self, api: httpx.AsyncClient) -> None:
        for path in ("/v1/duplicates/positions", "/v1/duplicates/contact", f"{PAIRS}/0000beef"):
            assert (await api.get(path)).status_code == 404
        assert (await api.get(PAIRS, params={"state": "lost"})).status_code == 422
        assert (await api.get(PAIRS, params={"min_score": 2})).status_code == 422
