"""What a client signs in with: nothing, an API key, or the tokens of a session."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from cerebro_sdk import errors, profiles
from cerebro_sdk.profiles import SessionTokens

EARLY_SECONDS = 30.0
"""How long before its end an access token is renewed: longer than a request is on its way."""
ENDED = "The session has ended; sign in again with `cerebro login`."


class Key:
    """An API key, which stays as it is; None for a visitor, who is not signed in."""

    session = None

    def __init__(self, api_key: str | None) -> None:
        self.token = api_key

    def __repr__(self) -> str:
        return f"api_key={profiles.masked(self.token)!r}" if self.token else "not signed in"


class Session:
    """The tokens of a session, which this client alone has.

    Whoever renews them holds the lock while asking, reads the newest ones under it, and keeps what
    came before using it.
    """

    def __init__(self, tokens: SessionTokens) -> None:
        self.session = tokens
        self._mutex = threading.Lock()

    @property
    def token(self) -> str:
        """The access token as it is now."""
        return self.session.access_token

    def lock(self) -> bool:
        """Keep others from renewing at the same time; False if somebody does right now."""
        return self._mutex.acquire(blocking=False)

    def unlock(self) -> None:
        """Let others renew again."""
        self._mutex.release()

    def read_again(self) -> SessionTokens:
        """Return the newest tokens; NotSignedInError if there are none any more."""
        return self.session

    def keep(self, tokens: SessionTokens) -> None:
        """Put new tokens in the place of those that were read last."""
        self.session = tokens

    def __repr__(self) -> str:
        return "session='***'"


class SavedSession(Session):
    """The tokens of a session that a profile keeps, for this process and for others."""

    def __init__(self, name: str, url: str, tokens: SessionTokens) -> None:
        super().__init__(tokens)
        self._name = name
        self._url = url.rstrip("/")
        self._handle: int | None = None

    def lock(self) -> bool:
        """Lock the profile's session, against other processes too."""
        handle = profiles.lock(self._name)
        if handle is None:
            return False
        self._handle = handle
        return True

    def unlock(self) -> None:
        """Close the file that was locked."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def read_again(self) -> SessionTokens:
        """Read the profile: another process may have renewed its session, or signed out."""
        profile = profiles.load(self._name)
        if profile is None or profile.session is None or profile.url.rstrip("/") != self._url:
            raise ended()
        self.session = profile.session
        return self.session

    def keep(self, tokens: SessionTokens) -> None:
        """Save the profile, and only then use the tokens."""
        if profiles.renew(self._name, self.session, tokens):
            self.session = tokens
        else:
            self.read_again()  # signed out, or in anew, while the renewal was on its way


Credentials = Key | Session


def ended(problem: Mapping[str, Any] | None = None) -> errors.NotSignedInError:
    """Make the error for a session that is no more; the server's problem may say how it ended."""
    told = {"status": 401, "code": "session_ended", **(problem or {}), "detail": ENDED}
    return errors.NotSignedInError(status=401, problem=told)


def hidden(body: bytes, credentials: Credentials) -> bytes:
    """Take the secrets out of a reply: a proxy's error page may quote the request."""
    session = credentials.session
    secrets = {credentials.token, session and session.refresh_token} - {None, ""}
    for secret in secrets:
        body = body.replace(str(secret).encode(), profiles.masked(str(secret)).encode())
    return body


def checked(token: str) -> str:
    """Return a key or token that can be sent; NotConfiguredError for what cannot be one."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise errors.NotConfiguredError(
        "The API key holds blanks or characters that no key has; copy it anew."
    )
