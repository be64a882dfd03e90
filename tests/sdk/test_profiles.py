"""Saved servers and keys: private, atomic, and safe from two writers."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cerebro_sdk import profiles
from cerebro_sdk.profiles import Profile, ProfileError, SessionTokens

LOCAL = Profile("http://127.0.0.1:8080", "cbr_main_k1_secret", "main", "/data")
PROD = Profile("https://crm.example", "cbr_acme_k2_secret")
OLD = SessionTokens("eyJ.old.sig", "cbr_rt_main_5e55_1_s3cr3t", 1000.5)
NEW = SessionTokens("eyJ.new.sig", "cbr_rt_main_5e55_2_s3cr3t", 2000.0)
ADA = Profile("https://crm.example", workspace="main", **OLD._asdict())


def test_nothing_saved() -> None:
    assert (profiles.load(), profiles.names(), profiles.current()) == (None, [], None)


def test_saves_and_loads(home: Path) -> None:
    profiles.save("local", LOCAL, make_current=True)
    profiles.save("prod", PROD, make_current=False)
    assert profiles.load() == profiles.load("local") == LOCAL
    assert profiles.load("prod") == PROD
    assert profiles.names() == ["local", "prod"]
    assert json.loads((home / "profiles.json").read_text()) == {
        "current": "local",
        "profiles": {
            "local": {
                "url": LOCAL.url,
                "api_key": LOCAL.api_key,
                "workspace": "main",
                "data_dir": "/data",
            },
            "prod": {"url": PROD.url, "api_key": PROD.api_key},
        },
    }


def test_the_variable_picks_one(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save("local", LOCAL)
    profiles.save("prod", PROD, make_current=False)
    monkeypatch.setenv("CEREBRO_PROFILE", "prod")
    assert profiles.load() == PROD
    assert profiles.current() == "prod"
    assert profiles.load("local") == LOCAL


def test_a_session_is_kept_in_place_of_a_key(home: Path) -> None:
    profiles.save("ada", ADA)
    assert profiles.load() == ADA
    assert ADA.session == OLD
    assert json.loads((home / "profiles.json").read_text())["profiles"]["ada"] == {
        "url": ADA.url,
        "workspace": "main",
        **OLD._asdict(),
    }
    assert profiles.search().session == OLD
    assert profiles.search().api_key is None


def test_new_tokens_take_the_place_of_those_that_were_read_only() -> None:
    profiles.save("ada", ADA)
    assert profiles.renew("ada", OLD, NEW)
    assert profiles.load("ada") == ADA._replace(**NEW._asdict())
    assert not profiles.renew("ada", OLD, OLD)
    assert not profiles.renew("bob", OLD, NEW)
    profiles.save("ada", PROD)
    assert not profiles.renew("ada", NEW, OLD)
    assert profiles.load("ada") == PROD


def test_a_renewal_changes_neither_what_is_current_nor_what_is_unknown(home: Path) -> None:
    profiles.save("ada", ADA, make_current=False)
    profiles.save("local", LOCAL)
    content = json.loads((home / "profiles.json").read_text())
    content["profiles"]["ada"]["region"] = "eu"
    (home / "profiles.json").write_text(json.dumps(content))
    assert profiles.renew("ada", OLD, NEW)
    kept = json.loads((home / "profiles.json").read_text())
    assert kept["current"] == "local"
    assert kept["profiles"]["ada"]["region"] == "eu"


def test_one_at_a_time_has_the_lock_of_a_session() -> None:
    first = profiles.lock("ada")
    assert first is not None
    assert profiles.lock("ada") is None
    other = profiles.lock("bob")
    assert other is not None
    profiles.save("ada", ADA)  # saving is not held up by a renewal
    os.close(first)
    again = profiles.lock("ada")
    assert again is not None
    for handle in (other, again):
        os.close(handle)


def test_another_becomes_current() -> None:
    profiles.save("local", LOCAL)
    profiles.save("ada", ADA)
    profiles.make_current("local")
    assert profiles.current() == "local"
    with pytest.raises(ProfileError, match="known profiles: ada, local"):
        profiles.make_current("nope")


def test_removes() -> None:
    profiles.save("local", LOCAL)
    assert profiles.remove("local")
    assert not profiles.remove("local")
    assert (profiles.load(), profiles.current()) == (None, None)


def test_only_the_user_can_read_it(home: Path) -> None:
    before = os.umask(0)
    try:
        profiles.save("local", LOCAL)
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "profiles.json").stat().st_mode) == 0o600


def test_an_older_open_file_becomes_private(home: Path) -> None:
    home.mkdir()
    (home / "profiles.json").write_text('{"current": null, "profiles": {}}')
    (home / "profiles.json").chmod(0o644)
    profiles.save("local", LOCAL)
    assert stat.S_IMODE((home / "profiles.json").stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save("local", LOCAL)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        profiles.save("prod", PROD)
    monkeypatch.undo()
    assert sorted(path.name for path in home.iterdir()) == [".profiles.lock", "profiles.json"]


def test_what_a_newer_version_wrote_is_kept(home: Path) -> None:
    home.mkdir()
    entry = {"url": "http://x", "api_key": "k", "region": "eu"}
    content = {"current": "new", "profiles": {"new": entry}, "later": 1}
    (home / "profiles.json").write_text(json.dumps(content))
    assert profiles.load("new") == Profile("http://x", "k")
    profiles.save("local", LOCAL, make_current=False)
    kept = json.loads((home / "profiles.json").read_text())
    assert (kept["profiles"]["new"], kept["later"]) == (entry, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"profiles": []}',
        '{"current": "a", "profiles": {"a": {"url": 1}}}',
        '{"current": "a", "profiles": {"a": {"url": "http://x", "access_token": "t"}}}',
        '{"current": "a", "profiles": {"a": {"api_key": "k"}}}',
    ],
)
def test_a_damaged_file_is_named(home: Path, text: str) -> None:
    home.mkdir()
    (home / "profiles.json").write_text(text)
    with pytest.raises(ProfileError, match=r"profiles\.json"):
        profiles.load()


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CEREBRO_CONFIG_DIR", str(tmp_path / "file"))
    with pytest.raises(ProfileError, match="file"):
        profiles.save("local", LOCAL)


def test_two_writers_lose_nothing(home: Path) -> None:
    code = (
        "import sys; from cerebro_sdk import profiles\n"
        "for n in range(10):\n"
        "    profiles.save(f'{sys.argv[1]}{n}', profiles.Profile('http://x', 'k'))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, name]) for name in "ab"]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    assert len(profiles.names()) == 20
