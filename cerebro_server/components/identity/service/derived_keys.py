"""Keys for single purposes, derived from the secret key and the one before it."""

from __future__ import annotations

import hmac

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.errors import Unavailable


def keys(settings: Settings, purpose: str) -> list[bytes]:
    """Return the key to sign with, and after it the previous one where it still verifies.

    Raises `Unavailable` where there is no secret.
    """
    if settings.secret_key is None:
        raise Unavailable("No secret is configured: set CEREBRO_SECRET_KEY.")
    known = (settings.secret_key, settings.secret_key_previous)
    return [
        hmac.digest(secret.get_secret_value().encode(), f"cerebro {purpose}".encode(), "sha256")
        for secret in known
        if secret is not None
    ]
