"""The permission table itself: complete, and anchored by what people expect of it."""

from __future__ import annotations

import pytest

from cerebro_server import registry
from cerebro_server.components.identity.service import built_in
from tests.proof.table import PUBLIC, SIGNED_IN, Holder, expected, operations

ROLES = {
    role.key: role.permissions
    for role in built_in.built_in_roles(
        registry.record_types(),
        [name for component in registry.components() for name in component.permissions],
    )
}
BY_ID = {operation.id: operation for operation in operations()}
OWN, TEAM, OTHERS, NOWHERE = 1, 2, 3, 4

# Written by hand: what somebody who knows the trade would say without looking.
ANCHORS = [
    ("owner", "companies.delete", OTHERS, 200),
    ("owner", "roles.create", OTHERS, 201),
    ("owner", "companies.get", NOWHERE, 404),
    ("admin", "users.create", OTHERS, 201),
    ("admin", "users.disable", OTHERS, 200),
    ("admin", "keys.revoke", OTHERS, 200),
    ("admin", "sessions.end", OTHERS, 200),
    ("admin", "contacts.export", OTHERS, 200),
    ("admin", "access.matrix", OTHERS, 200),
    ("manager", "companies.import", OTHERS, 200),
    ("manager", "companies.export", OTHERS, 200),
    ("manager", "companies.update", OTHERS, 200),
    ("manager", "companies.delete", OTHERS, 403),
    ("manager", "companies.delete", TEAM, 200),
    ("admin", "companies.lock", OTHERS, 200),
    ("manager", "contacts.lock", OTHERS, 200),
    ("manager", "companies.unlock", OTHERS, 200),
    ("manager", "users.create", OTHERS, 403),
    ("manager", "roles.update", OTHERS, 403),
    ("manager", "users.list", OTHERS, 200),
    ("agent", "contacts.create", OTHERS, 201),
    ("agent", "contacts.get", OTHERS, 200),
    ("agent", "contacts.timeline", OTHERS, 200),
    ("agent", "contacts.update", OTHERS, 403),
    ("agent", "contacts.update", TEAM, 200),
    ("agent", "contacts.delete", TEAM, 403),
    ("agent", "contacts.delete", OWN, 200),
    ("agent", "contacts.lock", OWN, 403),
    ("agent", "contacts.unlock", OWN, 403),
    ("agent", "contacts.export", OTHERS, 403),
    ("agent", "contacts.import", OTHERS, 403),
    ("agent", "keys.get", OTHERS, 404),
    ("agent", "keys.revoke", OWN, 200),
    ("agent", "keys.create", OTHERS, 201),
    ("agent", "roles.list", OTHERS, 403),
    ("agent", "fields.list", OTHERS, 200),
    ("agent", "fields.create", OTHERS, 403),
    ("manager", "fields.update", OTHERS, 403),
    ("admin", "fields.delete", OTHERS, 200),
    ("agent", "access.matrix", OTHERS, 403),
    ("agent", "sessions.end", OTHERS, 404),
    ("read_only", "companies.list", OTHERS, 200),
    ("read_only", "companies.diff", OTHERS, 200),
    ("read_only", "companies.create", OTHERS, 403),
    ("read_only", "companies.restore", OWN, 403),
    ("read_only", "companies.lock", OWN, 403),
    ("read_only", "companies.unlock", OWN, 403),
    ("read_only", "users.update", OWN, 403),
    ("agent", "deals.update", TEAM, 200),
    ("agent", "deals.update", OTHERS, 403),
    ("agent", "deals.win", TEAM, 200),
    ("agent", "deals.assign", OTHERS, 403),
    ("manager", "deals.lose", OTHERS, 200),
    ("read_only", "deals.move", OWN, 403),
    ("read_only", "opportunities.get", OTHERS, 200),
    ("read_only", "opportunities.forecast", OTHERS, 200),
    ("agent", "stages.update", OTHERS, 403),
    ("agent", "pipelines.create", OTHERS, 403),
    ("agent", "pipelines.list", OTHERS, 200),
    ("manager", "pipelines.create", OTHERS, 201),
    ("manager", "pipelines.update", OTHERS, 200),
    ("read_only", "deals.get", OTHERS, 200),
    ("agent", "deal_lines.create", OTHERS, 403),
    ("agent", "prices.update", OTHERS, 403),
    ("agent", "quotes.send", TEAM, 200),
    ("agent", "quotes.accept", OTHERS, 403),
    ("manager", "deal_lines.create", OTHERS, 201),
    ("manager", "quotes.revise", OTHERS, 201),
    ("read_only", "quotes.pdf", OTHERS, 200),
    ("agent", "tasks.complete", TEAM, 200),
    ("agent", "tasks.reopen", OTHERS, 403),
    ("agent", "attendees.create", OTHERS, 403),
    ("agent", "follows.delete", OTHERS, 403),
    ("manager", "follows.create", OTHERS, 201),
    ("read_only", "notes.create", OTHERS, 403),
]


