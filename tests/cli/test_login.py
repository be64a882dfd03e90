"""`login`, `logout`, `whoami` and `password`: secrets come from stdin or an unseen prompt."""

from __future__ import annotations

import json
import os
import pty
import select
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cerebro_sdk import profiles
from cerebro_sdk.profiles import Profile
from tests.cli.conftest import Ran, company, environment, page
from tests.cli.people import ME, SECRET, TOKENS
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
PASSWORD = "correct horse battery staple"
LOGIN = ("login", "--email", "ada@acme.example", "--password-stdin")


@pytest.fixture(autouse=True)
def person(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has a key in the environment here."""
    monkeypatch.delenv("CEREBRO_API_KEY")


def profile_name(server: Script) -> str:
    return server.url.partition("://")[2]


def sign_in(server: Script, name: str = "crm", **more: Any) -> None:
    tokens = {key: TOKENS[key] for key in ("access_token", "refresh_token")}
    profiles.save(name, Profile(url=server.url, **tokens, expires_at=time.time() + 600, **more))


class TestLogin:
    def test_saves_a_profile_that_commands_use(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        server.tell("GET /v1/companies", page(company(1)))
        ran = cerebro(*LOGIN, stdin=f"{PASSWORD}\n")
        name = profile_name(server)
        assert ran == Ran(
            0,
            "",
            f"Signed in to main at {server.url} as ada@acme.example; saved as profile {name}.\n",
        )
        asked = server.asked[0]
        assert asked.json == {"email": "ada@acme.example", "password": PASSWORD}
        assert "authorization" not in asked.headers
        assert asked.headers["user-agent"].startswith("cerebro")
        saved = profiles.load(name)
        assert saved is not None
        assert saved.session is not None
        assert (saved.workspace, profiles.current()) == ("main", name)
        file = tmp_path / "config" / "profiles.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert PASSWORD not in file.read_text()
        assert cerebro("companies", "list").code == 0
        assert server.asked[1].headers["authorization"] == f"Bearer {TOKENS['access_token']}"

    def test_workspace_url_and_profile_are_chosen(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CEREBRO_URL")
        server.tell("POST /v1/auth/login", {**TOKENS, "workspace": "acme"})
        words = ("--workspace", "acme", "--url", server.url, "--profile", "work")
        assert cerebro(*LOGIN, *words, stdin=PASSWORD).code == 0
        assert server.asked[0].json["workspace"] == "acme"
        saved = profiles.load("work")
        assert saved is not None
        assert (saved.url, saved.workspace) == (server.url, "acme")

    def test_again_replaces_what_was_saved_for_that_server(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        cerebro(*LOGIN, stdin=PASSWORD)
        cerebro(*LOGIN, stdin=PASSWORD)
        assert profiles.names() == [profile_name(server)]

    def test_never_takes_the_place_of_the_key_of_cerebro_up(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        for name in ("local", profile_name(server)):
            profiles.save(name, Profile(server.url, SECRET, "main", "/data"))
        ran = cerebro(*LOGIN, "--profile", "local", stdin=PASSWORD)
        assert (ran.code, server.asked) == (2, [])
        assert "--profile" in ran.err
        assert cerebro(*LOGIN, stdin=PASSWORD).code == 0
        assert profiles.current() == f"{profile_name(server)}-2"
        kept = profiles.load("local")
        assert kept is not None
        assert kept.api_key == SECRET

    def test_saves_a_key(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/auth/whoami", {**ME, "type": "key"})
        ran = cerebro("login", "--api-key-stdin", "--profile", "ci", stdin=f"{SECRET}\n")
        assert ran.code == 0
        assert SECRET not in ran.err
        assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
        assert profiles.load("ci") == Profile(server.url, SECRET, "main")

    def test_a_key_that_is_not_valid_is_not_saved(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("GET /v1/auth/whoami", 401, "not_authenticated", "No such key.")
        assert cerebro("login", "--api-key-stdin", stdin=SECRET).code == 4
        assert profiles.names() == []

    def test_says_that_the_key_of_the_environment_comes_first(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        monkeypatch.setenv("CEREBRO_API_KEY", SECRET)
        ran = cerebro(*LOGIN, stdin=PASSWORD)
        assert "CEREBRO_API_KEY is set, and goes before it" in ran.err

    def test_a_wrong_password_is_denied(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("POST /v1/auth/login", 401, "sign_in_failed", "They do not fit.")
        ran = cerebro(*LOGIN, stdin=PASSWORD)
        assert (ran.code, ran.out) == (4, "")
        assert ran.err.startswith("cerebro: They do not fit.\n")
        assert "password reset" in ran.err
        assert profiles.names() == []

    @pytest.mark.parametrize("text", [" blanks count ", "line\u2028separator", "p\u00e4ss\x1cword"])
    def test_the_line_is_taken_as_it_is(self, cerebro: Cerebro, server: Script, text: str) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        assert cerebro(*LOGIN, stdin=f"\ufeff{text}\r\n").code == 0
        assert server.asked[0].json["password"] == text

    def test_several_workspaces_are_listed(self, cerebro: Cerebro, server: Script) -> None:
        server.problem(
            "POST /v1/auth/login", 409, "workspace_needed", "Several.", workspaces=["a", "b"]
        )
        ran = cerebro(*LOGIN, stdin=PASSWORD)
        assert ran.code == 6
        assert ran.err == "cerebro: Several.\n  a\n  b\nSay which: --workspace NAME.\n"

    @pytest.mark.parametrize(
        ("words", "stdin", "says"),
        [
            (("login",), "", "--email"),
            (("login", "--email", "a@b.example"), "x", "--password-stdin"),
            (LOGIN, "", "one line: password"),
            (LOGIN, "one\ntwo\n", "2 lines"),
            (("login", "--api-key-stdin"), "", "api key"),
            (("login", "--api-key-stdin", "--email", "a@b.example"), "k", "goes alone"),
            (("login", "--password", PASSWORD), "", "No such option"),
        ],
    )
    def test_what_is_missing_is_wrong_usage(
        self, cerebro: Cerebro, server: Script, words: tuple[str, ...], stdin: str, says: str
    ) -> None:
        ran = cerebro(*words, stdin=stdin)
        assert (ran.code, ran.out, server.asked) == (2, "", [])
        assert says in ran.err

    def test_a_terminal_as_stdin_would_show_it(self, cerebro: Cerebro) -> None:
        ran = cerebro(*LOGIN, stdin=PASSWORD, terminal=True)
        assert ran.code == 2
        assert "--password-stdin" in ran.err

    def test_without_a_server_it_asks_for_one(
        self, cerebro: Cerebro, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CEREBRO_URL")
        ran = cerebro(*LOGIN, stdin=PASSWORD)
        assert ran.code == 2
        assert "--url" in ran.err


def at_a_terminal(words: list[str], answers: list[str], server: Script, folder: Path) -> Ran:
    """Run a command on a terminal of its own, answer its questions, and return what it shows."""
    ours, theirs = pty.openpty()
    env = {**os.environ, **environment(server.url, folder)}
    env.pop("CEREBRO_API_KEY")
    process = subprocess.Popen(
        [sys.executable, "-m", "cerebro_cli", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(theirs), os.O_RDWR)),  # noqa: PLW1509
    )
    os.close(theirs)
    shown = ""
    while select.select([ours], [], [], 30)[0]:
        try:
            piece = os.read(ours, 4096).decode()
        except OSError:  # the other end is closed
            break
        shown += piece
        if shown.endswith(": ") and answers:
            time.sleep(0.05)  # getpass turns the echo off and drops what was typed before
            os.write(ours, f"{answers.pop(0)}\n".encode())
    code = process.wait(30)
    os.close(ours)
    return Ran(code, shown, "")


class TestTerminal:
    def test_the_password_is_asked_for_and_not_shown(self, server: Script, tmp_path: Path) -> None:
        server.tell("POST /v1/auth/login", TOKENS)
        ran = at_a_terminal(["login"], ["ada@acme.example", PASSWORD], server, tmp_path)
        assert ran.code == 0, ran.out
        assert server.asked[0].json == {"email": "ada@acme.example", "password": PASSWORD}
        assert "ada@acme.example" in ran.out
        assert "Password: " in ran.out
        assert PASSWORD not in ran.out

    def test_a_new_password_is_asked_for_twice(self, server: Script, tmp_path: Path) -> None:
        server.tell("POST /v1/auth/redeem", {"detail": "The password is set."})
        words = ["password", "redeem"]
        ran = at_a_terminal(words, ["cbr_ot_1", PASSWORD, PASSWORD + "!"], server, tmp_path)
        assert (ran.code, server.asked) == (2, [])
        assert "not the same" in ran.out
        ran = at_a_terminal(words, ["cbr_ot_1", PASSWORD, PASSWORD], server, tmp_path)
        assert ran.code == 0, ran.out
        assert server.asked[0].json == {"token": "cbr_ot_1", "password": PASSWORD}
        assert "cbr_ot_1" not in ran.out


class TestLogout:
    def test_ends_the_session_and_forgets_the_profile(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        sign_in(server)
        server.tell("POST /v1/auth/logout", {"detail": "Done."})
        ran = cerebro("logout")
        assert (ran.code, ran.out, ran.err) == (0, "", f"Signed out of {server.url}.\n")
        assert server.asked[0].headers["authorization"] == f"Bearer {TOKENS['access_token']}"
        assert profiles.names() == []

    def test_never_with_the_key_of_the_environment(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_in(server)
        monkeypatch.setenv("CEREBRO_API_KEY", SECRET)
        server.tell("POST /v1/auth/logout", {"detail": "Done."})
        assert cerebro("logout").code == 0
        assert SECRET not in server.asked[0].headers["authorization"]

    def test_one_that_has_ended_is_forgotten(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        server.problem("POST /v1/auth/logout", 401, "not_authenticated", "No.")
        server.problem("POST /v1/auth/refresh", 401, "session_ended", "No.")
        assert cerebro("logout").code == 0
        assert profiles.names() == []

    def test_a_server_that_is_away_leaves_no_tokens_here(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        sign_in(server)
        server.problem("POST /v1/auth/logout", 500, "internal_error", "A defect.")
        ran = cerebro("logout")
        assert ran.code == 1
        assert "may not have ended" in ran.err
        assert profiles.names() == []

    def test_the_one_profile_that_is_left_becomes_current(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        profiles.save("local", Profile(server.url, SECRET, "main", "/data"))
        sign_in(server)
        server.tell("POST /v1/auth/logout", {"detail": "Done."})
        assert "local is current" in cerebro("logout").err
        assert profiles.current() == "local"

    def test_a_key_is_forgotten_only_when_that_is_meant(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        profiles.save("ci", Profile(server.url, SECRET))
        assert cerebro("logout").code == 2
        assert profiles.names() == ["ci"]
        ran = cerebro("logout", "--yes")
        assert (ran.code, server.asked, profiles.names()) == (0, [], [])
        assert "keys revoke" in ran.err

    def test_nobody_signed_in_is_denied(self, cerebro: Cerebro) -> None:
        assert cerebro("logout").code == 4
        ran = cerebro("logout", "--profile", "nope")
        assert (ran.code, "nope" in ran.err) == (4, True)


class TestWhoami:
    def test_shows_roles_and_rights(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        server.tell("GET /v1/auth/whoami", ME)
        ran = cerebro("whoami")
        assert (ran.code, ran.err) == (0, "")
        assert "roles\tagent, manager\n" in ran.out
        assert "key" not in ran.out
        assert json.loads(cerebro("whoami", "--json").out) == ME

    def test_the_end_of_a_session_says_what_to_do(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        server.problem("GET /v1/auth/whoami", 401, "not_authenticated", "No.")
        server.problem("POST /v1/auth/refresh", 401, "session_ended", "Too old.")
        ran = cerebro("whoami")
        assert (ran.code, ran.out) == (4, "")
        said = "cerebro: The session has ended; sign in again with `cerebro login`.\n"
        assert ran.err == said

    def test_a_session_is_renewed_on_the_way(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        server.problem("GET /v1/auth/whoami", 401, "not_authenticated", "No.")
        server.tell("GET /v1/auth/whoami", ME)
        server.tell("POST /v1/auth/refresh", {**TOKENS, "access_token": "eyJ.new.sig"})
        assert cerebro("whoami").code == 0
        saved = profiles.load("crm")
        assert saved is not None
        assert saved.access_token == "eyJ.new.sig"


class TestPassword:
    def test_change_takes_both_from_stdin(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        server.tell("POST /v1/auth/password", {"detail": "It is changed."})
        ran = cerebro("password", "change", "--password-stdin", stdin=f"old one\n{PASSWORD}\n")
        assert ran == Ran(0, "", "It is changed.\n")
        assert server.asked[0].json == {"current": "old one", "new": PASSWORD}

    def test_one_that_will_not_do_ends_with_2(self, cerebro: Cerebro, server: Script) -> None:
        sign_in(server)
        entry = {"pointer": "/new", "code": "weak", "detail": "is too short"}
        server.problem("POST /v1/auth/password", 422, "invalid", "No.", errors=[entry])
        ran = cerebro("password", "change", "--password-stdin", stdin="a\nb\n")
        assert (ran.code, "new: is too short" in ran.err) == (2, True)

    def test_reset_and_redeem_need_no_sign_in(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/auth/password-reset", {"detail": "On its way."}, status=202)
        server.tell("POST /v1/auth/redeem", {"detail": "It is set."})
        assert cerebro("password", "reset", "ada@acme.example") == Ran(0, "", "On its way.\n")
        words = ("password", "redeem", "--password-stdin")
        assert cerebro(*words, stdin=f"cbr_ot_main_1\n{PASSWORD}\n") == Ran(0, "", "It is set.\n")
        assert server.asked[0].json == {"email": "ada@acme.example"}
        assert server.asked[1].json == {"token": "cbr_ot_main_1", "password": PASSWORD}
        assert not any("authorization" in asked.headers for asked in server.asked)

    def test_secrets_are_no_arguments(self, cerebro: Cerebro) -> None:
        for words in (("change", PASSWORD), ("redeem", "cbr_ot_main_1")):
            assert cerebro("password", *words).code == 2
