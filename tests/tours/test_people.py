"""From an invitation to the end of a session, on the command line and from Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
import pytest

from cerebro_sdk import (
    Cerebro,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    profiles,
)
from tests.fixtures.people import People
from tests.fixtures.processes import without_ours
from tests.fixtures.stores import SECRET, Installation

Ran = subprocess.CompletedProcess[str]
CLI = Callable[..., Ran]
EMAIL = "ada@acme.example"
PASSWORD = "mauve gravity tastes of comets"
OTHER = "quiet kettles orbit the harbour"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where profiles are kept, by this process as well."""
    monkeypatch.setenv("CEREBRO_CONFIG_DIR", str(tmp_path / "config"))
    for name in ("CEREBRO_URL", "CEREBRO_API_KEY", "CEREBRO_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def cerebro(running_server: Mapping[str, str], installation: Installation, folder: Path) -> CLI:
    """Run `cerebro`: as the operator, who has the owner's key, or as a person with a profile."""
    bare = without_ours(os.environ)
    bare |= {
        "HOME": str(folder),
        "CEREBRO_CONFIG_DIR": str(folder / "config"),
        "CEREBRO_URL": running_server["CEREBRO_URL"],
    }
    operator = {
        "CEREBRO_API_KEY": running_server["CEREBRO_API_KEY"],
        "CEREBRO_DATABASE_URL": installation.url,
        "CEREBRO_SECRET_KEY": SECRET,
    }

    def run(*words: str, exits: int = 0, stdin: str = "", as_operator: bool = False) -> Ran:
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("cerebro")), *words],
            env={**bare, **operator} if as_operator else bare,
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == exits, f"{words}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran

    return run


REMEMBERED_SECONDS = 1.1
"""A server may go on with what it knew of a token for a second."""


def token_for(installation: Installation, email: str, *, after: str = "") -> str:
    """Return the token of the newest message to an address, as its reader finds it; it is another
    one than that of an earlier message."""
    query = "select body from outgoing_mail where recipient = %s order by created_at desc, id desc"
    for _ in range(100):  # a reset is sent after the reply
        with psycopg.connect(installation.url, autocommit=True) as connection:
            People(connection)
            for (body,) in connection.execute(query, (email,)):
                found: list[str] = re.findall(r"^cbr_ot_\w+$", body, re.MULTILINE)
                if found == [after]:
                    break
                if found:
                    return found[0]
        time.sleep(0.1)
    raise AssertionError(f"nothing was sent to {email}")


def invited(cerebro: CLI, installation: Installation, *fields: str) -> str:
    """Have the operator add Ada and invite her; return the token of the message."""
    add = ("users", "create", "name=Ada", f"email={EMAIL}", *fields)
    cerebro(*add, as_operator=True)
    cerebro("users", "invite", EMAIL, as_operator=True)
    return token_for(installation, EMAIL)


