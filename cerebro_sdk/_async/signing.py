"""The token of a request, and its renewal where it is that of a session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from cerebro_sdk import credentials, errors
from cerebro_sdk.profiles import ProfileError, SessionTokens

_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 90.0
"""Longer than a renewal with all its tries takes."""

Renew = Callable[[str], Awaitable[Any]]
"""Asks the server for new tokens, given the refresh token."""


class AsyncSigning:
    """Signs requests in; renews the access token when it is about to end, or was refused."""

    def __init__(self, held: credentials.Credentials) -> None:
        self.held = held

    def __repr__(self) -> str:
        return repr(self.held)

    async def token(self, renew: Renew) -> str | None:
        """Return the token to send."""
        session = self.held.session
        if session is not None and _is_due(session):
            await self.renewed(session.access_token, renew)
        return self.held.token

    async def renewed(self, spent: str | None, renew: Renew) -> bool:
        """Get other tokens than the spent one; False where there is nothing to renew.

        Whoever else shares the session gets them too: it is renewed once for all. Raises
        NotSignedInError when it has ended.
        """
        held = self.held
        if not isinstance(held, credentials.Session):
            return False
        try:
            await self._lock(held)
            try:
                session = held.read_again()
                if session.access_token == spent or _is_due(session):
                    held.keep(await self._fresh(session, renew))
            finally:
                held.unlock()
        except ProfileError as error:
            raise errors.NotConfiguredError(f"The session cannot be renewed: {error}") from error
        return True

    async def _fresh(self, session: SessionTokens, renew: Renew) -> SessionTokens:
        try:
            reply = await renew(session.refresh_token)
        except errors.NotSignedInError as error:
            raise credentials.ended(error.problem) from error
        try:
            return SessionTokens.of(reply, now=time.time())
        except (KeyError, TypeError) as error:
            raise errors.unexpected(200, "The server did not answer with tokens.") from error

    async def _lock(self, held: credentials.Session) -> None:
        # a lock that waits would hold up the event loop, and with it the one who has the lock
        until = time.monotonic() + _PATIENCE_SECONDS
        while not held.lock():
            if time.monotonic() > until:
                raise errors.TimedOutError("Another program does not end renewing the session.")
            await asyncio.sleep(_LOOK_SECONDS)


def _is_due(session: SessionTokens) -> bool:
    return time.time() >= session.expires_at - credentials.EARLY_SECONDS
