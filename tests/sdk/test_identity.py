"""Users, teams, roles, keys, sessions, signing in and rights: what each method sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cerebro_sdk import AsyncCerebro, Cerebro, ConflictError, InvalidError
from cerebro_sdk.schemas.identity.keys import NewKey
from cerebro_sdk.schemas.identity.roles import Role
from cerebro_sdk.schemas.identity.users import Invitation, User
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, ok, page, problem
from tests.sdk.records import company, key, session, user

ROLE = {
    **company(name="EMEA"),
    "key": "emea",
    "permissions": ["companies:read"],
    "row_rules": {},
    "field_rules": {},
    "is_built_in": False,
}
INVITATION = {"email": "ada@acme.example", "expires_at": "2026-01-04T00:00:00Z"}
DONE = {"detail": "Done."}
ME = {
    "workspace": "main",
    "type": "user",
    "user_id": user()["id"],
    "name": "Ada",
    "roles": ["agent"],
    "teams": [],
    "permissions": ["companies:read"],
}
EXPLANATION = {
    "user_id": user()["id"],
    "record_type": "companies",
    "record_id": company()["id"],
    "action": "update",
    "allowed": True,
    "detail": "Yes.",
    "reasons": [{"role": "agent", "allows": True, "detail": "It does."}],
    "fields": {},
}

SENT: list[tuple[Callable[[Any], Any], str, str, Any]] = [
    # the call, what it sends, what the server answers
    (lambda c: c.users.get("ada@acme.example"), "GET /v1/users/ada%40acme.example", "", user()),
    (
        lambda c: c.users.invite("ada@x.example"),
        "POST /v1/users/ada%40x.example/invite",
        "",
        INVITATION,
    ),
    (lambda c: c.users.disable("u1"), "POST /v1/users/u1/disable", "", user()),
    (lambda c: c.users.enable("u1"), "POST /v1/users/u1/enable", "", user()),
    (lambda c: c.users.delete("u1"), "DELETE /v1/users/u1", "", user()),
    (lambda c: c.users.restore("u1"), "POST /v1/users/u1/restore", "", user()),
    (
        lambda c: c.teams.update("emea", name="E"),
        "PATCH /v1/teams/emea",
        '{"name":"E"}',
        {**company(), "key": "emea"},
    ),
    (lambda c: c.roles.get("emea"), "GET /v1/roles/emea", "", ROLE),
    (lambda c: c.keys.get("k1"), "GET /v1/keys/k1", "", key()),
    (lambda c: c.keys.revoke("k1"), "POST /v1/keys/k1/revoke", "", key()),
    (lambda c: c.sessions.get("s1"), "GET /v1/sessions/s1", "", session()),
    (lambda c: c.sessions.end("s1"), "POST /v1/sessions/s1/end", "", session()),
    (lambda c: c.auth.logout(), "POST /v1/auth/logout", "", DONE),
    (lambda c: c.auth.whoami(), "GET /v1/auth/whoami", "", ME),
    (
        lambda c: c.auth.change_password("a", "b"),
        "POST /v1/auth/password",
        '{"current":"a","new":"b"}',
        DONE,
    ),
    (
        lambda c: c.auth.request_reset("a@b.example"),
        "POST /v1/auth/password-reset",
        '{"email":"a@b.example"}',
        DONE,
    ),
    (
        lambda c: c.auth.redeem("t", "p"),
        "POST /v1/auth/redeem",
        '{"token":"t","password":"p"}',
        DONE,
    ),
    (
        lambda c: c.access.explain("me", "companies/x", "update"),
        "GET /v1/access/explain?user=me&record=companies%2Fx&action=update",
        "",
        EXPLANATION,
    ),
    (lambda c: c.access.matrix(), "GET /v1/access/matrix", "", {"rows": []}),
]


@pytest.mark.parametrize(("call", "sent", "body", "answer"), SENT, ids=[row[1] for row in SENT])
async def test_what_is_sent_typed_and_raw(
    fake: Fake, call: Callable[[Any], Any], sent: str, body: str, answer: Any
) -> None:
    fake.says(ok(answer))
    noun = sent.split("/")[2]
    with Cerebro(fake.url, KEY) as crm:
        typed = call(crm)
        raw = call(type("Raw", (), {noun: getattr(crm, noun).raw}))
    async with AsyncCerebro(fake.url, KEY) as crm_:
        awaited = await call(crm_)
    assert raw == answer
    assert typed == awaited
    assert type(typed).__name__ != "dict"
    for seen in fake.seen:
        assert f"{seen.method} {seen.target}" == sent
        assert seen.body.decode().replace(" ", "") == body
        public = any(word in sent for word in ("password-reset", "redeem"))
        assert ("authorization" in seen.headers) is not public


class TestUsers:
    def test_create_takes_lists(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(user()))
        made = crm.users.create(name="Ada", email="Ada@ACME.example", roles=["agent", "agent"])
        assert isinstance(made, User)
        assert fake.seen[0].json == {
            "name": "Ada",
            "email": "Ada@acme.example",
            "roles": ["agent"],
        }
        assert "idempotency-key" in fake.seen[0].headers

    def test_list_is_lazy(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([user()]))
        users = crm.users.list("disabled_at is empty", sort="name")
        assert not fake.seen
        assert [found.email for found in users] == ["ada@acme.example"]
        assert fake.seen[0].params["where"] == "disabled_at is empty"

    def test_invite_returns_until_when(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(INVITATION))
        assert isinstance(crm.users.invite("ada@acme.example"), Invitation)

    def test_an_invitation_is_not_sent_twice(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(drop=True))
        with pytest.raises(Exception, match="connection"):
            crm.users.invite("ada@acme.example")
        assert len(fake.seen) == 1


class TestRoles:
    def test_rules_are_maps(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(ROLE))
        rules = {
            "row_rules": {"companies": "country = DE"},
            "field_rules": {"contacts.phone": "masked"},
        }
        made = crm.roles.create(key="emea", name="EMEA", permissions=["companies:read"], **rules)
        assert isinstance(made, Role)
        assert fake.seen[0].json["field_rules"] == {"contacts.phone": "masked"}

    def test_a_key_that_is_none_is_refused_here(self, crm: Cerebro, fake: Fake) -> None:
        with pytest.raises(InvalidError, match="is not a key"):
            crm.roles.create(key="E M", name="x")
        assert not fake.seen


class TestKeys:
    def test_create_returns_the_secret(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok({**key(), "secret": "cbr_main_k_secret"}))
        made = crm.keys.create(name="ci", scopes=["companies:read"])
        assert isinstance(made, NewKey)
        assert made.secret == "cbr_main_k_secret"
        assert fake.seen[0].json == {"name": "ci", "scopes": ["companies:read"]}

    def test_all_tries_carry_one_idempotency_key(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(drop=True), problem(409, "key_already_created", "Made before."))
        with pytest.raises(ConflictError, match="Made before"):
            crm.keys.create(name="ci")
        assert len(fake.seen) == 2
        assert len({seen.headers["idempotency-key"] for seen in fake.seen}) == 1

    def test_there_is_nothing_else(self, crm: Cerebro) -> None:
        for name in ("update", "delete", "restore", "import_", "export"):
            assert not hasattr(crm.keys, name)
            assert not hasattr(crm.keys.raw, name)
            assert not hasattr(crm.sessions, name)
        for name in ("import_", "export"):
            assert not hasattr(crm.users, name)
            assert not hasattr(crm.teams.raw, name)


def test_login_names_the_workspace(crm: Cerebro, fake: Fake) -> None:
    fake.says(problem(409, "workspace_needed", "Several fit.", workspaces=["a", "b"]))
    with pytest.raises(ConflictError) as caught:
        crm.auth.login("ada@acme.example", "p", "acme")
    assert caught.value.problem["workspaces"] == ["a", "b"]
    assert fake.seen[0].json["workspace"] == "acme"
