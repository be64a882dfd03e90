"""`lock` and `unlock`, and what a lock makes of other commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cerebro_cli import completion
from tests.cli.conftest import Ran, company
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
SINCE = "2026-05-02T10:00:00Z"
DETAIL = (
    "The company acme.example is locked since 2026-05-02 10:00 UTC: nothing in it changes until it "
    "is unlocked, which takes the permission companies:unlock."
)


def test_of_one_does_it_and_says_how_to_undo_it(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies/acme.example/lock", company(1, locked_at=SINCE))
    ran = cerebro("companies", "lock", "acme.example")
    assert (ran.code, len(server.asked)) == (0, 1)
    assert "1 company locked. To undo: cerebro companies unlock 0190" in ran.err


def test_unlocks(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies/acme.example/unlock", company(1, locked_at=None))
    ran = cerebro("companies", "unlock", "acme.example", "--json")
    assert ran.code == 0
    assert '"locked_at": null' in ran.out
    assert "1 company unlocked." in ran.err


def test_of_several_asks_first(cerebro: Cerebro, server: Script) -> None:
    assert cerebro("companies", "lock", "aaaaaa", "bbbbbb").code == 2
    assert server.asked == []
    for number, ref in enumerate(("aaaaaa", "bbbbbb"), 1):
        found = company(number)
        server.tell(f"GET /v1/companies/{ref}", found)
        server.tell(f"POST /v1/companies/{found['id']}/lock", found)
    ran = cerebro("companies", "lock", "aaaaaa", "bbbbbb", "--yes")
    assert ran.code == 0
    assert "2 companies locked." in ran.err


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("PATCH /v1/companies/acme.example", ["update", "acme.example", "name=x"]),
        ("DELETE /v1/companies/acme.example", ["delete", "acme.example"]),
        ("POST /v1/companies/acme.example/destroy", ["destroy", "acme.example", "--yes"]),
    ],
)
def test_a_refusal_says_what_to_do(
    cerebro: Cerebro, server: Script, call: str, arguments: list[str]
) -> None:
    server.problem(call, 409, "record_locked", DETAIL)
    ran = cerebro("companies", *arguments)
    assert (ran.code, ran.out) == (6, "")
    hint = "`cerebro NOUN unlock REF` unlocks it."
    assert ran.err.splitlines() == [f"cerebro: {DETAIL}", hint]


def test_completes() -> None:
    assert completion.candidates(["contacts", "loc"]) == ["lock"]
    assert completion.candidates(["contacts", "unl"]) == ["unlock"]
    assert "--dry-run" in completion.candidates(["contacts", "lock", "--"])
    assert completion.candidates(["positions", "lo"]) == []
