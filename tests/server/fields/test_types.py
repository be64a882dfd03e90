"""Every type: what goes in, what is kept, which filters find it, and how it sorts."""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx
import pytest

from cerebro_sdk.schemas.custom_types import FIELD_TYPES

from .conftest import define, make, names

OPTIONS = ["gold", "silver", "Very high"]


class Case(NamedTuple):
    """A type: values as sent and as kept, in ascending order; filters for the second; a refusal."""

    sent: tuple[Any, Any]
    kept: tuple[Any, Any]
    finds: tuple[str, ...]
    wrong: Any
    sort: str | None = "it"


CASES: dict[str, Case] = {
    "text": Case((" Ada", "bob"), ("Ada", "bob"), ("it = BOB", "it contains o"), 5),
    "long_text": Case(("a", "b\r\nc"), ("a", "b\nc"), ('it contains "C"',), {"a": 1}),
    "integer": Case((9, "10"), (9, 10), ("it > 9", "it = 10", "it in (10, 11)"), "ten"),
    "decimal": Case(("9.5", "10.50"), ("9.5", "10.5"), ("it >= 10.5", "it != 9.5"), "x"),
    "percent": Case(("5%", 12.5), ("5", "12.5"), ("it > 5",), "much"),
    "currency": Case(
        ("9.50 eur", {"amount": "10000.00", "currency": "USD"}),
        (
            {"amount": "9.50", "currency": "EUR"},
            {"amount": "10000.00", "currency": "USD"},
        ),
        ("it > 9.5", "it.currency = usd"),
        "much",
    ),
    "boolean": Case(("no", True), (False, True), ("it = true", "it != false"), "maybe"),
    "date": Case(
        ("2024-02-29", "2026-01-31"),
        ("2024-02-29", "2026-01-31"),
        ("it > 2024-02-29",),
        "2026-02-30",
    ),
    "datetime": Case(
        ("2026-01-31T09:00:00Z", "2026-01-31T12:30+02:00"),
        ("2026-01-31T09:00:00Z", "2026-01-31T10:30:00Z"),
        ("it > 2026-01-31T09:30Z", 'it = "2026-01-31T10:30:00Z"'),
        "2026-01-31T09:00:00",
    ),
    "time": Case(("9:30", "14:00:05"), ("09:30:00", "14:00:05"), ('it > "9:30"',), "25:00"),
    "duration": Case(("90", "1h30m"), (90, 5400), ("it > 90", "it = PT1H30M"), "long"),
    "email": Case(
        ("ada@ACME.example", "bob@acme.example"),
        ("ada@acme.example", "bob@acme.example"),
        ("it = BOB@acme.example",),
        "ada",
    ),
    "phone": Case(
        ("+1 555 0100", "+2 555"), ("+1 555 0100", "+2 555"), ('it starts with "+2"',), "x"
    ),
    "url": Case(
        ("acme.example", "http://b.example"),
        ("https://acme.example", "http://b.example"),
        ("it contains b.example",),
        "ftp:x",
        None,
    ),
    "domain": Case(
        ("https://www.Acme.example/x", "b.example"),
        ("acme.example", "b.example"),
        ("it = B.example",),
        "nothing",
    ),
    "select": Case(
        ("gold", "very high"),
        ("gold", "very_high"),
        ("it = very_high", 'it = "VERY high"', "it in (silver, very_high)"),
        "golden",
    ),
    "multi_select": Case(
        ("gold", ["Very high", "silver", "silver"]),
        (["gold"], ["very_high", "silver"]),
        ("it has silver", 'it has all ("very high", silver)', "not (it has gold)"),
        ["golden"],
        None,
    ),
    "team": Case(("blue", "red"), ("blue", "red"), ("it = red",), "green"),
    "person_name": Case(
        ("Ada Lovelace", {"prefix": "Dr.", "first": "Bob", "last": "Ray"}),
        (
            {"first": "Ada", "last": "Lovelace", "full": "Ada Lovelace"},
            {"prefix": "Dr.", "first": "Bob", "last": "Ray", "full": "Dr. Bob Ray"},
        ),
        ("it contains ray", "it.first = bob", "it.last in (Ray)"),
        {"nick": "x"},
    ),
    "address": Case(
        ({"city": "Berlin"}, '{"street": "1 Main St", "city": "Paris", "country": "FR"}'),
        (
            {"city": "Berlin", "full": "Berlin"},
            {
                "street": "1 Main St",
                "city": "Paris",
                "country": "FR",
                "full": "1 Main St, Paris, FR",
            },
        ),
        ("it.city = paris", "it contains main", "it.country in (FR)"),
        {"town": "x"},
        "it.city",
    ),
    "rating": Case((1, "5"), (1, 5), ("it > 3",), 6),
    "checklist": Case(
        ("Call", [{"text": "Write", "is_done": True}, "Wait"]),
        (
            [{"text": "Call", "is_done": False}],
            [{"text": "Write", "is_done": True}, {"text": "Wait", "is_done": False}],
        ),
        ("it has write", "it has any (wait, nothing)"),
        5,
        None,
    ),
    "range": Case(
        ("..5", {"from": "2.50", "to": 9}),
        ({"to": "5"}, {"from": "2.5", "to": "9"}),
        ("it.from = 2.5", "it.to > 5", "it.from is not empty"),
        "9..2",
        "it.to",
    ),
    "date_range": Case(
        ("2026-01-01..2026-02-01", "2026-03-01.."),
        ({"from": "2026-01-01", "to": "2026-02-01"}, {"from": "2026-03-01"}),
        ("it.from > 2026-02-01", "it.to is empty and it is not empty"),
        "today",
        "it.from",
    ),
    "barcode": Case(
        ("036000 291452", "4006381333931"),
        ("036000291452", "4006381333931"),
        ("it = 4006381333931",),
        "4006381333932",
    ),
    "color": Case(("#0A7", "ffffff"), ("#00aa77", "#ffffff"), ('it = "#FFFFFF"',), "red"),
}


