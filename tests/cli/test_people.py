"""`users`, `teams`, `roles`, `keys`, `sessions` and `access`."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from cerebro_cli import facts
from tests.cli.conftest import Ran, company, page
from tests.cli.people import SECRET, key, session, user
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
ANSWER = {
    "user_id": company(1)["id"],
    "record_type": "contacts",
    "record_id": company(2)["id"],
    "action": "update",
    "allowed": False,
    "detail": "No: Ada may read it only.",
    "reasons": [{"role": "agent", "allows": False, "detail": "Not \x1b[1m this one."}],
    "fields": {"phone": "masked"},
}
REFUSALS = [(401, "not_authenticated", 4), (403, "forbidden", 4), (404, "not_found", 5)]


class TestNouns:
    def test_have_the_verbs_that_the_api_has(self, cerebro: Cerebro) -> None:
        for noun, wrong in (("users", "import"), ("keys", "update"), ("sessions", "create")):
            assert wrong not in facts.nouns()[noun].verbs
            ran = cerebro(noun, wrong, "x")
            assert ran.code == 2
            assert "No such command" in ran.err

    def test_lists_are_separated_by_commas(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/users", user(), status=201)
        words = ("name=Ada", "email=ada@acme.example", "roles=agent, manager", "teams=")
        ran = cerebro("users", "create", *words, "--json")
        assert ran.code == 0
        assert server.asked[0].json == {
            "name": "Ada",
            "email": "ada@acme.example",
            "roles": ["agent", "manager"],
            "teams": [],
        }

    def test_rules_are_set_key_by_key(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/roles", {**company(1), "key": "emea"}, status=201)
        cerebro(
            *("roles", "create", "key=emea", "name=EMEA"),
            "permissions=companies:read,companies:update:team",
            "row_rules.companies=country = DE",
            "field_rules.contacts.phone=masked",
        )
        assert server.asked[0].json == {
            "key": "emea",
            "name": "EMEA",
            "permissions": ["companies:read", "companies:update:team"],
            "row_rules": {"companies": "country = DE"},
            "field_rules": {"contacts.phone": "masked"},
        }

    def test_one_rule_is_changed_and_the_others_stay(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        held = {"contacts.phone": "masked", "contacts.email": "hidden"}
        server.tell("GET /v1/roles/emea", {**company(1, version=4), "field_rules": held})
        server.tell("PATCH /v1/roles/emea", company(1))
        cerebro("roles", "update", "emea", "field_rules.contacts.phone=")
        assert server.asked[1].json == {"field_rules": {"contacts.email": "hidden"}}
        assert server.asked[1].headers["if-match"] == '"4"'

    @pytest.mark.parametrize("name", ["owner", "owner_id"])
    def test_an_owner_is_named_short(self, cerebro: Cerebro, server: Script, name: str) -> None:
        server.tell("PATCH /v1/companies/acme.example", company(1))
        assert cerebro("companies", "update", "acme.example", f"{name}=me", "team=emea").code == 0
        assert server.asked[0].json == {"owner_id": "me", "team": "emea"}
        both = cerebro("companies", "update", "acme.example", "owner=me", "owner_id=me")
        assert (both.code, "given twice" in both.err) == (2, True)

    @pytest.mark.parametrize(("status", "code", "exits"), REFUSALS)
    def test_refusals_end_as_documented(
        self, cerebro: Cerebro, server: Script, status: int, code: str, exits: int
    ) -> None:
        server.problem("GET /v1/teams/emea", status, code, "No.")
        assert cerebro("teams", "get", "emea").code == exits

    def test_lists_show_their_columns(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/users", page(user(roles=["agent", "manager"])))
        ran = cerebro("users", "list", "--where", "disabled_at is empty")
        head, row, _ = ran.out.split("\n")
        assert head == "id\tname\temail\troles\tteams\tdisabled_at\tupdated_at"
        assert '["agent", "manager"]' in row
        assert server.asked[0].params["where"] == "disabled_at is empty"


class TestUsers:
    def test_invite_says_until_when(self, cerebro: Cerebro, server: Script) -> None:
        sent = {"email": "ada@acme.example", "expires_at": "2026-05-04T09:30:00Z"}
        server.tell("POST /v1/users/ada%40acme.example/invite", sent)
        ran = cerebro("users", "invite", "ada@acme.example")
        said = "Invited ada@acme.example; the link is good until 2026-05-04 09:30Z.\n"
        assert ran == Ran(0, "", said)
        assert json.loads(cerebro("users", "invite", "ada@acme.example", "--json").out) == sent

    def test_several_are_found_first_and_need_a_yes(self, cerebro: Cerebro, server: Script) -> None:
        for number in (1, 2):
            found = user(number)
            server.tell(f"GET /v1/users/{number}@x.example".replace("@", "%40"), found)
            server.tell(f"POST /v1/users/{found['id']}/disable", found)
        words = ("users", "disable", "1@x.example", "2@x.example")
        assert cerebro(*words).code == 2
        assert server.asked == []
        ran = cerebro(*words, "--yes")
        assert [asked.method for asked in server.asked] == ["GET", "GET", "POST", "POST"]
        assert f"2 users disabled. To undo: cerebro users enable {user(1)['id']}" in ran.err

    def test_dry_run_changes_nothing(self, cerebro: Cerebro, server: Script) -> None:
        for verb, done in (("invite", "invited"), ("disable", "disabled"), ("enable", "enabled")):
            server.tell(f"POST /v1/users/u1/{verb}", user())
            ran = cerebro("users", verb, "u1", "--dry-run")
            assert ran.code == 0
            assert f"1 user would be {done}; nothing was written." in ran.err
        assert {asked.params["dry_run"] for asked in server.asked} == {"true"}

    def test_enable_writes_the_record(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/users/u1/enable", user())
        assert json.loads(cerebro("users", "enable", "u1", "--json").out) == user()

    def test_who_holds_more_is_forbidden(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("POST /v1/users/u1/disable", 403, "forbidden", "Ada holds more than you.")
        ran = cerebro("users", "disable", "u1")
        assert (ran.code, ran.err) == (4, "cerebro: Ada holds more than you.\n")

    def test_set_password_runs_the_servers_own_code(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[dict[str, str]] = []
        module = ModuleType("cerebro_server.commands.set_password")
        module.run = lambda **said: given.append(said)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        words = ("users", "set-password", "ada@acme.example", "--workspace", "acme")
        ran = cerebro(*words, "--password-stdin", stdin="correct horse battery\n")
        said = {"email": "ada@acme.example", "workspace": "acme"}
        assert given == [{**said, "password": "correct horse battery"}]
        assert ran == Ran(0, "", "The password of ada@acme.example in acme is set.\n")
        assert server.asked == []
        assert cerebro(*words, "correct horse battery").code == 2

    def test_set_password_names_the_extra_that_it_needs(
        self, cerebro: Cerebro, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "cerebro_server.commands.set_password", None)
        ran = cerebro("users", "set-password", "ada@acme.example", "--password-stdin", stdin="x")
        assert ran.code == 2
        assert "cerebro-platform[server]" in ran.err


class TestKeys:
    def test_create_writes_the_secret_alone(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/keys", {**key(), "secret": SECRET}, status=201)
        ran = cerebro("keys", "create", "name=ci", "scopes=companies:read,contacts:*")
        assert (ran.code, ran.out) == (0, f"{SECRET}\n")
        assert "shown this once" in ran.err
        assert SECRET not in ran.err
        assert server.asked[0].json == {"name": "ci", "scopes": ["companies:read", "contacts:*"]}
        assert "idempotency-key" in server.asked[0].headers

    def test_create_with_json_writes_all_of_it(self, cerebro: Cerebro, server: Script) -> None:
        made = {**key(), "secret": SECRET}
        server.tell("POST /v1/keys", made, status=201)
        assert json.loads(cerebro("keys", "create", "name=ci", "--json").out) == made

    def test_dry_run_makes_none(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/keys", {**key(), "secret": SECRET}, status=201)
        ran = cerebro("keys", "create", "name=ci", "scopes=companies:read", "--dry-run", "--json")
        assert json.loads(ran.out) == key()
        assert server.asked[0].params["dry_run"] == "true"
        assert cerebro("keys", "create", "nmae=ci", "--dry-run").code == 2
        assert len(server.asked) == 1

    def test_revoke(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/keys/abcdef/revoke", key(revoked_at="2026-05-01T00:00:00Z"))
        ran = cerebro("keys", "revoke", "abcdef", "--ids")
        assert ran.out == f"{key()['id']}\n"
        assert "1 key revoked.\n" in ran.err


def test_sessions_end(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/sessions", page(session()))
    server.tell(f"POST /v1/sessions/{session()['id']}/end", session())
    ids = cerebro("sessions", "list", "--ids").out
    ran = cerebro("sessions", "end", "-", stdin=ids)
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "1 session ended.")


class TestAccess:
    def test_explain_says_why(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/access/explain", ANSWER)
        ran = cerebro("access", "explain", "ada@x.example", "contacts/bob", "--action", "update")
        assert server.asked[0].params == {
            "user": "ada@x.example",
            "record": "contacts/bob",
            "action": "update",
        }
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines() == [
            "allowed\tno",
            "why\tNo: Ada may read it only.",
            "role agent\tNot \\x1b[1m this one.",
            "field phone\tmasked",
        ]
        words = ("access", "explain", "me", "contacts/bob", "--json")
        assert json.loads(cerebro(*words).out) == ANSWER

    def test_matrix_is_a_table_with_a_column_for_each_role(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        rows = [
            {"permission": "companies:read", "allows": "See.", "roles": {"owner": "all"}},
            {
                "permission": "keys:read",
                "allows": "See.",
                "roles": {"owner": "all", "agent": "own"},
            },
        ]
        server.tell("GET /v1/access/matrix", {"rows": rows})
        ran = cerebro("access", "matrix")
        assert ran.out.splitlines()[0] == "permission\towner\tagent"
        assert ran.err == "2 permissions, 2 roles.\n"
        table = list(csv.reader(io.StringIO(cerebro("access", "matrix", "--csv").out)))
        assert table[1:] == [["companies:read", "all", ""], ["keys:read", "all", "own"]]
        assert json.loads(cerebro("access", "matrix", "--json").out) == rows
        assert "permission" in cerebro("access", "matrix", terminal=True).out
        assert cerebro("access", "matrix", "--json", "--csv").code == 2
