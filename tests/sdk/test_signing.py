"""Signing in as a person: which token is sent, when it is renewed, and who may see it."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cerebro_sdk import (
    AsyncCerebro,
    Cerebro,
    ConnectionFailedError,
    NotConfiguredError,
    NotSignedInError,
    OneShot,
    Profile,
    UnavailableError,
    profiles,
)
from cerebro_sdk.schemas.identity.auth import Tokens
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, Seen, ok, problem
from tests.sdk.records import company
from tests.sdk.signing import ENDED, REFUSED, Issuer

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("brisk")


@pytest.fixture
def issuer(fake: Fake) -> Issuer:
    return Issuer(fake)


def saved(home: Path) -> dict[str, str]:
    content = json.loads((home / "profiles.json").read_text())
    entry: dict[str, str] = content["profiles"]["crm"]
    return entry


class TestWhichToken:
    def test_the_saved_access_token_is_sent(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        with Cerebro() as crm:
            crm.companies.get("x")
            assert repr(crm) == f"Cerebro(url={fake.url!r}, session='***')"
        assert [seen.path for seen in fake.seen] == ["/v1/companies/x"]
        assert issuer.renewals == 0

    def test_the_key_of_the_environment_comes_first(
        self, fake: Fake, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        monkeypatch.setenv("CEREBRO_API_KEY", KEY)
        fake.says(ok(company()))
        with Cerebro() as crm:
            crm.companies.get("x")
        assert fake.seen[0].headers["authorization"] == f"Bearer {KEY}"
        assert len(fake.seen) == 1

    def test_a_session_goes_to_its_own_server_only(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        with pytest.raises(NotConfiguredError, match="saved profile is for"):
            Cerebro("http://other.example")

    def test_tokens_are_for_one_client_alone(self, fake: Fake, issuer: Issuer, home: Path) -> None:
        tokens = Tokens(**issuer.tokens(expires_in=0))
        with Cerebro(fake.url, tokens=tokens) as crm:
            crm.companies.get("x")
            crm.companies.get("x")
            assert repr(crm).endswith("session='***')")
        assert issuer.renewals == 1
        assert not home.exists()
        with pytest.raises(TypeError, match="not both"):
            Cerebro(fake.url, KEY, tokens=tokens)

    def test_a_visitor_sends_none(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        fake.says(ok(issuer.tokens()))
        with Cerebro.visitor() as visitor:
            tokens = visitor.auth.login("ada@acme.example", "pass phrase", client="laptop")
            assert "not signed in" in repr(visitor)
        assert tokens.access_token == issuer.access
        seen = fake.seen[0]
        assert "authorization" not in seen.headers
        assert seen.headers["user-agent"] == "laptop"
        assert seen.json == {"email": "ada@acme.example", "password": "pass phrase"}

    def test_a_wrong_password_is_no_ended_session(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        fake.says(problem(401, "sign_in_failed", "Address and password do not fit."))
        with Cerebro() as crm, pytest.raises(NotSignedInError, match="do not fit"):
            crm.auth.login("ada@acme.example", "wrong")
        assert len(fake.seen) == 1

    def test_with_options_shares_the_session(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=5)
        with Cerebro() as crm:
            crm.with_options(max_retries=0).companies.get("x")
            crm.companies.get("x")
        assert issuer.renewals == 1


class TestRenewal:
    def test_a_token_about_to_end_is_renewed_before_it_is_sent(
        self, fake: Fake, issuer: Issuer, home: Path
    ) -> None:
        issuer.save(fake.url, expires_in=20)
        with Cerebro() as crm:
            crm.companies.update("x", name="y")
        assert [seen.path for seen in fake.seen] == ["/v1/auth/refresh", "/v1/companies/x"]
        entry = saved(home)
        assert (entry["access_token"], entry["refresh_token"]) == (issuer.access, issuer.refresh)
        assert entry["workspace"] == "main"
        assert stat.S_IMODE((home / "profiles.json").stat().st_mode) == 0o600
        assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}

    def test_the_new_pair_is_saved_before_it_is_used(
        self, fake: Fake, issuer: Issuer, home: Path
    ) -> None:
        issuer.save(fake.url, expires_in=-5)
        held: list[str] = []

        def look(seen: Seen) -> Answer:
            if seen.path != "/v1/auth/refresh":
                held.append(saved(home)["access_token"])
            return issuer.answer(seen)

        fake.says(look)
        with Cerebro() as crm:
            crm.companies.get("x")
        assert held == [issuer.access]

    @pytest.mark.parametrize("sender", [None, OneShot()])
    def test_a_refused_token_is_renewed_once(
        self, fake: Fake, issuer: Issuer, sender: OneShot | None
    ) -> None:
        issuer.save(fake.url)
        fake.says(REFUSED, issuer.answer)
        with Cerebro(sender=sender) as crm:
            assert crm.companies.update("x", name="y").version == 1
        assert [seen.method for seen in fake.seen] == ["PATCH", "POST", "PATCH"]
        assert fake.seen[0].body == fake.seen[2].body

    def test_a_second_refusal_is_told(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)

        def refuse(seen: Seen) -> Answer:
            return issuer.answer(seen) if seen.path == "/v1/auth/refresh" else REFUSED

        fake.says(refuse)
        with Cerebro() as crm, pytest.raises(NotSignedInError, match="not valid"):
            crm.companies.get("x")
        assert (len(fake.seen), issuer.renewals) == (3, 1)

    def test_a_list_goes_on_over_a_renewal(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)

        def pages(seen: Seen) -> Answer:
            answer = issuer.answer(seen)
            if answer.status != 200 or seen.path == "/v1/auth/refresh":
                return answer
            if "cursor" in seen.params:
                return ok({"items": [company(2)], "next_cursor": None})
            issuer.rotate()  # the access token ends here
            profiles.save("crm", issuer.profile(fake.url, expires_in=-1))
            return ok({"items": [company(1)], "next_cursor": "c"})

        fake.says(pages)
        with Cerebro() as crm:
            assert len(crm.companies.list().to_records()) == 2
        assert issuer.renewals == 1

    def test_a_file_that_was_read_is_not_sent_again(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        fake.says(REFUSED, issuer.answer)
        with Cerebro() as crm, pytest.raises(NotSignedInError):
            crm.companies.import_(b"name\nAcme\n")
        assert len(fake.seen) == 1

    def test_a_lost_reply_and_a_busy_server_are_asked_again(
        self, fake: Fake, issuer: Issuer
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        fake.says(Answer(drop=True), problem(503, "unavailable"), issuer.answer)
        with Cerebro() as crm:
            crm.companies.get("x")
        assert issuer.renewals == 1

    def test_a_reply_lost_too_long_ago_is_not_asked_for_again(
        self, fake: Fake, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A spent token would look stolen by then, and end the session."""
        monkeypatch.setattr("cerebro_sdk._sync.transport.GRACE_SECONDS", 0.05)
        issuer.save(fake.url, expires_in=-1)
        fake.says(Answer(drop=True, wait=0.1), issuer.answer)
        with Cerebro() as crm, pytest.raises(ConnectionFailedError):
            crm.companies.get("x")
        assert len(fake.seen) == 1

    def test_a_busy_server_is_no_end_of_the_session(
        self, fake: Fake, issuer: Issuer, home: Path
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        fake.says(problem(503, "unavailable"))
        with Cerebro(max_retries=1) as crm, pytest.raises(UnavailableError):
            crm.companies.get("x")
        assert saved(home)["refresh_token"] == issuer.refresh

    def test_the_end_of_the_session_says_what_to_do(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)
        fake.says(ENDED)
        with Cerebro() as crm, pytest.raises(NotSignedInError, match="cerebro login") as caught:
            crm.companies.get("x")
        assert (caught.value.code, caught.value.request_id) == ("session_ended", "req-1")
        assert len(fake.seen) == 1

    def test_a_reply_without_tokens_is_told(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)
        fake.says(ok({"access_token": "x"}))
        with Cerebro() as crm, pytest.raises(Exception, match="did not answer with tokens"):
            crm.companies.get("x")

    def test_what_cannot_be_saved_is_not_asked_for(
        self, fake: Fake, issuer: Issuer, home: Path
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        with Cerebro() as crm:
            home.rename(home.with_name("gone"))
            home.touch()
            with pytest.raises(NotConfiguredError, match="cannot be renewed"):
                crm.companies.get("x")
        assert not fake.seen


class TestSharing:
    def test_tokens_that_another_process_saved_are_used(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)
        with Cerebro() as crm:
            issuer.rotate()
            issuer.save(fake.url)
            crm.companies.get("x")
        assert (issuer.renewals, len(fake.seen)) == (0, 1)

    def test_after_a_refusal_too(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        with Cerebro() as crm:
            issuer.rotate()
            issuer.save(fake.url)
            crm.companies.get("x")
        assert issuer.renewals == 0
        assert [seen.path for seen in fake.seen] == ["/v1/companies/x"] * 2

    @pytest.mark.parametrize("left", [None, Profile("http://x", KEY)])
    def test_who_has_signed_out_is_signed_out(
        self, fake: Fake, issuer: Issuer, left: Profile | None
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        with Cerebro() as crm:
            profiles.remove("crm")
            if left:
                profiles.save("crm", left)
            with pytest.raises(NotSignedInError, match="cerebro login"):
                crm.companies.get("x")
        assert not fake.seen

    def test_tokens_of_another_server_stay_where_they_belong(
        self, fake: Fake, issuer: Issuer
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        with Cerebro() as crm:
            issuer.save("http://other.example")
            with pytest.raises(NotSignedInError):
                crm.companies.get("x")
        assert not fake.seen

    def test_a_late_renewal_signs_nobody_in_again(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)

        def sign_out(seen: Seen) -> Answer:
            profiles.remove("crm")
            return issuer.answer(seen)

        fake.says(sign_out)
        with Cerebro() as crm, pytest.raises(NotSignedInError, match="cerebro login"):
            crm.companies.get("x")
        assert profiles.names() == []

    def test_threads_of_one_client_renew_once(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)
        issuer.wait = 0.1
        with Cerebro() as crm:
            threads = [threading.Thread(target=crm.companies.get, args=("x",)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (issuer.renewals, len(fake.seen)) == (1, 9)

    @pytest.mark.parametrize("in_memory", [True, False])
    async def test_tasks_of_one_loop_renew_once_and_none_waits_for_ever(
        self, fake: Fake, issuer: Issuer, in_memory: bool
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        issuer.wait = 0.1
        tokens = issuer.tokens(expires_in=-1) if in_memory else None
        async with AsyncCerebro(fake.url, tokens=tokens) as one, AsyncCerebro() as other:
            clients = [one] * 4 if in_memory else [one, other] * 2
            await asyncio.gather(*(client.companies.get("x") for client in clients))
        assert issuer.renewals == 1

    async def test_a_cancelled_renewal_leaves_the_way_free(
        self, fake: Fake, issuer: Issuer
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        fake.says(Answer(drop=True, wait=0.5), issuer.answer)
        async with AsyncCerebro() as crm:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(crm.companies.get("x"), 0.1)
            assert (await crm.companies.get("x")).version == 1

    def test_processes_on_one_profile_renew_once(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url, expires_in=-1)
        issuer.wait = 0.3
        code = (
            "import sys; from cerebro_sdk import Cerebro, OneShot\n"
            "sys.stdin.readline()\n"
            "with Cerebro(sender=OneShot()) as crm:\n"
            "    for _ in range(3): print(crm.companies.raw.get('x')['version'])\n"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=ROOT,
                text=True,
            )
            for _ in range(3)
        ]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [process.communicate(timeout=60) for process in processes]
        assert ended == [("1\n1\n1\n", "")] * 3
        assert issuer.renewals == 1


class TestSecrecy:
    def test_no_repr_shows_a_token(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        shown = f"{profiles.load()!r} {profiles.load()!s} {profiles.search()!r} {Cerebro()!r}"
        session = issuer.profile(fake.url).session
        assert "eyJ" not in f"{shown} {session!r}"
        assert "s3cr3t" not in f"{shown} {session!r}"

    def test_no_error_quotes_one(self, fake: Fake, issuer: Issuer) -> None:
        issuer.save(fake.url)
        quoted = f"<title>Bearer {issuer.access} and {issuer.refresh}</title>".encode()
        fake.says(Answer(403, quoted))
        with Cerebro() as crm, pytest.raises(Exception, match="Bearer") as caught:
            crm.companies.get("x")
        assert "eyJ" not in str(caught.value)
        assert "s3cr3t" not in str(caught.value)

    def test_nothing_but_a_renewal_carries_the_refresh_token(
        self, fake: Fake, issuer: Issuer
    ) -> None:
        issuer.save(fake.url, expires_in=-1)
        secret = issuer.refresh.encode()
        with Cerebro() as crm:
            crm.companies.get("x")
        carried = [
            seen for seen in fake.seen if secret in seen.body or secret in seen.target.encode()
        ]
        assert [seen.path for seen in carried] == ["/v1/auth/refresh"]
