"""What only the operator of the server does: lost passwords, secrets, and the messages shown."""

from __future__ import annotations

import secrets

import httpx
import psycopg
import pytest
from pydantic import SecretStr, ValidationError

from cerebro_cli.exits import NOT_FOUND, USAGE, Stop
from cerebro_server.commands import set_password
from cerebro_server.components.identity.service import passwords
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.mail import Message
from tests.fixtures.server import serving
from tests.fixtures.stores import SECRET, Installation
from tests.server.identity.conftest import (
    OTHER,
    PASSWORD,
    Members,
    renewed,
    sign_in,
    signed_in,
    whoami,
)


@pytest.fixture
def operator(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of somebody who has the database."""
    monkeypatch.setenv("CEREBRO_DATABASE_URL", installation.url)
    monkeypatch.setenv("CEREBRO_SECRET_KEY", SECRET)


@pytest.mark.usefixtures("operator")
class TestSetPassword:
    async def test_lets_somebody_in_again_and_ends_their_sessions(
        self, installation: Installation, members: Members
    ) -> None:
        async with serving(installation, key_cache_seconds=0) as api:
            email = members.member("ann")
            tokens = await signed_in(api, email)
            set_password.run("ANN@cerebro.test", "main", OTHER)
            assert (await whoami(api, tokens["access_token"])).status_code == 401
            assert (await renewed(api, tokens["refresh_token"])).status_code == 401
            assert (await sign_in(api, email, PASSWORD)).status_code == 401
            assert (await sign_in(api, email, OTHER)).status_code == 200

    async def test_is_the_owners_way_to_a_first_one(self, installation: Installation) -> None:
        set_password.run("owner@localhost", "main", OTHER)
        async with serving(installation) as api:
            assert (await sign_in(api, "owner@localhost", OTHER)).status_code == 200

    def test_is_journaled(self, members: Members) -> None:
        members.member("ann")
        set_password.run("ann@cerebro.test", "main", OTHER)
        [(actor, diff)] = members.rows(
            "select actor, diff from changes where record_type = 'users' and action = 'updated'"
        )
        assert actor == "system"
        assert list(diff) == ["password_changed_at"]  # type: ignore[call-overload]

    @pytest.mark.parametrize(
        ("email", "workspace", "password", "said"),
        [
            ("nobody@cerebro.test", "main", OTHER, "No user of workspace main has the address"),
            ("ann@cerebro.test", "other", OTHER, "There is no workspace other."),
            ("ann@cerebro.test", "main", "short", "Use 12 characters or more"),
            ("ann@cerebro.test", "main", "ann@cerebro.test", "the first thing to try"),
        ],
    )
    def test_says_what_is_wrong_and_changes_nothing(
        self, members: Members, email: str, workspace: str, password: str, said: str
    ) -> None:
        members.member("ann")
        before = members.value("select hash from passwords")
        with pytest.raises(Stop) as stopped:
            set_password.run(email, workspace, password)
        assert said in str(stopped.value)
        assert stopped.value.code == (
            NOT_FOUND if said.startswith(("No user", "There is no")) else USAGE
        )
        assert members.value("select hash from passwords") == before


class TestSecret:
    """A server that anybody could forge tokens of does not start."""

    @pytest.mark.parametrize(
        "secret",
        [
            "",
            "short",
            "0123456789abcdef" * 2,
            "a" * 64,
            "ab" * 32,
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "correct-horse correct-horse correct-horse",
            "0123456789abcdef" * 4 + "0123",
            "replace_me_with_a_random_string",
            "replace_me_with_a_random_string_1234567890",
            "changeme-changeme-please-1234567890-qwerty",
            "CHANGE_ME_0xdeadbeefcafe1234567890abcdef",
            "your-secret-key-here-1234567890-abcdefgh",
            "my_super_secret_key_that_nobody_will_guess",
            "django-insecure-secret-key-73r09v_kw2m",
            "$(openssl rand -hex 32) is what we said",
            "${CEREBRO_SECRET_KEY:?set it in .env} xyz",
            "placeholder-7d0f3a-please-set-in-production",
            "this-is-an-example-key-of-enough-length-42",
            "password-of-the-production-server-9f3kd82",
        ],
    )
    @pytest.mark.parametrize("name", ["secret_key", "secret_key_previous"])
    def test_that_is_weak_or_well_known_is_refused(self, name: str, secret: str) -> None:
        with pytest.raises(ValidationError, match="openssl rand -hex 32"):
            Settings.model_validate({name: SecretStr(secret)})

    def test_that_is_random_is_taken(self) -> None:
        for _ in range(200):
            for secret in (secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(16)):
                assert Settings(secret_key=SecretStr(secret)).secret_key is not None

    def test_that_stands_in_the_documentation_is_none_that_works(self) -> None:
        import re
        from pathlib import Path

        root = Path(__file__).parents[3]
        texts = [*root.glob("*.md"), *root.glob("docs/**/*.md"), root / "docker-compose.yml"]
        given = [
            value.strip("'\"`,.")
            for path in texts
            for value in re.findall(r"CEREBRO_SECRET_KEY[=:]\s*(\S.*)", path.read_text())
        ]
        assert given
        for value in given:
            with pytest.raises(ValidationError):
                Settings.model_validate({"secret_key": SecretStr(value)})

    @pytest.mark.parametrize(
        "url", ["crm.example.com", "ftp://x.test", "https://", "https://x?y=1"]
    )
    def test_nor_does_an_address_that_is_none_pass(self, url: str) -> None:
        with pytest.raises(ValidationError, match="whole address"):
            Settings(public_url=url)


class TestMail:
    @pytest.mark.parametrize("evil", ["a\nBcc: x", "a\r\n", "a\x00", "a\u2028b", "\x1b[31m"])
    def test_takes_single_lines_only(self, evil: str) -> None:
        for recipient, subject in ((evil, "s"), ("a@x.test", evil)):
            with pytest.raises(ValueError, match="single lines"):
                Message(recipient, subject, "body")

    async def test_is_shown_to_whoever_runs_the_server(
        self, api: httpx.AsyncClient, members: Members, caplog: pytest.LogCaptureFixture
    ) -> None:
        email = members.member("ann")
        await api.post("/v1/auth/password-reset", json={"email": email})
        lines = [record.msg for record in caplog.records if record.name == "cerebro.mail"]
        assert [line["event"] for line in lines] == ["mail", "mail_body"]  # type: ignore[index]
        assert lines[0]["recipient"] == email  # type: ignore[index]
        assert members.token(email) in lines[1]["body"]  # type: ignore[index]

    async def test_is_readable_where_people_read_the_log(
        self,
        installation: Installation,
        members: Members,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        async with serving(installation, log_format="console") as api:
            members.connection.execute(
                "insert into users (id, name, email, roles, teams) values "
                "(gen_random_uuid(), E'Ann\\x1b[31m', 'ann@cerebro.test', '{}', '{}')"
            )
            await api.post("/v1/users/ann@cerebro.test/invite")
        shown = capsys.readouterr().err
        assert f"#token={members.token('ann@cerebro.test')}\n" in shown
        assert "Ann\\x1b[31m" in shown


def test_no_installation_comes_with_a_password(installation: Installation) -> None:
    with psycopg.connect(installation.url) as owner:
        assert owner.execute("select count(*) from ws_main.passwords").fetchone() == (0,)
        assert not passwords.is_outdated(passwords.hash_now(PASSWORD))


def test_a_command_without_a_database_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.delenv("CEREBRO_DATABASE_URL", raising=False)
    monkeypatch.setenv("CEREBRO_DATA_DIR", str(tmp_path_factory.mktemp("none")))
    with pytest.raises(Stop) as stopped:
        set_password.run("ann@cerebro.test", "main", OTHER)
    assert stopped.value.code != USAGE
    assert "cerebro up" in str(stopped.value.hint)
