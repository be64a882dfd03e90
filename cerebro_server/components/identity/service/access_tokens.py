"""Access tokens: JWT (RFC 7519), signed with Ed25519 by a key that follows from the secret key.

The previous secret's key still verifies, which is how keys rotate. joserfc takes 0.1 s to load, so
whoever needs this module imports it then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cerebro_server.components.identity.service import derived_keys
from cerebro_server.kernel import clock
from cerebro_server.kernel.config import Settings

AUDIENCE = "cerebro"
LEEWAY_SECONDS = 60
_ALGORITHM = "Ed25519"  # RFC 9864; "EdDSA" would leave the curve open
_PURPOSE = "access tokens"
_USE = "access"
_LONGEST = 2_000
_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]", re.ASCII)
"""Three parts; the last has no bits that nobody would read (RFC 4648, section 3.5)."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says."""

    user_id: UUID
    session_id: UUID
    workspace: str


@dataclass(frozen=True, slots=True)
class _Signer:
    """What access tokens are signed with."""

    key: OKPKey
    header: dict[str, str]
    head: str
    """The first part of every token that it signs."""


def issue(settings: Settings, access: Access) -> str:
    """Return a new token."""
    signer = _signer(derived_keys.keys(settings, _PURPOSE)[0])
    now = int(clock.now().timestamp())
    claims = {
        "iss": settings.public_url,
        "aud": AUDIENCE,
        "sub": str(access.user_id),
        "sid": str(access.session_id),
        "ws": access.workspace,
        "iat": now,
        "nbf": now,
        "exp": now + settings.access_token_seconds,
        "use": _USE,
    }
    return jwt.encode(signer.header, claims, signer.key, algorithms=[_ALGORITHM])


def read(settings: Settings, token: str) -> Access | None:
    """Verify a token; None for anything that is not one of ours, or not now.

    Its first part has to be, byte for byte, what one of our keys puts there: nothing that a token
    says about algorithm or key is ever followed.
    """
    if len(token) > _LONGEST or not _PARTS.fullmatch(token):
        return None
    head = token.partition(".")[0]
    signers = map(_signer, derived_keys.keys(settings, _PURPOSE))
    signer = next((known for known in signers if known.head == head), None)
    if signer is None:
        return None
    try:
        claims = jwt.decode(token, signer.key, algorithms=[_ALGORITHM]).claims
        _expected().validate(claims)
        ours = [settings.public_url, AUDIENCE, _USE]
        # validate() takes lists, of which one has to fit
        if [claims[name] for name in ("iss", "aud", "use")] != ours:
            return None
        if not isinstance(claims["ws"], str):
            return None
        return Access(UUID(claims["sub"]), UUID(claims["sid"]), claims["ws"])
    except (JoseError, ValueError, TypeError, AttributeError):
        return None


@lru_cache(8)
def _signer(seed: bytes) -> _Signer:
    key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
    # the type is RFC 9068's, the key's id RFC 7638's: a fingerprint of the public key
    header = {"typ": "at+jwt", "alg": _ALGORITHM, "kid": key.thumbprint()}
    sample = jwt.encode(dict(header), {}, key, algorithms=[_ALGORITHM])
    return _Signer(key, header, sample.partition(".")[0])


def _expected() -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        int(clock.now().timestamp()),
        LEEWAY_SECONDS,
        iss={"essential": True},
        aud={"essential": True},
        use={"essential": True},
        sub={"essential": True},
        sid={"essential": True},
        ws={"essential": True},
        iat={"essential": True},
        nbf={"essential": True},
        exp={"essential": True},
    )
