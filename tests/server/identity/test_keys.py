"""API keys: what they look like, what is kept of them, and what is no key."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cerebro_server import registry
from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.identity.service.keys import new_key, parse_key
from tests.fixtures.stores import Installation

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SCANNED = re.compile(r"cbr_[a-z][a-z0-9_]{0,29}_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}")
slugs = st.from_regex(r"[a-z][a-z0-9_]{0,29}", fullmatch=True)


def base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits.rjust(6, "0")


class TestFormat:
    def test_is_one_that_scanners_know(self) -> None:
        text, _ = new_key("main")
        assert SCANNED.fullmatch(text)
        assert SCANNED.search(f'API_KEY="{text}" # ours')

    def test_ends_with_the_crc_of_all_before_it(self) -> None:
        for _ in range(50):
            text, _ = new_key("main")
            assert text[-6:] == base62(zlib.crc32(text[:-6].encode()))

    def test_holds_190_random_bits(self) -> None:
        secrets = {new_key("main")[0].rpartition("_")[2][:32] for _ in range(200)}
        assert len(secrets) == 200
        assert set("".join(secrets)) == set(ALPHABET)

    @given(slug=slugs)
    @example(slug="a__b_0")
    def test_reads_back(self, slug: str) -> None:
        text, key = new_key(slug)
        assert parse_key(text) == key
        assert key.workspace == slug


class TestParse:
    @given(text=st.text() | st.from_regex(SCANNED) | st.binary().map(lambda b: b.decode("latin-1")))
    @example(text="")
    @example(text="cbr_main_000000000000_" + "0" * 38)
    @example(text="cbr_main_000000000000_" + "٣" * 38)
    @example(text="\ud800")
    @example(text="cbr_" * 100_000)
    def test_never_raises(self, text: str) -> None:
        key = parse_key(text)
        assert key is None or text.startswith(f"cbr_{key.workspace}_{key.lookup}_")

    @given(place=st.integers(0, 59), character=st.sampled_from(ALPHABET + "_-é"))
    def test_knows_every_slip_of_a_finger(self, place: int, character: str) -> None:
        text, _ = new_key("main")
        place %= len(text)
        slipped = text[:place] + character + text[place + 1 :]
        assert (parse_key(slipped) is not None) == (slipped == text)

    def test_takes_nothing_around_it(self) -> None:
        text, _ = new_key("main")
        for other in (f" {text}", f"{text}\n", text * 2, text.upper(), text[:-1], f"{text}0"):
            assert parse_key(other) is None


class TestKept:
    def test_is_a_hash_and_never_the_key(self, installation: Installation) -> None:
        secret = installation.api_key.rpartition("_")[2]
        with psycopg.connect(installation.url) as owner:
            tables = owner.execute(
                "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
                "where schemaname in ('public', 'ws_main')"
            ).fetchall()
            for (table,) in tables:
                whole = owner.execute(f"select string_agg(t::text, '') from {table} t").fetchone()
                assert secret[:16] not in str(whole), table
            [(lookup, kept)] = owner.execute(
                "select lookup, secret_hash from ws_main.keys"
            ).fetchall()
        key = parse_key(installation.api_key)
        assert key is not None
        assert (key.lookup, key.secret_hash) == (lookup, bytes(kept))
        assert len(kept) == 32

    def test_is_printed_once(self, installation: Installation) -> None:
        assert registry.install(installation.settings).api_key is None

    def test_is_not_replaced_by_one_that_is_issued_later(self, installation: Installation) -> None:
        issued = registry.issue_key(installation.settings)
        assert issued != installation.api_key
        with psycopg.connect(installation.url) as owner:
            names = owner.execute(
                "select name, revoked_at from ws_main.keys order by id"
            ).fetchall()
        assert names == [("first key", None), ("issued by the operator", None)]


def test_secrets_are_compared_in_constant_time() -> None:
    source = Path(str(sign_in.__file__)).read_text()
    assert "hmac.compare_digest(bytes(rows[0][0]), key.secret_hash)" in source
    assert not re.search(r"secret_hash\s*[!=]=", source), "a plain comparison tells where they part"


@pytest.mark.parametrize("slug", ["", "A", "1a", "a-b", "a" * 31, "ä", "a b"])
def test_a_slug_that_no_workspace_has_is_no_key(slug: str) -> None:
    text, _ = new_key(slug)
    assert parse_key(text) is None
