# Generated from ../_async/identity.py by tools/sync_client.py; do not edit.
"""Who may: users, keys, sessions, signing in, and why somebody may do something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cerebro_sdk._sync.history import History
from cerebro_sdk._sync.resource import (
    Calls,
    Edited,
    PlainCalls,
    Readable,
    TypedCalls,
    C,
    Plain,
    R,
    U,
    tried,
)
from cerebro_sdk._sync.transport import GRACE_SECONDS, Call, creation

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.identity.access import Explanation, Matrix  # noqa: F401
    from cerebro_sdk.schemas.identity.auth import Done, Tokens, WhoAmI  # noqa: F401
    from cerebro_sdk.schemas.identity.keys import Key, KeyCreate, NewKey  # noqa: F401
    from cerebro_sdk.schemas.identity.sessions import Session  # noqa: F401
    from cerebro_sdk.schemas.identity.users import Invitation, User, UserCreate, UserUpdate  # noqa: F401
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401

N = TypeVar("N")
"""What only one call of a kind returns: an invitation, a new key."""
T = TypeVar("T")
W = TypeVar("W")
D = TypeVar("D")


class UserCalls(Edited[R, C, U], Generic[R, C, U, N]):
    """What can be done with users."""

    def invite(self, ref: object, *, dry_run: bool = False) -> N:
        """Send a user a link with which to choose a password; an earlier link ends.

        >>> invitation = crm.users.invite("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/invite", params=tried(dry_run))
        invitation: N = self._ask(call, "identity.users:Invitation")
        return invitation

    def disable(self, ref: object, *, dry_run: bool = False) -> R:
        """Keep a user from signing in, and end what sessions there are; keys stop working too.

        >>> crm.users.disable("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/disable", params=tried(dry_run))
        user: R = self._ask(call)
        return user

    def enable(self, ref: object, *, dry_run: bool = False) -> R:
        """Let a disabled user sign in again.

        >>> crm.users.enable("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/enable", params=tried(dry_run))
        user: R = self._ask(call)
        return user


