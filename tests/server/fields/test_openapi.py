"""The workspace's own OpenAPI document: custom fields are typed properties."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema_rs

from cerebro_sdk.schemas.custom_types import FIELD_TYPES

from .conftest import define, make
from .test_types import CASES, OPTIONS


async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    reply = await api.get("/v1/openapi")
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


def custom(found: dict[str, Any], schema: str) -> dict[str, Any]:
    properties: dict[str, Any] = found["components"]["schemas"][schema]["properties"]["custom"]
    return properties


async def test_says_what_a_field_may_be(api: httpx.AsyncClient) -> None:
    options = ["gold", "Very high"]
    await define(api, "tier", "select", options=options, is_required=True, label="Class")
    await define(api, "score", "integer")
    found = await document(api)
    tier = custom(found, "ContactCreate")["properties"]["tier"]
    assert (tier["enum"], tier["title"]) == (["gold", "very_high"], "Class")
    assert custom(found, "ContactCreate")["required"] == ["tier"]
    assert "custom" in found["components"]["schemas"]["ContactCreate"]["required"]
    assert "required" not in custom(found, "ContactUpdate")
    assert custom(found, "Contact")["properties"]["score"]["anyOf"][1] == {"type": "null"}
    assert custom(found, "Company")["properties"] == {}


async def test_holds_for_values_of_every_type(api: httpx.AsyncClient, main: Any) -> None:
    for team in ("red", "blue"):
        main.team(team)
    for kind in FIELD_TYPES:
        options = {"options": OPTIONS} if "select" in kind else {}
        await define(api, f"x_{kind}", kind, **options)
    made = await make(api, **{f"x_{kind}": case.sent[1] for kind, case in CASES.items()})
    found = await document(api)
    schema = {"$ref": "#/components/schemas/Contact", "components": found["components"]}
    jsonschema_rs.validator_for(schema).validate(made)
    assert set(custom(found, "Contact")["properties"]) == set(made["custom"])


async def test_the_document_of_all_stays_as_it_is(api: httpx.AsyncClient) -> None:
    before = (await api.get("/openapi.json")).json()
    await define(api, "tier", "text")
    await document(api)
    assert (await api.get("/openapi.json")).json() == before
