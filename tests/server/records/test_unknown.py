"""What names no record, in any field of any noun, by whatever door."""

from __future__ import annotations

from typing import Any

import httpx

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.kinds import Kind
from cerebro_server import registry
from cerebro_server.kernel.fields import RecordType
from tests.fixtures.samples import joined, made, sample
from tests.server.operations.doing import ask

WORD = "no-such-word"


def named(record_type: RecordType, payload: type[Payload] | None) -> list[str]:
    """Return the fields of a payload that name a record, or somebody."""
    kinds = (Kind.USER, Kind.TEAM)
    people = [n for n, field in record_type.plain.fields.items() if field.kind in kinds]
    known = payload.model_fields if payload else {}
    return [name for name in dict.fromkeys((*record_type.refers, *people)) if name in known]


async def refused(
    api: httpx.AsyncClient, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    """Hold a request to a refusal that says which field names what is not there."""
    reply = await api.request(method, path, json=body)
    assert reply.status_code == 422, (path, field, reply.text)
    errors = {each["pointer"]: each["detail"] for each in reply.json()["errors"]}
    assert f"/{field}" in errors, (path, field, reply.text)
    assert WORD in errors[f"/{field}"], (path, reply.text)


async def test_is_refused_by_name_in_every_field_of_every_noun(api: httpx.AsyncClient) -> None:
    tried = 0
    for record_type in registry.record_types():
        path = f"/v1/{record_type.name}"
        verbs = record_type.noun.verbs
        new = named(record_type, record_type.create) if "create" in verbs else []
        old = named(record_type, record_type.update) if {"create", "update"} <= set(verbs) else []
        if new:
            ends = {column: await made(api, end) for column, end in joined(record_type).items()}
            for field in new:
                body = {**sample(record_type), **ends, field: WORD}
                await refused(api, "POST", path, body, field)
        if old:
            record = await made(api, record_type)
            for field in old:
                await refused(api, "PATCH", f"{path}/{record}", {field: WORD}, field)
        tried += len(new) + len(old)
    assert tried > 100


async def test_is_refused_by_verbs_and_beside_what_is_right(api: httpx.AsyncClient) -> None:
    deal = (await ask(api, "/v1/deals", {"name": "One"}, 201))["id"]
    lead = (await ask(api, "/v1/leads", {"last_name": "Ada", "company_name": "Acme"}, 201))["id"]
    await refused(api, "POST", f"/v1/deals/{deal}/lose", {"lost_reason_id": WORD}, "lost_reason_id")
    for more in ({"price_book_id": WORD}, {"stage": "lost", "lost_reason_id": WORD}):
        body = {"deal": {"name": "Two", **more}}
        field = f"deal/{next(name for name in more if name.endswith('_id'))}"
        await refused(api, "POST", f"/v1/leads/{lead}/convert", body, field)
    items = [{"name": "Bad", "lost_reason_id": WORD}, {"name": "Good"}]
    report = await ask(api, "/v1/deals/batch", {"items": items}, 200)
    assert [each["result"] for each in report["items"]] == ["refused", "created"]
