"""What can go wrong when people and programs sign in."""

from __future__ import annotations

from cerebro_server.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    RateLimited,
)


class SignInFailed(NotAuthenticated):
    """No user who may sign in has this address and password; which of them is wrong is not said."""

    code = "sign_in_failed"
    title = "Address and password do not fit"


class SessionEnded(NotAuthenticated):
    """The refresh token is none, is too old, or its session has ended; sign in again."""

    code = "session_ended"
    title = "The session has ended"


class WorkspaceNeeded(Conflict):
    """Address and password fit several workspaces; `workspaces` lists them, say which."""

    code = "workspace_needed"
    title = "Several workspaces fit"


class KeyAlreadyCreated(Conflict):
    """The key of this Idempotency-Key was made before; its secret was shown then and is gone."""

    code = "key_already_created"
    title = "The key was made before"


class AlreadyJoined(Conflict):
    """The user has a password and needs no invitation; a lost one is reset."""

    code = "already_joined"
    title = "The user has a password"


class FreshSignInNeeded(Forbidden):
    """What somebody signs in with changes only shortly after they have signed in."""

    code = "fresh_sign_in_needed"
    title = "Sign in again first"


class TokenNotValid(Invalid):
    """The token of an invitation or a reset is none, was used, has expired, or was overtaken by a
    change of the user's address or password."""

    code = "token_not_valid"
    title = "The token is not valid"


class WrongPassword(Invalid):
    """The current password is another one."""

    code = "wrong_password"
    title = "The password is wrong"


class NoSession(Invalid):
    """An API key has no session that could be ended; it is revoked."""

    code = "no_session"
    title = "There is no session"


class TooManyAttempts(RateLimited):
    """Too many failed sign-ins of this address, to this account, or both; Retry-After says when to
    try again."""

    code = "too_many_attempts"
    title = "Too many failed attempts"
