"""Phone numbers: any way of writing finds them; what is none is flagged, and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/contacts"


@pytest_asyncio.fixture
async def german(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A server that reads numbers without a country as German ones."""
    async with serving(installation, default_region="DE") as client:
        yield client


@pytest.mark.parametrize(
    "typed",
    ["030 1234567", "(030) 12 34 567", "+49 30 1234567", "0049-30-1234567", "tel:+49301234567"],
)
async def test_is_stored_in_one_form_and_found_by_any(
    german: httpx.AsyncClient, typed: str
) -> None:
    made = (await german.post(URL, json={"last_name": "B", "phone": typed})).json()
    assert made["phones"] == [{"number": "+49301234567", "is_valid": True}]
    for other in ("030 1234567", "+49 (30) 12345-67", "0049301234567"):
        found = await german.get(f"{URL}/{other}")
        assert (found.status_code, found.json()["id"]) == (200, made["id"]), other
        for where in (f'phone = "{other}"', f'phone in ("{other}", "1")'):
            listed = await german.get(URL, params={"where": where})
            assert [item["id"] for item in listed.json()["items"]] == [made["id"]], where
        listed = await german.get(URL, params={"where": f'phone != "{other}"'})
        assert listed.json()["items"] == []


async def test_a_piece_of_one_is_looked_for_as_typed(german: httpx.AsyncClient) -> None:
    await german.post(URL, json={"last_name": "B", "phone": "030 1234567"})
    for where, found in (
        ('phone contains "1234567"', 1),
        ('phone starts with "+4930"', 1),
        ('phone contains "030 1234567"', 0),
        ('phone > "+49"', 1),
    ):
        listed = await german.get(URL, params={"where": where})
        assert len(listed.json()["items"]) == found, where


async def test_keeps_an_extension_apart(german: httpx.AsyncClient) -> None:
    made = (await german.post(URL, json={"last_name": "B", "phone": "030 1234567 ext. 89"})).json()
    assert made["phones"] == [{"number": "+49301234567", "extension": "89", "is_valid": True}]


async def test_needs_its_country_where_none_is_set(api: httpx.AsyncClient) -> None:
    reply = await api.post(URL, json={"last_name": "B", "phone": "030 1234567"})
    assert reply.status_code == 422
    [error] = reply.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/phone", "phone")
    assert "+49 30 1234567" in error["detail"]


class TestWhatIsNone:
    async def test_is_refused(self, api: httpx.AsyncClient) -> None:
        made = (await api.post(URL, json={"last_name": "B"})).json()
        for typed in ("call me", "12", "+49", "+999 1234567"):
            for reply in (
                await api.post(URL, json={"last_name": "B", "phones": [typed]}),
                await api.patch(f"{URL}/{made['id']}", json={"phones": ["+49 30 1234567", typed]}),
            ):
                assert reply.status_code == 422, typed
                assert reply.json()["errors"][0]["code"] == "phone"
        assert (await api.get(f"{URL}/{made['id']}")).json()["phones"] == []

    async def test_is_kept_as_typed_and_flagged_where_that_is_allowed(
        self, api: httpx.AsyncClient
    ) -> None:
        lenient = {"allow_invalid": "true"}
        body = {"last_name": "B", "phone": "call me"}
        made = (await api.post(URL, params=lenient, json=body)).json()
        assert made["phones"] == [{"number": "call me", "is_valid": False}]
        assert made["phone_quality"] == "invalid"
        assert (await api.get(f"{URL}/CALL me")).json()["id"] == made["id"]
        more = ["+49 30 1234567", *made["phones"]]
        changed = await api.patch(f"{URL}/{made['id']}", json={"phones": more})
        assert changed.status_code == 200, "it was there already"
        assert changed.json()["phone_quality"] == "ok"
        changed = await api.patch(f"{URL}/{made['id']}", params=lenient, json={"phone": "x 1"})
        assert changed.json()["phone"] == "x 1"
        listed = await api.get(URL, params={"where": "phone_quality = invalid"})
        assert len(listed.json()["items"]) == 1

    async def test_cannot_be_called_valid_by_hand(self, api: httpx.AsyncClient) -> None:
        body = {"last_name": "B", "phones": [{"number": "x 1", "is_valid": True}]}
        reply = await api.post(URL, params={"allow_invalid": "true"}, json=body)
        assert reply.json()["phones"] == [{"number": "x 1", "is_valid": False}]

    async def test_other_nouns_know_no_such_parameter(self, api: httpx.AsyncClient) -> None:
        body = {"key": "support", "name": "Support"}
        reply = await api.post("/v1/teams", params={"allow_invalid": "true"}, json=body)
        assert reply.status_code in (201, 422)
        reply = await api.post(URL, params={"allow_invalids": "true"}, json={"last_name": "B"})
        assert reply.status_code == 422


@pytest.mark.parametrize("region", ["de", "Germany", "D"])
def test_a_region_is_two_capitals(region: str) -> None:
    from pydantic import ValidationError

    from cerebro_server.kernel.config import Settings

    with pytest.raises(ValidationError):
        Settings(default_region=region)
