"""Deals: stages, probabilities, why they are lost; the same by every door."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.server.operations.doing import ask, done, imported, undone
from tests.server.sales.conftest import URL, Stages, change, make, refused


async def get(api: httpx.AsyncClient, deal: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"{URL}/{deal['id']}")).json()
    return found


async def import_(api: httpx.AsyncClient, text: str, **asked: str) -> dict[str, Any]:
    reply = await api.post(
        f"{URL}/import", content=text, headers={"content-type": "text/csv"}, params=asked
    )
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


class TestCreate:
    async def test_goes_into_the_first_open_stage(
        self, api: httpx.AsyncClient, stages: Stages
    ) -> None:
        deal = await make(api, amount="1250.50")
        assert deal["stage_id"] == stages["prospecting"]["id"]
        assert deal["pipeline_id"] == stages["prospecting"]["pipeline_id"]
        assert (deal["stage"], deal["status"], deal["currency"]) == ("prospecting", "open", "EUR")
        assert (deal["probability"], deal["probability_is_manual"]) == (10, False)
        assert (deal["amount"], deal["weighted_amount"]) == ("1250.50", "125.0500")
        assert deal["forecast_category"] == "pipeline"
        assert deal["closed_at"] is None
        assert deal["opened_at"] <= deal["last_stage_change_at"]

    async def test_numbers_deals_and_finds_them_by_it(self, api: httpx.AsyncClient) -> None:
        first, second = await make(api), await make(api, name="Next")
        assert second["number"] == first["number"] + 1
        found = await api.get(f"{URL}/{second['number']}")
        assert found.json()["id"] == second["id"]
        await api.delete(f"{URL}/{second['number']}")
        assert (await api.get(f"{URL}/{second['number']}")).status_code == 404
        again = await api.post(f"{URL}/{second['number']}/restore")
        assert again.json()["id"] == second["id"]

    @pytest.mark.parametrize("said", ["proposal", "Proposal", "PROPOSAL"])
    async def test_names_a_stage_by_key_or_label(self, api: httpx.AsyncClient, said: str) -> None:
        assert (await make(api, stage=said))["stage"] == "proposal"

    async def test_names_company_pipeline_and_stage_by_reference(
        self, api: httpx.AsyncClient, stages: Stages
    ) -> None:
        company = {"name": "Acme", "domain": "acme.example"}
        made = (await api.post("/v1/companies", json=company)).json()
        deal = await make(
            api,
            company_id="acme.example",
            pipeline_id="sales",
            stage_id=stages["negotiation"]["id"],
        )
        assert (deal["company_id"], deal["stage"]) == (made["id"], "negotiation")
        where = 'company.name = Acme and stage.label = "Negotiation" and stage = negotiation'
        found = await api.get(URL, params={"where": where})
        assert [item["id"] for item in found.json()["items"]] == [deal["id"]]
        where = "deals has (stage = negotiation)"
        found = await api.get("/v1/companies", params={"where": where})
        assert [item["id"] for item in found.json()["items"]] == [made["id"]]

    async def test_refuses_a_stage_that_there_is_not(self, api: httpx.AsyncClient) -> None:
        reply = await api.post(URL, json={"name": "x", "stage": "dreaming"})
        assert refused(reply) == (422, "/stage", "unknown_stage")
        assert "negotiation" in reply.text

    async def test_refuses_a_stage_of_another_pipeline(
        self, api: httpx.AsyncClient, stages: Stages
    ) -> None:
        other = (await api.post("/v1/pipelines", json={"name": "Renewals"})).json()
        body = {"name": "x", "pipeline_id": other["id"], "stage_id": stages["won"]["id"]}
        reply = await api.post(URL, json=body)
        assert refused(reply) == (422, "/stage_id", "stage_not_in_pipeline")
        reply = await api.post(URL, json={"name": "x", "pipeline_id": other["id"]})
        assert refused(reply) == (422, "/stage", "no_open_stage")

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"amount": "-1"}, "/amount"),
            ({"amount": 12.5}, "/amount"),
            ({"currency": "EURO"}, "/currency"),
            ({"currency": "EUX"}, "/currency"),
            ({"probability": 101}, "/probability"),
            ({"probability": True}, "/probability"),
            ({"forecast_category": "sure"}, "/forecast_category"),
            ({"closed_at": "2026-01-01T00:00:00Z"}, "/closed_at"),
            ({"stage": "won", "probability": 40}, "/probability"),
            ({"probability_is_manual": True}, None),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, api: httpx.AsyncClient, fields: dict[str, Any], pointer: str | None
    ) -> None:
        reply = await api.post(URL, json={"name": "x", **fields})
        assert refused(reply)[:2] == (422, pointer or "/probability")


class TestProbability:
    async def test_by_hand_stays_through_moves_until_it_is_emptied(
        self, api: httpx.AsyncClient
    ) -> None:
        deal = await change(api, await make(api), probability=35)
        assert (deal["probability"], deal["probability_is_manual"]) == (35, True)
        deal = await change(api, deal, stage="proposal")
        assert (deal["probability"], deal["probability_is_manual"]) == (35, True)
        deal = await change(api, deal, probability=None)
        assert (deal["probability"], deal["probability_is_manual"]) == (50, False)
        deal = await change(api, deal, stage="negotiation")
        assert deal["probability"] == 80

    async def test_zero_is_a_value_and_unset_is_none(self, api: httpx.AsyncClient) -> None:
        pipeline = (await api.post("/v1/pipelines", json={"name": "Other"})).json()
        body = {"pipeline_id": pipeline["id"], "key": "new", "label": "New"}
        assert (await api.post("/v1/stages", json=body)).status_code == 201
        deal = await make(api, pipeline_id=pipeline["id"], amount="10")
        assert (deal["probability"], deal["weighted_amount"]) == (None, None)
        reply = await api.patch(f"{URL}/{deal['id']}", json={"probability_is_manual": True})
        assert refused(reply) == (422, "/probability", "missing")
        deal = await change(api, deal, probability=0)
        assert (deal["probability"], deal["probability_is_manual"]) == (0, True)
        assert deal["weighted_amount"] == "0.0000"
        deal = await change(api, deal, probability_is_manual=False)
        assert (deal["probability"], deal["probability_is_manual"]) == (None, False)

    async def test_what_the_stage_says_can_be_held(self, api: httpx.AsyncClient) -> None:
        deal = await change(api, await make(api), probability_is_manual=True)
        deal = await change(api, deal, stage="negotiation")
        assert (deal["probability"], deal["probability_is_manual"]) == (10, True)

    async def test_of_a_closed_deal_is_that_of_its_stage(self, api: httpx.AsyncClient) -> None:
        deal = await change(api, await make(api, probability=35), stage="won")
        assert (deal["probability"], deal["probability_is_manual"]) == (100, False)
        reply = await api.patch(f"{URL}/{deal['id']}", json={"probability": 40})
        assert refused(reply) == (422, "/probability", "fixed_probability")


class TestClosing:
    async def test_won_and_open_again(self, api: httpx.AsyncClient, stages: Stages) -> None:
        deal = await change(api, await make(api, stage="proposal"), stage="won")
        assert (deal["status"], deal["forecast_category"]) == ("won", "closed")
        assert deal["closed_at"] <= deal["last_stage_change_at"]
        assert deal["last_open_stage_id"] == stages["proposal"]["id"]
        deal = await change(api, deal, stage="proposal")
        assert (deal["status"], deal["closed_at"]) == ("open", None)
        assert (deal["last_open_stage_id"], deal["probability"]) == (None, 50)

    async def test_lost_needs_a_reason_and_some_reasons_a_note(
        self, api: httpx.AsyncClient
    ) -> None:
        deal = await make(api, stage="negotiation")
        url = f"{URL}/{deal['id']}"
        reply = await api.patch(url, json={"stage": "lost"})
        assert refused(reply) == (422, "/lost_reason_id", "lost_reason_required")
        reply = await api.patch(url, json={"stage": "lost", "lost_reason_id": "Other"})
        assert refused(reply) == (422, "/lost_note", "lost_note_required")
        lost = {"stage": "lost", "lost_reason_id": "other", "lost_note": "Moved to Mars"}
        deal = await change(api, deal, **lost)
        assert (deal["status"], deal["probability"], deal["lost_note"]) == (
            "lost",
            0,
            "Moved to Mars",
        )
        reply = await api.patch(url, json={"lost_reason_id": None})
        assert refused(reply) == (422, "/lost_reason_id", "lost_reason_required")
        reply = await api.patch(url, json={"lost_note": None})
        assert refused(reply) == (422, "/lost_note", "lost_note_required")
        deal = await change(api, deal, lost_reason_id="price", lost_note=None)
        deal = await change(api, deal, stage="negotiation")
        assert (deal["lost_reason_id"], deal["lost_note"], deal["closed_at"]) == (None,) * 3

    async def test_reasons_are_for_lost_deals(self, api: httpx.AsyncClient) -> None:
        reply = await api.post(URL, json={"name": "x", "lost_reason_id": "price"})
        assert refused(reply) == (422, "/lost_reason_id", "not_lost")

    async def test_a_closed_deal_keeps_when_it_was_closed(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, stage="won", closed_at="2026-01-05T10:00:00Z")
        assert deal["closed_at"].startswith("2026-01-05")
        assert deal["opened_at"] == deal["closed_at"]
        reply = await api.patch(f"{URL}/{deal['id']}", json={"closed_at": None})
        assert refused(reply) == (422, "/closed_at", "is_closed")
        deal = await change(api, deal, name="Renamed")
        assert deal["closed_at"].startswith("2026-01-05")

    async def test_times_lie_in_the_past_and_in_order(self, api: httpx.AsyncClient) -> None:
        soon = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
        ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        deal = await make(api, opened_at="2026-03-01T12:00:00Z")
        url = f"{URL}/{deal['id']}"
        future = (422, "in_the_future")
        before = (422, "closed_before_opened")
        for path, said, name, (status, code) in (
            (URL, {"name": "x", "opened_at": ahead}, "opened_at", future),
            (URL, {"name": "x", "stage": "won", "closed_at": ahead}, "closed_at", future),
            (f"{url}/win", {"closed_at": ahead}, "closed_at", future),
            (f"{url}/win", {"closed_at": "2026-02-28T23:59:59Z"}, "closed_at", before),
            (
                f"{url}/lose",
                {"closed_at": "2999-01-01T00:00:00Z", "lost_reason_id": "Price"},
                "closed_at",
                future,
            ),
        ):
            assert refused(await api.post(path, json=said)) == (status, f"/{name}", code)
        reply = await api.post(f"{url}/win", json={"closed_at": "2026-03-01T00:00:00Z"})
        assert reply.status_code == 200, reply.text  # many say no more than the day
        for said in ({"opened_at": "2026-03-02T00:00:00Z"}, {"closed_at": "2026-02-01T00:00:00Z"}):
            reply = await api.patch(url, json=said)
            assert refused(reply) == (422, f"/{next(iter(said))}", "closed_before_opened")
        both = {"opened_at": "2026-01-01T00:00:00Z", "closed_at": "2026-02-01T00:00:00Z"}
        await change(api, deal, **both)
        assert (await make(api, stage="won", closed_at=soon))["status"] == "won"  # clocks differ
        # files that say when a deal was made elsewhere, and that it was closed before that
        head = "name,stage,closed_at,source_created_at,external_ids.a\n"
        rows = f"{head}A,won,2025-03-01T00:00:00Z,2025-03-05T00:00:00Z,1\nB,won,{ahead},,2\n"
        report = await import_(api, rows)
        assert (report["created"], report["refused"]) == (1, 1)
        [found] = (await api.get(URL, params={"where": "name = A"})).json()["items"]
        assert found["opened_at"] == found["closed_at"]


class TestOwners:
    async def test_have_it_since_it_was_given_to_them(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.user("ada", "agent")
        deal = await make(api, owner_id="ada@cerebro.test")
        since = deal["assigned_at"]
        assert since is not None
        assert (await change(api, deal, name="Other"))["assigned_at"] == since
        assert (await change(api, deal, owner_id="ada@cerebro.test"))["assigned_at"] == since
        moved = await change(api, deal, owner_id=str(main.owner))
        assert moved["assigned_at"] > since
        await ask(api, "/v1/undo", {"yes": True})
        assert (await get(api, deal))["assigned_at"] == since
        assert (await change(api, deal, owner_id=None))["assigned_at"] is None
        op = await done(
            api, "deals.update", where="number = 1", values={"owner_id": "ada@cerebro.test"}
        )
        assert (await get(api, deal))["assigned_at"] > moved["assigned_at"]
        await undone(api, op)
        assert (await get(api, deal))["assigned_at"] is None
        rows = "name,owner,assigned_at\nB,ada@cerebro.test,2025-01-31T09:00:00Z\n"
        await imported(api, "deals", rows)
        [found] = (await api.get(URL, params={"where": "name = B"})).json()["items"]
        assert found["assigned_at"].startswith("2025-01-31T09:00")


class TestOtherDoors:
    async def test_an_import_does_the_same(self, api: httpx.AsyncClient) -> None:
        report = await import_(
            api,
            "name,stage,amount,probability,lost reason,company\n"
            "One,Proposal,1000,,,Acme\n"
            "Two,won,2000,,,\n"
            "Three,lost,3000,,Price,\n"
            "Four,lost,4000,,,\n"
            "Five,,5000,35,,\n",
            map='{"lost reason": "lost_reason_id"}',
        )
        assert (report["created"], len(report["errors"])) == (4, 1), report
        assert report["errors"][0]["code"] == "lost_reason_required"
        items = (await api.get(URL, params={"sort": "amount"})).json()["items"]
        assert [(d["name"], d["status"], d["probability"]) for d in items] == [
            ("One", "open", 50),
            ("Two", "won", 100),
            ("Three", "lost", 0),
            ("Five", "open", 35),
        ]
        assert [d["probability_is_manual"] for d in items] == [False, False, False, True]
        assert items[0]["company_id"] is not None
        assert items[1]["closed_at"] is not None

    async def test_an_export_comes_back_the_same(self, api: httpx.AsyncClient) -> None:
        await make(api, name="One", stage="proposal", amount="10.10", external_ids={"a": "1"})
        await make(api, name="Two", probability=7, tags=["a", "b"], external_ids={"a": "2"})
        lost = {"lost_reason_id": "Other", "lost_note": "So\nbe it", "external_ids": {"a": "3"}}
        await make(api, name="Three", stage="lost", **lost)
        before = (await api.get(URL)).json()["items"]
        text = (await api.get(f"{URL}/export")).text
        report = await import_(api, text, key="external_ids.a")
        assert (report["unchanged"], report["errors"]) == (3, []), report
        assert (await api.get(URL)).json()["items"] == before

    async def test_a_bulk_change_moves_each_by_its_own(self, api: httpx.AsyncClient) -> None:
        await make(api, name="Auto")
        await make(api, name="Manual", probability=33)
        await done(api, "deals.update", where="status = open", values={"stage": "negotiation"})
        items = (await api.get(URL)).json()["items"]
        assert {d["name"]: (d["stage"], d["probability"]) for d in items} == {
            "Auto": ("negotiation", 80),
            "Manual": ("negotiation", 33),
        }


class TestPipelines:
    async def test_one_is_the_default(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/pipelines", json={"name": "Two", "is_default": True})
        assert reply.status_code == 201, reply.text
        assert (await api.get("/v1/pipelines/sales")).json()["is_default"] is False
        reply = await api.delete("/v1/pipelines/two")
        assert reply.json()["errors"][0]["code"] == "default_pipeline"

    async def test_one_is_the_default_whoever_says_so_at_once(self, api: httpx.AsyncClient) -> None:
        """The mark goes from hand to hand: none is refused, and one has it."""
        for noun, more in (("pipelines", {}), ("price_books", {"currency": "EUR"})):
            path = f"/v1/{noun}"
            bodies = [{"name": f"New {n}", "is_default": True, **more} for n in range(4)]
            made = await asyncio.gather(*(api.post(path, json=body) for body in bodies))
            assert [reply.status_code for reply in made] == [201] * 4
            # each is given the mark, the one that has it among them
            urls = [f"{path}/{reply.json()['id']}" for reply in made]
            body = {"is_default": True}
            given = await asyncio.gather(*(api.patch(url, json=body) for url in urls))
            assert [reply.status_code for reply in given] == [200] * 4
            items = (await api.get(path)).json()["items"]
            assert len([item for item in items if item["is_default"]]) == 1

    async def test_what_deals_are_in_stays(self, api: httpx.AsyncClient, stages: Stages) -> None:
        await make(api, stage="proposal")
        reply = await api.delete(f"/v1/stages/{stages['proposal']['id']}")
        assert reply.json()["errors"][0]["code"] == "in_use"
        reply = await api.delete(f"/v1/stages/{stages['qualification']['id']}")
        assert reply.status_code == 200

    async def test_closing_stages_have_fixed_probabilities(
        self, api: httpx.AsyncClient, stages: Stages
    ) -> None:
        url = f"/v1/stages/{stages['won']['id']}"
        reply = await api.patch(url, json={"default_probability": 90})
        assert refused(reply) == (422, "/default_probability", "fixed_probability")
        body = {"pipeline_id": "sales", "key": "cold", "label": "Cold", "type": "lost"}
        made = (await api.post("/v1/stages", json=body)).json()
        assert (made["default_probability"], made["default_forecast_category"]) == (0, "omitted")
        reply = await api.post("/v1/stages", json={**body, "default_probability": 5, "key": "x"})
        assert refused(reply) == (422, "/default_probability", "fixed_probability")
        reply = await api.post("/v1/stages", json=body)
        assert refused(reply) == (422, "/key", "duplicate_key")

    async def test_a_change_of_pipeline_keeps_the_stage_of_the_same_key(
        self, api: httpx.AsyncClient
    ) -> None:
        pipeline = (await api.post("/v1/pipelines", json={"name": "Other"})).json()["id"]
        for position, key in enumerate(("new", "proposal")):
            body = {"pipeline_id": pipeline, "key": key, "label": key, "position": position}
            await api.post("/v1/stages", json=body)
        deal = await change(api, await make(api, stage="proposal"), pipeline_id="Other")
        assert (deal["stage"], deal["pipeline_id"]) == ("proposal", pipeline)
        deal = await change(api, await make(api, stage="won"), pipeline_id="Other")
        assert (deal["stage"], deal["status"]) == ("new", "open")


class TestContacts:
    async def test_have_parts_in_deals(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        for name in ("ada", "bob"):
            body = {"last_name": name, "emails": [f"{name}@x.example"]}
            await api.post("/v1/contacts", json=body)
        url = "/v1/deal_contacts"
        number = str(deal["number"])
        ada = {"deal_id": number, "contact_id": "ada@x.example", "role": "Buyer"}
        made = await api.post(url, json={**ada, "is_primary": True})
        assert made.status_code == 201, made.text
        assert (await api.post(url, json=ada)).status_code == 409
        bob = {"deal_id": number, "contact_id": "bob@x.example", "is_primary": True}
        assert (await api.post(url, json=bob)).status_code == 409
        found = await api.get(URL, params={"where": 'contacts.email = "ada@x.example"'})
        assert [d["id"] for d in found.json()["items"]] == [deal["id"]]
        found = await api.get("/v1/contacts", params={"where": "deals.name = Acme"})
        assert len(found.json()["items"]) == 1


class TestUndo:
    async def test_takes_a_move_back_with_all_that_followed(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, probability=35, stage="proposal")
        await change(api, deal, stage="lost", lost_reason_id="Price")
        await ask(api, "/v1/undo", {"what": f"deals/{deal['id']}", "yes": True})
        after = (await api.get(f"{URL}/{deal['id']}")).json()
        ignored = ("version", "updated_at", "last_stage_change_at")  # it came back just now
        assert {k: v for k, v in after.items() if k not in ignored} == {
            k: v for k, v in deal.items() if k not in ignored
        }