@pytest.mark.parametrize(("role", "operation", "relation", "status"), ANCHORS)
def test_says_what_people_expect(role: str, operation: str, relation: int, status: int) -> None:
    assert expected(Holder((ROLES[role],)), BY_ID[operation], relation) == status


def test_a_narrow_key_leaves_the_owner_little() -> None:
    narrow = Holder((ROLES["owner"],), ("companies:read:own",))
    assert expected(narrow, BY_ID["companies.get"], OWN) == 200
    assert expected(narrow, BY_ID["companies.get"], TEAM) == 404
    assert expected(narrow, BY_ID["companies.update"], OWN) == 403
    assert expected(narrow, BY_ID["contacts.list"], OWN) == 403


def test_every_operation_needs_something_that_is_known() -> None:
    known = {*registry.permissions(), SIGNED_IN, PUBLIC}
    assert {operation.needs for operation in operations()} <= known


def test_every_permission_is_needed_by_an_operation() -> None:
    needed = {operation.needs for operation in operations()}
    # an operation on many records asks by its kind, and for others' by whose it is: see
    # tests/server/operations
    nouns = (
        *("companies", "contacts", "deals", "leads", "exchange_rates", "products"),
        *("price_books", "prices", "deal_lines", "quotes", "quote_lines"),
        *("tasks", "activities", "attendees", "notes", "follows", "files", "quotas"),
    )
    by_kind = {f"{noun}:bulk" for noun in nouns} | {"leads:assign"}
    of_others = {f"operations:{action}" for action in ("read", "undo", "cancel")}
    # settings with routes of their own, whose changes are read
    of_settings = {f"{rt.name}:read" for rt in registry.record_types() if not rt.noun.verbs}
    assert set(registry.permissions()) - needed == by_kind | of_others | of_settings


def test_what_needs_no_permission_is_a_closed_list() -> None:
    assert {op.id for op in operations() if op.needs == PUBLIC} == {
        "auth.login",
        "auth.refresh",
        "auth.redeem",
        "auth.request_reset",
        "exports.download",
        "files.shared",
        "lead_forms.submit",
        "quotes.public",
        "quotes.public_accept",
        "quotes.public_decline",
    }
    assert {op.id for op in operations() if op.needs == SIGNED_IN} == {
        "access.explain",
        *(f"duplicates.{verb}" for verb in ("list", "get", "dismiss", "reopen", "rules")),
        "auth.change_password",
        "auth.logout",
        "auth.whoami",
        "workspace.openapi",
        "search.records",
        *(f"mappings.{verb}" for verb in ("list", "get", "delete")),
        "uploads.get",
        "uploads.mapping",
        "uploads.put",
        *(f"operations.{verb}" for verb in ("list", "get", "create", "plan", "errors")),
        *(f"operations.{verb}" for verb in ("errors_file", "apply", "undo", "redo")),
        *(f"operations.{verb}" for verb in ("cancel", "resume", "take_back")),
        *(f"exports.{verb}" for verb in ("create", "list", "get", "delete", "link", "file")),
    }
