"""How each operation is called: a path, and a body that would be right."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from tests.fixtures.samples import sample
from tests.proof.table import RECORDS, Operation
from tests.proof.world import CANARY, TYPES, World

_DEAL_VERBS: dict[str, dict[str, Any]] = {
    "lose": {"lost_reason_id": "Price"},
    "move": {"stage": "proposal"},
    "assign": {"owner_id": "me"},
}
_TEXT = {"content-type": "text/csv"}


async def call(
    client: httpx.AsyncClient,
    operation: Operation,
    headers: dict[str, str],
    *,
    reference: object = "",
    body: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
) -> httpx.Response:
    """Call an operation; `body` adds to what is right by itself."""
    path = operation.path.replace("{reference}", str(reference))
    asked = {**_query(operation), **(query or {})}
    if operation.verb == "import":
        row = sample(TYPES[operation.noun])
        file = f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"
        return await client.post(path, content=file, headers={**headers, **_TEXT})
    payload = None if operation.body is None else {**_body(operation), **(body or {})}
    return await client.request(
        operation.method, path, headers=headers, json=payload, params=asked or None
    )


def _query(operation: Operation) -> dict[str, str]:
    if operation.id == "access.explain":
        return {"record": "companies/none.example"}
    if operation.id == "search.records":
        return {"q": CANARY}
    if operation.id == "files.add":
        return {"name": "notes.txt"}
    if operation.id == "reports.forecast_changes":
        return {"since": "now"}
    return {}


def _body(operation: Operation) -> dict[str, Any]:
    if operation.verb in ("create", "update") and operation.noun in TYPES:
        record_type = TYPES[operation.noun]
        schema = record_type.create if operation.verb == "create" else record_type.update
        known = set(schema.model_fields) if schema else set()
        return {
            name: value
            for name, value in sample(record_type).items()
            if name in known and not (operation.verb == "update" and name in RECORDS)
        }
    if operation.noun == "deals" and operation.verb in _DEAL_VERBS:
        return _DEAL_VERBS[operation.verb]
    if operation.verb == "write_many":
        return {"items": [sample(TYPES[operation.noun])]}
    if operation.id == "files.missing":
        return {"sha256": []}
    return {}


def foreign_value(world: World, kind: str, *, missing: UUID) -> tuple[Any, Any]:
    """Return, for an id-typed field, a value of the other workspace and one of nowhere."""
    match kind:
        case "user":
            return str(world.foreign["users"]), str(missing)
        case "team":
            return "canary7f3a", "nowhere"
        case "teams" | "roles":
            return ["canary7f3a"], ["nowhere"]
        case "a team":
            return str(world.foreign["teams"]), str(missing)
        case _ if kind in RECORDS.values():
            return str(world.foreign[kind]), str(missing)
    raise AssertionError(kind)
