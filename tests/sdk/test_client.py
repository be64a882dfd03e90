"""Where server and key come from, what a client shows of itself, and how it ends."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from cerebro_sdk import Cerebro, HttpxSender, NotConfiguredError, OneShot, Profile, profiles
from cerebro_sdk._http import Address
from tests.sdk.conftest import KEY
from tests.sdk.fake import Fake, ok, running
from tests.sdk.records import company


class TestSearch:
    def test_arguments_come_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CEREBRO_URL", "http://env.example")
        monkeypatch.setenv("CEREBRO_API_KEY", "cbr_env_k_x")
        assert "http://arg.example" in repr(Cerebro("http://arg.example", KEY))
        assert "cbr_main_k1_***" in repr(Cerebro("http://arg.example", KEY))
        assert repr(Cerebro()) == "Cerebro(url='http://env.example', api_key='cbr_env_k_***')"

    def test_then_the_saved_profile(self) -> None:
        profiles.save("local", Profile("http://saved.example", KEY))
        assert "http://saved.example" in repr(Cerebro())

    def test_a_named_profile_beats_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        profiles.save("prod", Profile("https://prod.example", KEY), make_current=False)
        profiles.save("local", Profile("http://local.example", KEY))
        monkeypatch.setenv("CEREBRO_URL", "http://env.example")
        assert "https://prod.example" in repr(Cerebro(profile="prod"))
        with pytest.raises(NotConfiguredError, match=r"'nope'; known profiles: local, prod"):
            Cerebro(profile="nope")

    def test_a_profiles_key_goes_to_its_own_server_only(self) -> None:
        profiles.save("local", Profile("http://saved.example/", KEY))
        assert "k1" in repr(Cerebro("http://saved.example"))
        with pytest.raises(NotConfiguredError, match=r"profile is for http://saved\.example"):
            Cerebro("http://other.example")

    def test_says_what_is_missing(self) -> None:
        with pytest.raises(NotConfiguredError, match="CEREBRO_URL"):
            Cerebro()
        with pytest.raises(NotConfiguredError, match="CEREBRO_API_KEY"):
            Cerebro("http://x.example")

    def test_a_damaged_file_is_named(self, home: Path) -> None:
        home.mkdir()
        (home / "profiles.json").write_text("{")
        with pytest.raises(NotConfiguredError, match=r"profiles\.json is not valid JSON"):
            Cerebro()

    @pytest.mark.parametrize("key", ["a b", "a\nX-Evil: 1", "schlüssel", "a\x00"])
    def test_what_is_no_key_is_not_shown(self, key: str) -> None:
        with pytest.raises(NotConfiguredError, match="copy it anew") as caught:
            Cerebro("http://x.example", key)
        assert key not in str(caught.value)

    @pytest.mark.parametrize(
        "url",
        ["localhost:8080", "ftp://x", "http://", "http://x:99999", "http://u:p@x", "http://x?a"],
    )
    def test_what_is_no_address_is_refused(self, url: str) -> None:
        with pytest.raises(NotConfiguredError, match="address is wrong"):
            Cerebro(url, KEY)


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("http://x/", "http://x"),
            ("https://x:443", "https://x"),
            ("http://x:8080/crm/", "http://x:8080/crm"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("unix:///run/c.sock", "unix:///run/c.sock"),
            ("http+unix://%2Frun%2Fc.sock/crm", "unix:///run/c.sock/crm"),
        ],
    )
    def test_forms(self, url: str, shown: str) -> None:
        assert str(Address.parse(url)) == shown


class TestSenders:
    @pytest.mark.parametrize("sender", [HttpxSender, OneShot])
    @pytest.mark.parametrize("form", ["unix://{}", "http+unix://{}"])
    def test_unix_sockets(self, tmp_path: Path, sender: type[OneShot], form: str) -> None:
        path = tmp_path / "c.sock"
        text = str(path) if form.startswith("unix") else str(path).replace("/", "%2F")
        with running(path) as fake, Cerebro(form.format(text), KEY, sender=sender()) as crm:
            fake.says(ok(company()))
            assert crm.companies.get("x").version == 1
            assert crm.companies.raw.create(name="x")["version"] == 1

    @pytest.mark.parametrize("sender", [HttpxSender, OneShot])
    def test_a_base_path(self, fake: Fake, sender: type[OneShot]) -> None:
        fake.says(ok(company()))
        with Cerebro(f"{fake.url}/crm/", KEY, sender=sender()) as crm:
            crm.companies.get("x")
        assert fake.seen[0].target == "/crm/v1/companies/x"

    def test_httpx_keeps_its_connection_and_one_shot_does_not(self, fake: Fake) -> None:
        fake.says(ok(company()))
        for sender, connections in ((HttpxSender(), 1), (OneShot(), 4)):
            with Cerebro(fake.url, KEY, sender=sender) as crm:
                for _ in range(3):
                    crm.companies.get("x")
            assert fake.connections == connections

    def test_a_client_of_ones_own(self, fake: Fake) -> None:
        fake.says(ok(company()))
        with httpx.Client(headers={"X-Team": "blue"}) as mine:
            with Cerebro(fake.url, KEY, sender=HttpxSender(mine)) as crm:
                crm.companies.get("x")
            assert not mine.is_closed
        assert fake.seen[0].headers["x-team"] == "blue"

    @pytest.mark.parametrize("sender", [HttpxSender, OneShot])
    def test_proxies_of_the_environment_are_for_other_machines(
        self, fake: Fake, monkeypatch: pytest.MonkeyPatch, sender: type[OneShot]
    ) -> None:
        monkeypatch.setenv("http_proxy", fake.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        fake.says(ok(company()))
        with Cerebro("http://far.example", KEY, sender=sender()) as crm:
            crm.companies.get("x")
        assert fake.seen[0].target == "http://far.example/v1/companies/x"
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        with Cerebro(fake.url, KEY, sender=sender()) as crm:
            crm.companies.get("x")

    def test_a_closed_client_says_so(self, fake: Fake) -> None:
        with Cerebro(fake.url, KEY) as crm:
            pass
        with pytest.raises(RuntimeError, match="closed"):
            crm.companies.get("x")


def test_the_key_is_in_no_repr() -> None:
    crm = Cerebro("http://x.example", KEY)
    shown = [crm, crm.companies, crm.companies.raw, crm.companies.list("a = 1"), crm._transport]
    shown += [profiles.search("http://x.example", KEY), Profile("http://x", KEY)]
    assert "s3cr3t" not in repr(shown)
    assert profiles.masked("plain-old-token") == "***"
    assert profiles.masked("cbr_acme_eu_k9_abcDEF") == "cbr_acme_eu_k9_***"