def test_from_an_invitation_to_the_end_of_a_session(
    cerebro: CLI, installation: Installation
) -> None:
    token = invited(cerebro, installation, "roles=manager")
    login = ("login", "--email", EMAIL, "--password-stdin")
    cerebro(*login, stdin=PASSWORD, exits=4)
    redeem = ("password", "redeem", "--password-stdin")
    assert "too" in cerebro(*redeem, stdin=f"{token}\nshort\n", exits=2).stderr
    cerebro(*redeem, stdin=f"{token}\n{PASSWORD}\n")
    cerebro(*redeem, stdin=f"{token}\n{OTHER}\n", exits=2)

    cerebro("whoami", exits=4)
    cerebro(*login, stdin=PASSWORD)
    me = json.loads(cerebro("whoami", "--json").stdout)
    assert (me["email"], me["type"], me["roles"]) == (EMAIL, "user", ["manager"])
    cerebro("companies", "create", "name=Gravity", "domain=gravity.example", "owner=me")
    company = json.loads(cerebro("companies", "get", "gravity.example", "--json").stdout)
    assert company["owner_id"] == me["user_id"]
    change = json.loads(cerebro("changes", "list", "--limit", "1", "--json").stdout)[0]
    assert (change["actor"]["type"], change["actor"]["name"]) == ("user", "Ada")
    cerebro("roles", "create", "key=x", "name=X", "permissions=*", exits=4)

    narrow = cerebro("keys", "create", "name=reader", "scopes=companies:read").stdout.strip()
    cerebro("login", "--api-key-stdin", "--profile", "reader", stdin=narrow)
    cerebro("companies", "get", "gravity.example", "--profile", "reader")
    cerebro("companies", "create", "name=B", "--profile", "reader", exits=4)
    me = json.loads(cerebro("whoami", "--json", "--profile", "reader").stdout)
    assert (me["type"], me["permissions"]) == ("key", ["companies:read"])
    [key_id] = cerebro(
        "keys", "list", "--where", "name = reader", "--ids", as_operator=True
    ).stdout.split()
    cerebro("keys", "revoke", key_id, as_operator=True)
    time.sleep(REMEMBERED_SECONDS)
    cerebro("companies", "list", "--profile", "reader", exits=4)

    name = next(name for name in profiles.names() if name != "reader")
    held = profiles.load(name)
    cerebro("logout", "--profile", name)
    cerebro("whoami", exits=4)
    time.sleep(REMEMBERED_SECONDS)
    assert held is not None
    with pytest.raises(NotSignedInError), Cerebro(held.url, held.access_token) as crm:
        crm.auth.whoami()


def test_a_session_that_somebody_ends_is_over(cerebro: CLI, installation: Installation) -> None:
    token = invited(cerebro, installation)
    cerebro("password", "redeem", "--password-stdin", stdin=f"{token}\n{PASSWORD}\n")
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
    sessions = cerebro(
        "sessions", "list", "--where", "ended_at is empty", "--json", as_operator=True
    )
    [session] = json.loads(sessions.stdout)
    assert session["client"].startswith("cerebro")
    cerebro("sessions", "end", session["id"], as_operator=True)
    time.sleep(REMEMBERED_SECONDS)
    assert "cerebro login" in cerebro("whoami", exits=4).stderr

    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
    cerebro("users", "disable", EMAIL, as_operator=True)
    time.sleep(REMEMBERED_SECONDS)
    cerebro("whoami", exits=4)
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD, exits=4)
    cerebro("users", "enable", EMAIL, as_operator=True)
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)


def test_lost_passwords(cerebro: CLI, installation: Installation) -> None:
    token = invited(cerebro, installation)
    cerebro("password", "redeem", "--password-stdin", stdin=f"{token}\n{PASSWORD}\n")
    cerebro("password", "reset", "nobody@acme.example")
    cerebro("password", "reset", EMAIL)
    reset = token_for(installation, EMAIL, after=token)
    cerebro("password", "redeem", "--password-stdin", stdin=f"{reset}\n{OTHER}\n")
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD, exits=4)
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=OTHER)
    change = ("password", "change", "--password-stdin")
    cerebro(*change, stdin=f"wrong\n{PASSWORD}\n", exits=2)
    cerebro(*change, stdin=f"{OTHER}\n{PASSWORD}\n")
    cerebro("whoami")
    words = ("users", "set-password", EMAIL, "--password-stdin")
    cerebro(*words, stdin=OTHER, as_operator=True)
    time.sleep(REMEMBERED_SECONDS)
    cerebro("whoami", exits=4)
    cerebro("login", "--email", EMAIL, "--password-stdin", stdin=OTHER)