def test_there_are_twenty_types_and_a_case_for_each() -> None:
    assert len(FIELD_TYPES) >= 20
    assert {*CASES, "user"} == set(FIELD_TYPES)


@pytest.mark.parametrize("kind", CASES)
async def test_is_checked_kept_found_and_sorted(
    api: httpx.AsyncClient, main: Any, kind: str
) -> None:
    case = CASES[kind]
    for team in ("red", "blue"):
        main.team(team)
    options = {"options": OPTIONS} if "select" in kind else {}
    await define(api, "it", kind, **options)
    first = await make(api, "First", it=case.sent[0])
    second = await make(api, "Second", it=case.sent[1])
    await make(api, "Third")
    assert (first["custom"]["it"], second["custom"]["it"]) == case.kept
    for where in case.finds:
        assert set(await names(api, f"({where}) and it is not empty")) == {"Second"}, where
    assert await names(api, "it is empty") == ["Third"]
    assert await names(api, "it is not empty") == ["First", "Second"]
    if case.sort:
        assert await names(api, "", case.sort) == ["First", "Second", "Third"]
        assert await names(api, "", f"-{case.sort}") == ["Third", "Second", "First"]
        page = {"sort": case.sort, "limit": 1}
        start = (await api.get("/v1/contacts", params=page)).json()
        rest = await api.get("/v1/contacts", params=page | {"cursor": start["next_cursor"]})
        assert rest.json()["items"][0]["last_name"] == "Second"
    refused = await api.post("/v1/contacts", json={"last_name": "X", "custom": {"it": case.wrong}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("/custom/it")
    assert await names(api, "") == ["First", "Second", "Third"]


async def test_a_user_is_found_by_address_and_as_me(api: httpx.AsyncClient, main: Any) -> None:
    ada = main.user("ada", "agent")
    await define(api, "buddy", "user")
    await define(api, "helper", "user")
    made = await make(api, "One", buddy="ada@cerebro.test", helper="me")
    assert made["custom"] == {"buddy": str(ada), "helper": str(main.owner)}
    assert await names(api, f"buddy = {ada} and helper = me") == ["One"]
    assert await names(api, "buddy = me") == []
    reply = await api.post(
        "/v1/contacts", json={"last_name": "X", "custom": {"buddy": "eve@cerebro.test"}}
    )
    assert reply.json()["errors"][0] == {
        "pointer": "/custom/buddy",
        "code": "unknown_user",
        "detail": "There is no user eve@cerebro.test.",
    }


async def test_an_unknown_option_in_a_filter_names_the_one_that_was_meant(
    api: httpx.AsyncClient,
) -> None:
    await define(api, "tier", "select", options=OPTIONS)
    reply = await api.get("/v1/contacts", params={"where": "tier = golds"})
    assert (reply.status_code, reply.json()["suggestion"]) == (422, "gold")


async def test_a_cursor_after_long_names_is_short_enough(api: httpx.AsyncClient) -> None:
    parts = dict.fromkeys(("prefix", "first", "middle", "last", "suffix"), "漢" * 255)
    for key in ("one", "two"):
        await define(api, key, "person_name")
    for name in ("A", "B", "C"):
        await make(api, name, one=parts, two=parts)
    page = {"sort": "one,-two", "limit": "1"}
    found: list[str] = []
    while len(found) < 3:
        reply = await api.get("/v1/contacts", params=page)
        assert reply.status_code == 200, reply.text
        found += [item["last_name"] for item in reply.json()["items"]]
        page["cursor"] = reply.json()["next_cursor"] or ""
    assert (sorted(found), page["cursor"]) == (["A", "B", "C"], "")
