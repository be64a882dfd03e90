"""What is amiss with rows, for those who do not see all fields."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from cerebro_server.components.contacts.records import contacts
from cerebro_server.kernel.records.operations import problems
from tests.fixtures.people import People

from .doing import URL, ask, contact, done, errors

READS = ("operations:read", "contacts:read")
LIMITED = replace(contacts, hidden=frozenset({"emails", "email", "job_title"}))


@pytest.mark.parametrize("hidden", ["email", "emails", "external_ids"])
async def test_a_key_that_is_taken_is_not_told_to_those_who_do_not_see_it(
    api: httpx.AsyncClient, main: People, hidden: str
) -> None:
    mail = hidden != "external_ids"
    secret = "secret@x.example" if mail else "secret77"
    key = {"email": secret} if mail else {"external_ids": {"crm": secret}}
    await contact(api, "Ada", **key)
    op = await done(api, "contacts.delete")
    await contact(api, "Other", **key)
    undo = await ask(api, f"{URL}/{op['id']}/undo", {})
    assert (await errors(api, undo))[0]["problem"]["value"] == secret
    rules = {f"contacts.{hidden}": "hidden"}
    limited = main.signed("lim", main.role("limited", READS, field_rules=rules))
    for path in ("", "/plan", "/errors"):
        reply = await api.get(f"{URL}/{undo['id']}{path}", headers=limited)
        assert reply.status_code == 200
        assert secret not in reply.text
    problem = reply.json()["items"][0]["problem"]
    assert (problem["code"], "value" in problem, "kind" in problem) == ("key_taken", False, False)
    plain = main.signed("plain", main.role("plain", READS))
    reply = await api.get(f"{URL}/{undo['id']}/errors", headers=plain)
    assert reply.json()["items"][0]["problem"]["value"] == secret


def test_values_of_a_file_are_for_whoever_sent_it() -> None:
    first = {"code": "x", "message": "It is odd.", "field": "last_name", "column": "Name"}
    second = {"code": "y", "message": "secret", "field": "emails.0.address", "column": "Mail"}
    third = {"code": "z", "message": "secret", "field": "job_title", "column": "Title"}
    also = [{**second, "value": "secret"}, {**third, "value": "secret"}]
    problem = {**first, "value": "secret", "also": also}
    assert problems.shown(LIMITED, problem, is_own=True) == problem
    found = problems.shown(LIMITED, problem, is_own=False)
    assert found == {
        **first,
        "also": [
            {"code": code, "message": "It is about a field that you may not see."}
            for code in ("y", "z")
        ],
    }


def test_what_the_database_says_is_for_whoever_made_the_row() -> None:
    problem = {"code": "refused", "message": "It said: secret", "said": "secret"}
    assert problems.shown(LIMITED, problem, is_own=True) == problem
    assert "secret" not in str(problems.shown(LIMITED, problem, is_own=False))
