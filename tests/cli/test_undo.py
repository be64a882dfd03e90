"""`cerebro undo`, and the way back that every operation names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Ran, page
from tests.cli.operations import ID, SHORT, operation, row
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
TAKE = "POST /v1/undo"
EDIT = "01900000-0000-7000-8000-00000000ed17"
TAKEN = f"GET /v1/operations/{EDIT}"
CHANGE = {"field": "job_title", "text": "Job title: Boss → (empty)"}


def undo(state: str = "applied", /, **members: Any) -> dict[str, Any]:
    """An undo of one edit."""
    members = {"update": 1, **({"updated": 1} if state == "applied" else {}), **members}
    sample = [row(1, changes=[CHANGE])]
    return operation(state, kind="undo", undoes=EDIT, sample=sample, **members)


def told(server: Script, kind: str = "edit") -> None:
    server.tell(TAKEN, operation("undone", kind=kind))


def test_takes_back_the_last_thing_and_says_how_to_redo(cerebro: Cerebro, server: Script) -> None:
    server.tell(TAKE, undo("planned"), status=202)
    server.tell(f"POST /v1/operations/{ID}/apply", undo(), status=202)
    told(server)
    ran = cerebro("undo", stdin="y\n", terminal=True)
    assert ran.code == 0
    asked = {"what": None, "where": None, "force_fields": False, "yes": False}
    assert server.asked[0].json == asked
    for said in (
        "Takes back: a change by Ada, 2026-05-01 09:30 UTC",
        "update Contact 1: Job title: Boss → (empty)",
        "Take it back?",
        "1 updated.",
        f"Operation {SHORT} is applied.",
        "To redo: cerebro operations redo 00000000ed17",
    ):
        assert said in ran.err


def test_of_something_named_in_part(cerebro: Cerebro, server: Script) -> None:
    server.tell(TAKE, undo(), status=202)
    words = ("contacts/ada@x.example", "--where", "city = Rom", "--force-fields", "--yes", "--json")
    ran = cerebro("undo", *words)
    assert (ran.code, json.loads(ran.out)["undoes"]) == (0, EDIT)
    asked = {"what": words[0], "where": "city = Rom", "force_fields": True, "yes": True}
    assert server.asked[0].json == asked


def test_dry_run_shows_and_writes_nothing(cerebro: Cerebro, server: Script) -> None:
    server.tell(TAKE, undo("planned"), status=202)
    told(server, "contacts.import")
    ran = cerebro("undo", "seq:812", "--dry-run")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == ("Takes back: contacts.import by Ada, 2026-05-01 09:30 UTC")
    assert "Dry run: 1 to update; nothing was written." in ran.err


def test_whose_it_is_may_be_unknown(cerebro: Cerebro, server: Script) -> None:
    server.tell(TAKE, undo(), status=202)
    server.problem(TAKEN, 404, "not_found", "There is no operation.")
    assert cerebro("undo", "--yes").code == 0


def test_what_stays_is_told_and_a_failure(cerebro: Cerebro, server: Script) -> None:
    server.tell(TAKE, undo(update=0, updated=0, error=1), status=202)
    told(server)
    problem = {"code": "changed", "message": "It has changed since.", "fields": {}}
    server.tell(f"GET /v1/operations/{ID}/errors", page(row(1, "error", problem=problem)))
    ran = cerebro("undo", "--yes")
    assert ran.code == 1
    assert "Contact 1: It has changed since." in ran.err
    assert "To redo" not in ran.err


def test_what_others_did_takes_a_permission(cerebro: Cerebro, server: Script) -> None:
    assert cerebro("undo").code == 2  # nobody to ask
    detail = "The change seq:812 is somebody else's; that takes the permission operations:undo."
    server.problem(TAKE, 403, "forbidden", detail, permission="operations:undo")
    ran = cerebro("undo", "seq:812", "--yes")
    assert (ran.code, ran.out) == (4, "")
    assert detail in ran.err


def test_a_redo_is_taken_back_by_an_undo(cerebro: Cerebro, server: Script) -> None:
    server.tell(f"POST /v1/operations/{ID}/redo", undo(), status=202)
    ran = cerebro("operations", "redo", ID, "--yes")
    assert f"To undo: cerebro operations undo {SHORT}" in ran.err
