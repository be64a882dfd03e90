"""What should happen: read off the permission table, without the server's own code.

The operations and what each needs come from docs/openapi.json, the roles from the database; how
both are put together is written here a second time, as plainly as can be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)
VERBS = ("get", "post", "put", "patch", "delete")
SIGNED_IN = "signed in"
PUBLIC = "public"
RECORDS = {
    "parent_id": "companies",
    "contact_id": "contacts",
    "company_id": "companies",
    "pipeline_id": "pipelines",
    "stage_id": "stages",
    "lost_reason_id": "lost_reasons",
    "deal_id": "deals",
    "status_id": "lead_statuses",
    "recurring_plan_id": "recurring_plans",
    "territory_id": "territories",
    "rule_id": "assignment_rules",
    "price_book_id": "price_books",
    "product_id": "products",
    "quote_id": "quotes",
    "lead_id": "leads",
    "activity_id": "activities",
}
"""Fields that name another record, with its noun."""
NO_RECORDS = ("external_ids", "message_id")
"""Fields that are called like ids and name no record here."""
PARTS = {"deal_lines": "deals", "quote_lines": "quotes", "attendees": "activities"}
"""What belongs to another record, and is written by whoever may update that."""
ABOVE = {"Team": "a team", "Territory": "territories"}
"""What `parent_id` names, by the first word of a schema."""
SAME = {"opportunities": "deals"}
"""Nouns that are another's records under a name of their own."""
_RANK = {"own": 1, "team": 2, "all": 3}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    method: str
    path: str
    needs: str
    body: str | None
    """The name of the body's schema, if it is JSON."""
    query: tuple[str, ...]

    @property
    def noun(self) -> str:
        found = self.id.partition(".")[0]
        return SAME.get(found, found)

    @property
    def verb(self) -> str:
        return self.id.partition(".")[2]

    @property
    def action(self) -> str:
        return self.needs.partition(":")[2]

    @property
    def has_reference(self) -> bool:
        return "{reference}" in self.path

    @property
    def names_no_record(self) -> bool:
        """Whether it is about something that is no record, of which the world has none."""
        return "{" in self.path and not self.has_reference


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation below /v1."""
    found = []
    for path, methods in sorted(DOCUMENT["paths"].items()):
        for method in VERBS:
            if path.startswith("/v1/") and method in methods:
                found.append(_operation(path, method, methods[method]))
    return tuple(found)


def _operation(path: str, method: str, described: dict[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        described["operationId"],
        method.upper(),
        path,
        described["x-permission"],
        content["schema"]["$ref"].rpartition("/")[2] if content else None,
        tuple(p["name"] for p in described.get("parameters", ()) if p["in"] == "query"),
    )


def id_fields(schema: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a payload that name something else, each with its kind."""
    for name, field in DOCUMENT["components"]["schemas"][schema]["properties"].items():
        kinds = {part.get("x-kind") for part in (field, *field.get("anyOf", ()))}
        if found := kinds & {"user", "team"}:
            yield name, str(found.pop())
        elif name in ("roles", "teams"):
            yield name, name
        elif name in RECORDS:
            first = schema.removesuffix("Create").removesuffix("Update")
            above = ABOVE.get(first) if name == "parent_id" else None
            yield name, above or RECORDS[name]
        else:
            named = name.endswith(("_id", "_ids")) and name not in NO_RECORDS
            assert not named, f"{schema}.{name} looks like an id, and is tried by nothing"


@dataclass(frozen=True)
class Holder:
    """What somebody holds: the permissions of each role, and what a key leaves of them."""

    roles: tuple[tuple[str, ...], ...]
    scopes: tuple[str, ...] = ("*",)

    def scope(self, permission: str) -> int:
        """Return 3 for all, 2 for team, 1 for own, 0 for not at all."""
        widest = max((_widest(role, permission) for role in self.roles), default=0)
        return min(widest, _widest(self.scopes, permission))


def _widest(held: Sequence[str], permission: str) -> int:
    noun, _, action = permission.partition(":")
    found = 0
    for text in held:
        if text == "*":
            return 3
        parts = text.split(":")
        if parts[0] in (noun, "*") and parts[1] in (action, "*"):
            found = max(found, _RANK[parts[2]] if len(parts) == 3 else 3)
    return found


def expected(holder: Holder, operation: Operation, relation: int) -> int:
    """Return the status: `relation` is 1 for an own record, 2 for one of the team's, 3 for others',
    4 for one that does not exist here."""
    if holder.scope(operation.needs) == 0:
        return 403
    if operation.names_no_record:
        return 404
    reads = holder.scope(f"{operation.noun}:read")
    if operation.has_reference and reads < relation:
        return 404
    if operation.has_reference and holder.scope(operation.needs) < relation:
        return 403
    whole = PARTS.get(operation.noun)
    writes = operation.action not in ("read", "")
    if whole and writes and operation.verb not in ("list", "search"):
        is_theirs = operation.has_reference or operation.verb == "create"
        if is_theirs and holder.scope(f"{whole}:update") < 3:
            return 403  # the world's deals are somebody else's
    return 201 if operation.verb in ("create", "revise", "add") else 200