class RawUsers(
    PlainCalls,
    UserCalls[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    History[Plain, Plain],
):
    """Users as plain dicts."""


class Users(
    TypedCalls,
    UserCalls["User", "UserCreate", "UserUpdate", "Invitation"],
    History["TimelineEntry", "RecordDiff"],
):
    """Users: the people who sign in."""

    @property
    def raw(self) -> RawUsers:
        """The same with plain dicts, without importing pydantic."""
        return RawUsers(self._transport, self._name, self._schema)


class KeyCalls(Readable[R], Generic[R, C, N]):
    """What can be done with keys."""

    def create(self, payload: C | None = None, *, dry_run: bool = False, **fields: Any) -> N:
        """Make a key of one's own; `secret` is in this reply and nowhere else; that of a dry run
        opens nothing.

        >>> key = crm.keys.create(name="nightly export", scopes=["companies:export"])
        >>> print(key.secret)
        """
        body = self._body(f"{self._schema}Create", payload, fields)
        key: N = self._ask(
            creation(self._path, body, params=tried(dry_run)), "identity.keys:NewKey"
        )
        return key

    def revoke(self, ref: object, *, dry_run: bool = False) -> R:
        """End a key for good.

        >>> crm.keys.revoke(key.id)
        """
        call = Call("POST", f"{self._at(ref)}/revoke", params=tried(dry_run))
        key: R = self._ask(call)
        return key


class RawKeys(PlainCalls, KeyCalls[Plain, Mapping[str, Any], Plain]):
    """Keys as plain dicts."""


class Keys(TypedCalls, KeyCalls["Key", "KeyCreate", "NewKey"]):
    """Keys: how programs sign in."""

    @property
    def raw(self) -> RawKeys:
        """The same with plain dicts, without importing pydantic."""
        return RawKeys(self._transport, self._name, self._schema)


class SessionCalls(Readable[R], Generic[R]):
    """What can be done with sessions."""

    def end(self, ref: object, *, dry_run: bool = False) -> R:
        """Sign somebody out, or oneself somewhere else.

        >>> for session in crm.sessions.list("ended_at is empty"):
        ...     crm.sessions.end(session.id)
        """
        call = Call("POST", f"{self._at(ref)}/end", params=tried(dry_run))
        session: R = self._ask(call)
        return session


class RawSessions(PlainCalls, SessionCalls[Plain]):
    """Sessions as plain dicts."""


class Sessions(TypedCalls, SessionCalls["Session"]):
    """Sessions: who is signed in, from where, since when."""

    @property
    def raw(self) -> RawSessions:
        """The same with plain dicts, without importing pydantic."""
        return RawSessions(self._transport, self._name, self._schema)


class AuthCalls(Calls, Generic[T, W, D]):
    """Signing in and out."""

    def login(
        self,
        email: str,
        password: str,
        workspace: str | None = None,
        *,
        client: str | None = None,
    ) -> T:
        """Sign in as a person. `client` is what the list of sessions shows of this program.

        >>> tokens = Cerebro.visitor(url).auth.login("ada@example.com", password)
        >>> crm = Cerebro(url, tokens=tokens)
        """
        fields = {"email": email, "password": password}
        said = fields if workspace is None else {**fields, "workspace": workspace}
        headers = {} if client is None else {"User-Agent": client}
        tokens: T = self._visit("login", "Login", said, "Tokens", headers=headers)
        return tokens

    def refresh(self, refresh_token: str) -> T:
        """Turn a refresh token into new tokens; the old one is spent.

        Clients with `tokens` or a saved session do this by themselves.

        >>> tokens = Cerebro.visitor(url).auth.refresh(tokens.refresh_token)
        """
        said = {"refresh_token": refresh_token}
        tokens: T = self._visit("refresh", "Refresh", said, "Tokens", is_repeatable=True)
        return tokens

    def request_reset(self, email: str) -> D:
        """Send whoever has lost a password a link; the answer never tells whether there is a user.

        >>> Cerebro.visitor(url).auth.request_reset("ada@example.com")
        """
        done: D = self._visit("password-reset", "ResetRequest", {"email": email}, "Done")
        return done

    def redeem(self, token: str, password: str) -> D:
        """Set a password with the token of an invitation or a reset, which is good once.

        >>> Cerebro.visitor(url).auth.redeem(token, password)
        """
        said = {"token": token, "password": password}
        done: D = self._visit("redeem", "Redeem", said, "Done")
        return done

    def logout(self) -> D:
        """End the session of this client; a key has none.

        >>> crm.auth.logout()
        """
        done: D = self._ask(Call("POST", f"{self._path}/logout"), f"{self._schema}:Done")
        return done

    def change_password(self, current: str, new: str) -> D:
        """Change one's own password; other sessions end. Not with a key.

        >>> crm.auth.change_password(current, new)
        """
        fields = {"current": current, "new": new}
        body = self._body(f"{self._schema}:ChangePassword", None, fields)
        call = Call("POST", f"{self._path}/password", body=body)
        done: D = self._ask(call, f"{self._schema}:Done")
        return done

    def whoami(self) -> W:
        """Say who this client is, with which roles and rights.

        >>> me = crm.auth.whoami()
        >>> print(me.name, me.roles)
        """
        call = Call("GET", f"{self._path}/whoami", is_repeatable=True)
        me: W = self._ask(call, f"{self._schema}:WhoAmI")
        return me

    def _visit(
        self,
        path: str,
        payload: str,
        fields: Mapping[str, Any],
        reply: str,
        *,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
    ) -> Any:
        """Make a call for which nobody has to be signed in."""
        call = Call(
            "POST",
            f"{self._path}/{path}",
            headers=headers or {},
            body=self._body(f"{self._schema}:{payload}", None, fields),
            is_repeatable=is_repeatable,
            repeats_within=GRACE_SECONDS,
            is_public=True,
        )
        return self._ask(call, f"{self._schema}:{reply}")


class RawAuth(PlainCalls, AuthCalls[Plain, Plain, Plain]):
    """Signing in and out, with plain dicts."""


class Auth(TypedCalls, AuthCalls["Tokens", "WhoAmI", "Done"]):
    """Signing in and out, passwords, and who one is."""

    @property
    def raw(self) -> RawAuth:
        """The same with plain dicts, without importing pydantic."""
        return RawAuth(self._transport, self._name, self._schema)


class AccessCalls(Calls, Generic[T, W]):
    """Who may do what."""

    def explain(self, user: object, record: str, action: str = "read") -> T:
        """Say whether a user may do something with a record, and what each role says of it.

        >>> answer = crm.access.explain("ada@example.com", "companies/acme.com", "update")
        >>> print(answer.allowed, answer.detail)
        """
        params = {"user": str(user), "record": record, "action": action}
        call = Call("GET", f"{self._path}/explain", params=params, is_repeatable=True)
        explanation: T = self._ask(call, f"{self._schema}:Explanation")
        return explanation

    def matrix(self) -> W:
        """List every permission with the roles that have it.

        >>> for row in (crm.access.matrix()).rows:
        ...     print(row.permission, row.roles)
        """
        call = Call("GET", f"{self._path}/matrix", is_repeatable=True)
        matrix: W = self._ask(call, f"{self._schema}:Matrix")
        return matrix


class RawAccess(PlainCalls, AccessCalls[Plain, Plain]):
    """Who may do what, as plain dicts."""


class Access(TypedCalls, AccessCalls["Explanation", "Matrix"]):
    """Who may do what, and why."""

    @property
    def raw(self) -> RawAccess:
        """The same with plain dicts, without importing pydantic."""
        return RawAccess(self._transport, self._name, self._schema)
