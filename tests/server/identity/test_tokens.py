"""Access tokens: only ours, only of our making in every part, and only as long as they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cerebro_server.components.identity.service import access_tokens, derived_keys, refresh_tokens
from cerebro_server.components.identity.service.access_tokens import Access
from cerebro_server.components.identity.service.refresh_tokens import Refresh
from cerebro_server.kernel.config import Settings
from tests.fixtures.people import bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import SECRET, Installation
from tests.fixtures.stores import settings as stored_settings
from tests.server.identity.conftest import Members, renewed, signed_in, whoami

SETTINGS = stored_settings("postgresql://nowhere/none")
NEWER = "another secret of tests, also long: 9f8e7d6c5b4a3210"
SEED = derived_keys.keys(SETTINGS, "access tokens")[0]
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
ACCESS = Access(uuid4(), uuid4(), "main")
HEADER: dict[str, Any] = json.loads(
    base64.urlsafe_b64decode(access_tokens.issue(SETTINGS, ACCESS).partition(".")[0] + "==")
)


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def compact(value: object) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())


def claims(access: Access = ACCESS, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    found: dict[str, Any] = {
        "iss": SETTINGS.public_url,
        "aud": "cerebro",
        "sub": str(access.user_id),
        "sid": str(access.session_id),
        "ws": access.workspace,
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "use": "access",
        **changed,
    }
    return {name: value for name, value in found.items() if value is not ...}


def token(header: object = HEADER, said: object | None = None, *, key: Any = KEY) -> str:
    """Sign whatever is wanted with our own key: what the holder of the key could make."""
    signed = f"{compact(header)}.{compact(claims() if said is None else said)}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def symmetric(secret: bytes, algorithm: str = "HS256") -> str:
    signed = f"{compact({**HEADER, 'alg': algorithm})}.{compact(claims())}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def pem() -> bytes:
    return KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def own_header(**more: Any) -> dict[str, Any]:
    return {**HEADER, **more}


def forged() -> Iterator[tuple[str, str]]:
    """Yield a name and a token, each wrong in one way."""
    other = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(other.public_key().public_bytes_raw())}
    good = token()
    head, body, signature = good.split(".")
    yield "alg none", f"{compact({**HEADER, 'alg': 'none'})}.{body}."
    yield "alg None", f"{compact({**HEADER, 'alg': 'None'})}.{body}.{signature}"
    yield "no signature", f"{head}.{body}."
    yield "two parts", f"{head}.{body}"
    yield "five parts", f"{good}.{body}.{signature}"
    for name, secret in (("raw", PUBLIC), ("pem", pem()), ("empty", b""), ("secret", b"secret")):
        yield f"HS256 with the public key {name}", symmetric(secret)
    yield (
        "HS256 under our header",
        (f"{head}.{body}.{encoded(hmac.digest(PUBLIC, f'{head}.{body}'.encode(), 'sha512'))}"),
    )
    for algorithm in ("EdDSA", "ed25519", "HS512", "RS256", "ES256", "Ed448", "", None, 1, ["x"]):
        yield f"alg {algorithm}", token(own_header(alg=algorithm))
    pair = rsa.generate_private_key(65537, 2048)
    signed = f"{compact({**HEADER, 'alg': 'RS256'})}.{body}"
    by_rsa = pair.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    yield "RS256", f"{signed}.{encoded(by_rsa)}"
    curve = ec.generate_private_key(ec.SECP256R1())
    signed = f"{compact({**HEADER, 'alg': 'ES256'})}.{body}"
    yield "ES256", f"{signed}.{encoded(curve.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))}"
    yield "another curve", token(own_header(alg="Ed448"), key=Ed448PrivateKey.generate())
    yield "another key", token(key=other)
    yield "kid of another", token(own_header(kid="x"), key=other)
    for kid in ("../../dev/null", "/etc/passwd", "' or '1'='1", "x' union select 'k", "", None, 7):
        yield f"kid {kid}", token(own_header(kid=kid))
    yield "no kid", token({"typ": "at+jwt", "alg": "Ed25519"})
    for name in ("jku", "x5u"):
        yield name, token(own_header(**{name: "https://evil.example/keys"}), key=other)
        yield f"{name}, our key", token(own_header(**{name: "https://evil.example/keys"}))
    yield "jwk", token(own_header(jwk=jwk), key=other)
    yield "jwk, our key", token(own_header(jwk=jwk))
    yield "x5c", token(own_header(x5c=["MIIB"]), key=other)
    yield "crit", token(own_header(crit=["exp"]))
    yield "b64", token(own_header(b64=False, crit=["b64"]))
    yield "zip", token(own_header(zip="DEF"))
    yield "cty", token(own_header(cty="JWT"))
    yield "typ of an ID token", token(own_header(typ="JWT"))
    yield "header no object", token(["Ed25519"])


def with_wrong_claims() -> Iterator[tuple[str, str]]:
    """Yield tokens that our own key signed, with claims that will not do."""
    head, _, signature = token().split(".")
    for name in claims():
        yield f"without {name}", token(said=claims(**{name: ...}))
        for wrong in (None, 7, "x", True, [], {}, "9" * 40):
            if (name, wrong) in _MEANT:
                continue
            yield f"{name} {wrong!r}", token(said=claims(**{name: wrong}))
    now = int(time.time())
    yield "expired", token(said=claims(exp=now - 61))
    yield "long expired", token(said=claims(exp=0))
    yield "negative", token(said=claims(exp=-1))
    yield "not yet", token(said=claims(nbf=now + 61 + 30))
    yield "issued tomorrow", token(said=claims(iat=now + 86_400))
    yield "for others", token(said=claims(aud="other"))
    yield "for several", token(said=claims(aud=["cerebro", "other"]))
    yield "for several, ours", token(said=claims(aud=["cerebro"]))
    yield "of another", token(said=claims(iss="https://evil.example"))
    yield "of almost us", token(said=claims(iss=SETTINGS.public_url + "/"))
    for use in ("refresh", "id", "Access", "access ", ["access"]):
        yield f"use {use}", token(said=claims(use=use))
    for said in ([], "x", 7, None, [claims()]):
        yield f"claims {said!r:.9}", f"{head}.{compact(said)}.{signature}"
        yield f"claims {said!r:.9}, signed", token(said=said if said is not None else "null")


def misspelt() -> Iterator[tuple[str, str]]:
    """Yield a good token spelt in ways that lenient decoders take."""
    good = token()
    head, body, signature = good.split(".")
    yield "padding", f"{head}.{body}.{signature}=="
    yield "padding inside", f"{head}=.{body}.{signature}"
    last = "AQgw".index(signature[-1])
    yield "unread bits", good[:-1] + "BRhx"[last]
    yield "standard base64", f"{head}.{body}.{'+' + signature[1:]}"
    yield "line break", f"{good}\n"
    yield "line break inside", f"{head}.\n{body}.{signature}"
    yield "space", f" {good}"
    yield "junk that decoders skip", f"{head}.{body}.{signature[:5]}!{signature[5:]}"
    yield "other case", good.swapcase()
    yield "very long", f"{head}.{body * 100}.{signature}"
    yield "header of two spellings", (f"{encoded(json.dumps(HEADER).encode())}.{body}.{signature}")


# a workspace that there is not, and times long gone by
_MEANT = [("ws", "x"), ("ws", "9" * 40), ("iat", 7), ("nbf", 7)]


def every() -> dict[str, str]:
    """Return all of them, made now: only one thing is wrong with each, and it is not its age."""
    return {**dict(forged()), **dict(with_wrong_claims()), **dict(misspelt())}


FORGED = tuple(every())


class TestRead:
    def test_reads_what_was_issued(self) -> None:
        assert access_tokens.read(SETTINGS, access_tokens.issue(SETTINGS, ACCESS)) == ACCESS
        assert access_tokens.read(SETTINGS, token()) == ACCESS, "the forger's own tool works"

    @pytest.mark.parametrize("name", FORGED)
    def test_refuses(self, name: str) -> None:
        assert access_tokens.read(SETTINGS, every()[name]) is None

    def test_allows_clocks_to_differ_by_a_minute(self) -> None:
        now = int(time.time())
        for said in (claims(exp=now - 30), claims(nbf=now + 30), claims(iat=now + 30)):
            assert access_tokens.read(SETTINGS, token(said=said)) == ACCESS

    @given(text=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
    def test_never_raises(self, text: str) -> None:
        assert access_tokens.read(SETTINGS, text) is None

    @given(place=st.integers(0, 486), character=st.sampled_from("AZaz09-_=.+/ \né"))
    def test_knows_every_changed_character(self, place: int, character: str) -> None:
        good = token()
        place %= len(good)
        changed = good[:place] + character + good[place + 1 :]
        assert (access_tokens.read(SETTINGS, changed) is not None) == (changed == good)


class TestKeys:
    def test_are_told_apart_by_a_fingerprint(self) -> None:
        said = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": encoded(PUBLIC)}).replace(" ", "")
        assert {
            "alg": "Ed25519",
            "kid": encoded(hashlib.sha256(said.encode()).digest()),
            "typ": "at+jwt",
        } == HEADER

    def test_rotate_with_the_secret(self) -> None:
        old = SETTINGS
        new = rotated()
        text = access_tokens.issue(old, ACCESS)
        assert access_tokens.read(new, text) == ACCESS, "the previous key still verifies"
        assert access_tokens.read(old, access_tokens.issue(new, ACCESS)) is None
        gone = new.model_copy(update={"secret_key_previous": None})
        assert access_tokens.read(gone, text) is None

    def test_of_refresh_tokens_rotate_as_well(self) -> None:
        first = Refresh("main", UUID(int=1), 1)
        made = refresh_tokens.parse(refresh_tokens.text_of(SETTINGS, first, b"seed"))
        assert made is not None
        assert refresh_tokens.is_genuine(rotated(), made, b"seed")
        assert not refresh_tokens.is_genuine(rotated(), made, b"another")
        gone = rotated().model_copy(update={"secret_key_previous": None})
        assert not refresh_tokens.is_genuine(gone, made, b"seed")

    def test_differ_by_purpose(self) -> None:
        purposes = ("access tokens", "refresh tokens", "failed sign-ins")
        assert len({derived_keys.keys(SETTINGS, purpose)[0] for purpose in purposes}) == 3


class TestOverHttp:
    @pytest.mark.parametrize(
        "name",
        ["alg none", "HS256 with the public key pem", "jwk", "expired", "use refresh", "kid None"],
    )
    async def test_a_forged_one_is_401(self, api: httpx.AsyncClient, name: str) -> None:
        reply = await whoami(api, every()[name])
        assert reply.status_code == 401
        assert reply.json()["code"] == "not_authenticated"
        assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'

    async def test_one_of_a_session_that_never_was_is_401(self, api: httpx.AsyncClient) -> None:
        assert (await whoami(api, token())).status_code == 401

    async def test_one_of_another_users_session_is_401(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = await signed_in(api, members.member("ann"))
        assert tokens
        session = UUID(str(members.value("select id from sessions")))
        ann = UUID(str(members.value("select user_id from sessions")))
        mine = Access(ann, session, "main")
        assert (await whoami(api, token(said=claims(mine)))).status_code == 200
        for access in (
            Access(members.owner, session, "main"),
            Access(ann, session, "other"),
            Access(ann, uuid4(), "main"),
        ):
            assert (await whoami(api, token(said=claims(access)))).status_code == 401

    async def test_a_refresh_token_signs_no_request(
        self, api: httpx.AsyncClient, members: Members
    ) -> None:
        tokens = await signed_in(api, members.member("ann"))
        assert (await whoami(api, tokens["refresh_token"])).status_code == 401
        assert (await renewed(api, tokens["access_token"])).status_code == 422

    async def test_a_rotated_secret_keeps_people_signed_in(
        self, installation: Installation, members: Members
    ) -> None:
        email = members.member("ann")
        async with serving(installation) as api:
            old = await signed_in(api, email)
        with psycopg.connect(installation.url) as owner:  # the application login goes along
            row = owner.execute("select id from public.installation").fetchone()
        assert row is not None
        from cerebro_server import registry

        registry.install(installation.settings.model_copy(update=_secrets()))
        async with serving(installation, **_secrets()) as api:
            assert (await whoami(api, old["access_token"])).status_code == 200
            new = (await renewed(api, old["refresh_token"])).json()
            assert (await whoami(api, new["access_token"])).status_code == 200
            head = new["access_token"].partition(".")[0]
            assert head != old["access_token"].partition(".")[0], "signed with the new key"
        forgotten = {**_secrets(), "secret_key_previous": None}
        async with serving(installation, **forgotten) as api:
            assert (await whoami(api, old["access_token"])).status_code == 401
            assert (await whoami(api, new["access_token"])).status_code == 200

    async def test_they_are_the_only_ones_taken(self, api: httpx.AsyncClient) -> None:
        for header in ("Basic b3duZXI6", "bearer", "Bearer", "Token x", ""):
            reply = await api.get("/v1/auth/whoami", headers={"Authorization": header})
            assert reply.status_code == 401
        assert (await api.get("/v1/auth/whoami", headers=bearer("\x7f"))).status_code == 401


def _secrets() -> dict[str, Any]:
    return {"secret_key": SecretStr(NEWER), "secret_key_previous": SecretStr(SECRET)}


def rotated() -> Settings:
    return SETTINGS.model_copy(update=_secrets())