def test_who_may_is_told(cerebro: CLI, installation: Installation) -> None:
    cerebro("teams", "create", "key=emea", "name=EMEA", as_operator=True)
    cerebro(
        *("roles", "create", "key=emea", "name=EMEA"),
        "permissions=companies:read,companies:update:own,contacts:read",
        "row_rules.companies=country = DE",
        "field_rules.contacts.phone=masked",
        as_operator=True,
    )
    invited(cerebro, installation, "roles=emea", "teams=emea")
    for name, country in (("berlin", "DE"), ("paris", "FR")):
        domain = f"domain={name}.example"
        words = ("companies", "create", f"name={name}", domain, f"country={country}")
        cerebro(*words, as_operator=True)
    cerebro(
        *("contacts", "create", "last_name=Lovelace", "email=al@berlin.example"),
        *("phone=+49 30 1234567", "team=emea"),
        as_operator=True,
    )
    answers = {}
    for record, action in (
        ("companies/berlin.example", "read"),
        ("companies/berlin.example", "update"),
        ("companies/paris.example", "read"),
        ("contacts/al@berlin.example", "read"),
    ):
        words = ("access", "explain", EMAIL, record, "--action", action, "--json")
        answers[record, action] = json.loads(cerebro(*words, as_operator=True).stdout)
    assert [answer["allowed"] for answer in answers.values()] == [True, False, False, True]
    assert answers["contacts/al@berlin.example", "read"]["fields"] == {"phone": "masked"}
    matrix = json.loads(cerebro("access", "matrix", "--json", as_operator=True).stdout)
    rows = {row["permission"]: row["roles"] for row in matrix}
    assert rows["companies:update"]["emea"] == "own"
    assert "emea" not in rows["companies:delete"]


def test_the_same_from_python(
    running_server: Mapping[str, str], installation: Installation, folder: Path
) -> None:
    url = running_server["CEREBRO_URL"]
    with Cerebro(url, running_server["CEREBRO_API_KEY"]) as owner:
        ada = owner.users.create(name="Ada", email=EMAIL, roles=["agent"])
        assert owner.users.invite(ada.id).email == EMAIL
        with Cerebro.visitor(url) as visitor:
            visitor.auth.redeem(token_for(installation, EMAIL), PASSWORD)
            tokens = visitor.auth.login(EMAIL, PASSWORD, client="tour")
        with Cerebro(url, tokens=tokens) as crm:
            assert crm.auth.whoami().user_id == ada.id
            made = crm.companies.create(name="Gravity", domain="gravity.example")
            assert made.owner_id == ada.id
            with pytest.raises(ForbiddenError):
                crm.users.create(name="Bob", email="bob@acme.example")
            key = crm.keys.create(name="mine")
            with Cerebro(url, key.secret) as program:
                assert program.auth.whoami().key == "mine"
                with pytest.raises(InvalidError):
                    program.auth.logout()
            crm.keys.revoke(key.id)
            answer = crm.access.explain("me", "companies/gravity.example", "delete")
            assert answer.user_id == ada.id
            session = next(iter(owner.sessions.list("client = tour")))
            owner.sessions.end(session.id)
            time.sleep(REMEMBERED_SECONDS)
            with pytest.raises(NotSignedInError, match="cerebro login"):
                crm.companies.get("gravity.example")
        with pytest.raises(NotFoundError):
            owner.users.invite("nobody@acme.example")


def test_processes_share_a_session_as_the_server_keeps_it(
    running_server: Mapping[str, str], installation: Installation, folder: Path
) -> None:
    """Three programs whose access token is over renew one after the other, and none is thrown out
    for the use of a spent token."""
    url = running_server["CEREBRO_URL"]
    with Cerebro(url, running_server["CEREBRO_API_KEY"]) as owner:
        owner.users.create(name="Ada", email=EMAIL)
        owner.users.invite(EMAIL)
    with Cerebro.visitor(url) as visitor:
        visitor.auth.redeem(token_for(installation, EMAIL), PASSWORD)
        tokens = visitor.auth.login(EMAIL, PASSWORD)
    over = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
    profiles.save("crm", profiles.Profile(url, **over, expires_at=time.time() - 1))
    code = "from cerebro_sdk import Cerebro\nwith Cerebro() as crm: print(crm.auth.whoami().name)"
    programs = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [program.communicate(timeout=60)[0] for program in programs] == ["Ada\n"] * 3
    newest = profiles.load("crm")
    assert newest is not None
    assert newest.refresh_token != tokens.refresh_token
