"""E-mails, phones, addresses and tags: lists whose first item is the primary one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation

URL = "/v1/contacts"
CSV = {"content-type": "text/csv"}
ADA = {
    "last_name": "Lovelace",
    "emails": [{"address": "ada@work.example", "type": "work"}, {"address": "ada@home.example"}],
    "phones": ["+49 30 1234567", {"number": "+49 171 7654321", "type": "mobile"}],
    "addresses": [{"street": "12 St James's Square", "city": "London"}, {"city": "Paris"}],
    "tags": ["vip", "Key account"],
}


async def make(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    reply = await api.post(URL, json={**ADA, **fields})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def change(api: httpx.AsyncClient, ref: object, **fields: Any) -> dict[str, Any]:
    reply = await api.patch(f"{URL}/{ref}", json=fields)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def addresses(record: dict[str, Any]) -> list[str]:
    return [part["address"] for part in record["emails"]]


class TestLists:
    async def test_the_first_is_the_primary(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        assert (made["email"], made["phone"]) == ("ada@work.example", "+49301234567")
        assert (made["street"], made["city"]) == ("12 St James's Square", "London")
        assert made["phones"][1] == {
            "number": "+491717654321",
            "type": "mobile",
            "is_valid": True,
        }
        assert made["tags"] == ["vip", "Key account"]
        swapped = await change(api, made["id"], emails=list(reversed(made["emails"])))
        assert swapped["email"] == "ada@home.example"

    async def test_every_one_finds_the_contact(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        for ref in ("ADA@work.example", "ada@home.example", "+49 171 7654321", "+49-30/1234567"):
            found = await api.get(f"{URL}/{ref}")
            assert (found.status_code, found.json()["id"]) == (200, made["id"]), ref
        await change(api, made["id"], emails=["new@work.example"])
        assert (await api.get(f"{URL}/ada@home.example")).status_code == 404
        await api.delete(f"{URL}/{made['id']}")
        assert (await api.get(f"{URL}/new@work.example")).status_code == 404
        await api.post(f"{URL}/{made['id']}/restore")
        assert (await api.get(f"{URL}/+491717654321")).json()["id"] == made["id"]

    async def test_no_two_contacts_share_an_address_even_a_second_one(
        self, api: httpx.AsyncClient
    ) -> None:
        made = await make(api)
        reply = await api.post(URL, json={"last_name": "B", "email": "Ada@home.example"})
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")
        assert reply.json()["candidates"] == [made["id"]]
        await api.delete(f"{URL}/{made['id']}")
        assert (
            await api.post(URL, json={"last_name": "B", "email": "ada@home.example"})
        ).status_code == 201
        assert (await api.post(f"{URL}/{made['id']}/restore")).status_code == 409

    async def test_several_share_a_phone_and_are_listed(self, api: httpx.AsyncClient) -> None:
        ids = {
            (await make(api, emails=[f"{number}@b.example"], last_name=name))["id"]
            for number, name in enumerate(("Bell", "Ozu"))
        }
        reply = await api.get(f"{URL}/+49301234567")
        assert (reply.status_code, reply.json()["code"]) == (409, "ambiguous_reference")
        assert set(reply.json()["candidates"]) == ids

    async def test_repetitions_and_empty_parts_go(self, api: httpx.AsyncClient) -> None:
        made = await make(
            api,
            emails=["a@b.example", "A@B.example"],
            phones=["+49 30 1234567", "+49301234567"],
            addresses=[{}, {"city": "Rome"}],
            tags=["vip", "vip"],
        )
        assert addresses(made) == ["a@b.example"]
        assert [len(made[name]) for name in ("phones", "addresses", "tags")] == [1, 1, 1]

    async def test_colleagues_share_a_number_and_not_an_extension(
        self, api: httpx.AsyncClient
    ) -> None:
        number = {"number": "+49 30 1234567"}
        sent = [{**number, "extension": "1"}, {**number, "extension": "2"}, "+49301234567 ext. 1"]
        made = await make(api, phones=sent)
        assert [phone.get("extension") for phone in made["phones"]] == ["1", "2"]

    async def test_are_empty_lists_where_there_is_nothing(self, api: httpx.AsyncClient) -> None:
        made = (await api.post(URL, json={"last_name": "B"})).json()
        for name in ("emails", "phones", "addresses", "tags"):
            assert made[name] == []
        full = await make(api)
        emptied = await change(api, full["id"], emails=None, phones=[], addresses=None, tags=None)
        for name in ("emails", "phones", "addresses", "tags"):
            assert emptied[name] == []
        assert (emptied["email"], emptied["phone"], emptied["city"]) == (None, None, None)

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"emails": ["nobody"]}, "/emails/0/address"),
            ({"emails": [{"address": "a@b.example", "x": 1}]}, "/emails/0/x"),
            ({"emails": "a@b.example"}, "/emails"),
            ({"phones": ["x"]}, "/phones/0/number"),
            ({"phones": [{"number": None}]}, "/phones/0/number"),
            ({"addresses": [{"city": "R\x00me"}]}, "/addresses/0/city"),
            ({"addresses": [{"city": "Rome"}] * 51}, "/addresses"),
        ],
    )
    async def test_say_what_is_wrong_and_where(
        self, api: httpx.AsyncClient, fields: dict[str, Any], pointer: str
    ) -> None:
        for reply in (
            await api.post(URL, json={"last_name": "B", **fields}),
            await api.patch(f"{URL}/{(await make(api))['id']}", json=fields),
        ):
            assert reply.status_code == 422
            assert reply.json()["errors"][0]["pointer"] == pointer


class TestShortForms:
    async def test_make_the_list(self, api: httpx.AsyncClient) -> None:
        body = {"last_name": "B", "email": "B@b.EXAMPLE", "phone": "+49 30 1", "city": "Rome"}
        body["phone"] = "+49 30 1234567"
        made = (await api.post(URL, json=body)).json()
        assert made["emails"] == [{"address": "B@b.example"}]
        assert made["phones"] == [{"number": "+49301234567", "is_valid": True}]
        assert made["addresses"] == [{"city": "Rome"}]

    async def test_a_new_one_becomes_the_primary(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        changed = await change(api, made["id"], email="new@work.example")
        assert addresses(changed) == ["new@work.example", "ada@work.example", "ada@home.example"]

    async def test_one_that_is_there_moves_to_the_front(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        changed = await change(api, made["id"], phone="+49 (0)171 7654321")
        assert [part["number"] for part in changed["phones"]] == ["+491717654321", "+49301234567"]
        assert changed["phones"][0]["type"] == "mobile", "it is the same one"
        same = await change(api, made["id"], phone="+49 171 76543-21")
        assert same["version"] == changed["version"], "it is the primary one already"

    async def test_null_takes_the_primary_away(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        changed = await change(api, made["id"], email=None)
        assert (changed["email"], addresses(changed)) == ("ada@home.example", ["ada@home.example"])
        assert (await change(api, made["id"], email=None))["email"] is None
        assert (await change(api, made["id"], email=None))["emails"] == []

    async def test_lines_of_an_address_change_the_first_one(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        changed = await change(api, made["id"], city="Bath", postal_code="BA1")
        assert changed["addresses"][0] == {
            "street": "12 St James's Square",
            "city": "Bath",
            "postal_code": "BA1",
        }
        changed = await change(api, made["id"], street=None, city=None, postal_code=None)
        assert (changed["addresses"], changed["city"]) == ([{"city": "Paris"}], "Paris")

    async def test_must_agree_with_the_list_beside_them(self, api: httpx.AsyncClient) -> None:
        for fields in (
            {"email": "ada@home.example"},
            {"phone": "+49 171 7654321"},
            {"city": "Paris"},
        ):
            reply = await api.post(URL, json={**ADA, **fields})
            assert reply.status_code == 422
            [error] = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == (f"/{next(iter(fields))}", "parts_disagree")
        made = await make(api, email="ada@work.example", phone="+49301234567", city="London")
        reply = await api.patch(
            f"{URL}/{made['id']}", json={"emails": ["x@y.example"], "email": None}
        )
        assert reply.json()["errors"][0]["code"] == "parts_disagree"

    async def test_of_a_record_that_is_gone_say_so(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        await api.delete(f"{URL}/{made['id']}")
        reply = await api.patch(f"{URL}/{made['id']}", json={"email": "x@y.example"})
        assert (reply.status_code, reply.json()["code"]) == (404, "record_deleted")


class TestFiles:
    async def test_columns_become_parts(self, api: httpx.AsyncClient) -> None:
        file = "Last name,E-mail,Phone,City,Tags\nB,b@b.example,call me,Rome,vip; press\n"
        reply = await api.post(f"{URL}/import", content=file, headers=CSV)
        assert reply.json()["created"] == 1, reply.text
        made = (await api.get(f"{URL}/b@b.example")).json()
        assert made["phones"] == [{"number": "call me", "is_valid": False}]
        assert (made["city"], made["tags"]) == ("Rome", ["vip", "press"])
        again = await api.post(f"{URL}/import", content=file, headers=CSV)
        assert again.json()["unchanged"] == 1

    async def test_columns_move_the_primary_and_keep_the_others(
        self, api: httpx.AsyncClient
    ) -> None:
        made = await make(api, external_ids={"crm": "1"})
        file = (
            "external_ids.crm,last_name,email,phone,city\n"
            "1,Lovelace,new@b.example,+49 171 7654321,\n"
        )
        reply = await api.post(f"{URL}/import", content=file, headers=CSV)
        assert reply.json()["updated"] == 1, reply.text
        changed = (await api.get(f"{URL}/{made['id']}")).json()
        assert addresses(changed) == ["new@b.example", "ada@work.example", "ada@home.example"]
        assert (changed["phone"], changed["city"]) == ("+491717654321", "London")
        again = await api.post(f"{URL}/import", content=file, headers=CSV)
        assert again.json()["unchanged"] == 1

    async def test_a_second_address_of_somebody_else_refuses_the_row_alone(
        self, api: httpx.AsyncClient
    ) -> None:
        await make(api)
        file = (
            'last_name,emails\nB,"[""b@b.example"", ""ada@home.example""]"\nC,"[""c@c.example""]"\n'
        )
        report = (await api.post(f"{URL}/import", content=file, headers=CSV)).json()
        assert (report["created"], report["refused"]) == (1, 1)
        assert report["errors"][0]["code"] == "duplicate_key"

    async def test_an_export_comes_back_as_it_was(self, api: httpx.AsyncClient) -> None:
        made = await make(api, birthday="1815-12-10", website="ada.example", consent="given")
        text = (await api.get(f"{URL}/export")).text
        await api.delete(f"{URL}/{made['id']}")
        report = (await api.post(f"{URL}/import", content=text, headers=CSV)).json()
        assert (report["created"], report["errors"]) == (1, [])
        again = (await api.get(f"{URL}/ada@home.example")).json()
        same = ("emails", "phones", "addresses", "tags", "birthday", "website", "consent")
        assert [again[name] for name in same] == [made[name] for name in same]
        report = (await api.post(f"{URL}/import", content=text, headers=CSV)).json()
        assert report["unchanged"] == 1


class TestJournal:
    async def test_has_the_lists_and_not_what_is_computed(self, api: httpx.AsyncClient) -> None:
        made = await make(api)
        await change(api, made["id"], email=None)
        params = {"record": f"contacts/{made['id']}"}
        items = (await api.get("/v1/changes", params=params)).json()["items"]
        assert items[0]["diff"] == {"emails": [made["emails"], made["emails"][1:]]}
        assert "email" not in items[1]["diff"]
        bare = (await api.post(URL, json={"last_name": "B"})).json()
        params = {"record": f"contacts/{bare['id']}"}
        [item] = (await api.get("/v1/changes", params=params)).json()["items"]
        assert not set(item["diff"]) & {"emails", "phones", "addresses"}


class TestFieldRules:
    @pytest.fixture
    def limited(self, installation: Installation) -> dict[str, str]:
        with people(installation.url) as main:
            return self.role(main, {"contacts.email": "hidden", "contacts.phone": "masked"})

    @staticmethod
    def role(main: People, rules: dict[str, str]) -> dict[str, str]:
        actions = ("read", "create", "update", "export", "import")
        main.role(
            "limited",
            [f"contacts:{action}" for action in actions] + ["changes:read"],
            field_rules=rules,
        )
        return main.signed("lim", "limited")

    async def test_of_a_column_hold_for_its_list(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        made = await make(api)
        address = f"{URL}/{made['id']}"
        for path in (address, URL, f"{URL}/export", "/v1/changes"):
            text = (await api.get(path, headers=limited)).text
            assert "work.example" not in text and "1234567" not in text, path
        assert (await api.get(address, headers=limited)).json()["phone"] == "•••567"
        for ref in ("ada@work.example", "ada@home.example", "+491717654321"):
            assert (await api.get(f"{URL}/{ref}", headers=limited)).status_code == 404
        for fields in ({"emails": []}, {"email": None}, {"phones": []}, {"phone": None}):
            reply = await api.patch(address, json=fields, headers=limited)
            assert reply.status_code == 422, fields

    async def test_of_a_list_hold_for_its_columns(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        with people(installation.url) as main:
            rules = {"contacts.emails": "hidden", "contacts.addresses": "read_only"}
            headers = self.role(main, rules)
        made = await make(api)
        address = f"{URL}/{made['id']}"
        shown = (await api.get(address, headers=headers)).json()
        assert "email" not in shown and shown["city"] == "London"
        reply = await api.patch(address, json={"city": "Rome"}, headers=headers)
        assert reply.json()["errors"][0]["code"] == "read_only"


@pytest.mark.parametrize(
    ("address", "quality"),
    [
        ("ada@lovelace.example", "ok"),
        ("Info@lovelace.example", "role"),
        ("ada@gmail.com", "free"),
        ("sales@gmail.com", "role"),
        (None, None),
    ],
)
async def test_the_quality_of_an_address_is_told_and_filtered(
    api: httpx.AsyncClient, address: str | None, quality: str | None
) -> None:
    made = (await api.post(URL, json={"last_name": "B", "email": address})).json()
    assert made["email_quality"] == quality
    where = f"email_quality = {quality}" if quality else "email_quality is empty"
    listed = await api.get(URL, params={"where": where})
    assert [item["id"] for item in listed.json()["items"]] == [made["id"]]
    assert (await api.patch(f"{URL}/{made['id']}", json={"email_quality": "ok"})).status_code == 422


async def test_a_companys_parts_are_as_a_contacts(api: httpx.AsyncClient) -> None:
    body = {"name": "Acme", "phone": "+1 212 555 0100", "street": "1 Main St", "tags": ["partner"]}
    made = (await api.post("/v1/companies", json=body)).json()
    assert made["phones"] == [{"number": "+12125550100", "is_valid": True}]
    assert made["addresses"] == [{"street": "1 Main St"}]
    assert (await api.get("/v1/companies/+1 (212) 555-0100")).json()["id"] == made["id"]
    listed = await api.get("/v1/companies", params={"where": "tags has PARTNER"})
    assert [item["id"] for item in listed.json()["items"]] == [made["id"]]
