"""Who may: users, keys, sessions, signing in, and why somebody may do something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cerebro_sdk._async.history import AsyncHistory
from cerebro_sdk._async.resource import (
    AsyncCalls,
    AsyncEdited,
    AsyncPlainCalls,
    AsyncReadable,
    AsyncTypedCalls,
    C,
    Plain,
    R,
    U,
    tried,
)
from cerebro_sdk._async.transport import GRACE_SECONDS, Call, creation

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


class AsyncUserCalls(AsyncEdited[R, C, U], Generic[R, C, U, N]):
    """What can be done with users."""

    async def invite(self, ref: object, *, dry_run: bool = False) -> N:
        """Send a user a link with which to choose a password; an earlier link ends.

        >>> invitation = await crm.users.invite("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/invite", params=tried(dry_run))
        invitation: N = await self._ask(call, "identity.users:Invitation")
        return invitation

    async def disable(self, ref: object, *, dry_run: bool = False) -> R:
        """Keep a user from signing in, and end what sessions there are; keys stop working too.

        >>> await crm.users.disable("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/disable", params=tried(dry_run))
        user: R = await self._ask(call)
        return user

    async def enable(self, ref: object, *, dry_run: bool = False) -> R:
        """Let a disabled user sign in again.

        >>> await crm.users.enable("ada@example.com")
        """
        call = Call("POST", f"{self._at(ref)}/enable", params=tried(dry_run))
        user: R = await self._ask(call)
        return user


class AsyncRawUsers(
    AsyncPlainCalls,
    AsyncUserCalls[Plain, Mapping[str, Any], Mapping[str, Any], Plain],
    AsyncHistory[Plain, Plain],
):
    """Users as plain dicts."""


class AsyncUsers(
    AsyncTypedCalls,
    AsyncUserCalls["User", "UserCreate", "UserUpdate", "Invitation"],
    AsyncHistory["TimelineEntry", "RecordDiff"],
):
    """Users: the people who sign in."""

    @property
    def raw(self) -> AsyncRawUsers:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawUsers(self._transport, self._name, self._schema)


class AsyncKeyCalls(AsyncReadable[R], Generic[R, C, N]):
    """What can be done with keys."""

    async def create(self, payload: C | None = None, *, dry_run: bool = False, **fields: Any) -> N:
        """Make a key of one's own; `secret` is in this reply and nowhere else; that of a dry run
        opens nothing.

        >>> key = await crm.keys.create(name="nightly export", scopes=["companies:export"])
        >>> print(key.secret)
        """
        body = self._body(f"{self._schema}Create", payload, fields)
        key: N = await self._ask(
            creation(self._path, body, params=tried(dry_run)), "identity.keys:NewKey"
        )
        return key

    async def revoke(self, ref: object, *, dry_run: bool = False) -> R:
        """End a key for good.

        >>> await crm.keys.revoke(key.id)
        """
        call = Call("POST", f"{self._at(ref)}/revoke", params=tried(dry_run))
        key: R = await self._ask(call)
        return key


class AsyncRawKeys(AsyncPlainCalls, AsyncKeyCalls[Plain, Mapping[str, Any], Plain]):
    """Keys as plain dicts."""


class AsyncKeys(AsyncTypedCalls, AsyncKeyCalls["Key", "KeyCreate", "NewKey"]):
    """Keys: how programs sign in."""

    @property
    def raw(self) -> AsyncRawKeys:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawKeys(self._transport, self._name, self._schema)


class AsyncSessionCalls(AsyncReadable[R], Generic[R]):
    """What can be done with sessions."""

    async def end(self, ref: object, *, dry_run: bool = False) -> R:
        """Sign somebody out, or oneself somewhere else.

        >>> async for session in crm.sessions.list("ended_at is empty"):
        ...     await crm.sessions.end(session.id)
        """
        call = Call("POST", f"{self._at(ref)}/end", params=tried(dry_run))
        session: R = await self._ask(call)
        return session


class AsyncRawSessions(AsyncPlainCalls, AsyncSessionCalls[Plain]):
    """Sessions as plain dicts."""


class AsyncSessions(AsyncTypedCalls, AsyncSessionCalls["Session"]):
    """Sessions: who is signed in, from where, since when."""

    @property
    def raw(self) -> AsyncRawSessions:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawSessions(self._transport, self._name, self._schema)


class AsyncAuthCalls(AsyncCalls, Generic[T, W, D]):
    """Signing in and out."""

    async def login(
        self,
        email: str,
        password: str,
        workspace: str | None = None,
        *,
        client: str | None = None,
    ) -> T:
        """Sign in as a person. `client` is what the list of sessions shows of this program.

        >>> tokens = await AsyncCerebro.visitor(url).auth.login("ada@example.com", password)
        >>> crm = AsyncCerebro(url, tokens=tokens)
        """
        fields = {"email": email, "password": password}
        said = fields if workspace is None else {**fields, "workspace": workspace}
        headers = {} if client is None else {"User-Agent": client}
        tokens: T = await self._visit("login", "Login", said, "Tokens", headers=headers)
        return tokens

    async def refresh(self, refresh_token: str) -> T:
        """Turn a refresh token into new tokens; the old one is spent.

        Clients with `tokens` or a saved session do this by themselves.

        >>> tokens = await AsyncCerebro.visitor(url).auth.refresh(tokens.refresh_token)
        """
        said = {"refresh_token": refresh_token}
        tokens: T = await self._visit("refresh", "Refresh", said, "Tokens", is_repeatable=True)
        return tokens

    async def request_reset(self, email: str) -> D:
        """Send whoever has lost a password a link; the answer never tells whether there is a user.

        >>> await AsyncCerebro.visitor(url).auth.request_reset("ada@example.com")
        """
        done: D = await self._visit("password-reset", "ResetRequest", {"email": email}, "Done")
        return done

    async def redeem(self, token: str, password: str) -> D:
        """Set a password with the token of an invitation or a reset, which is good once.

        >>> await AsyncCerebro.visitor(url).auth.redeem(token, password)
        """
        said = {"token": token, "password": password}
        done: D = await self._visit("redeem", "Redeem", said, "Done")
        return done

    async def logout(self) -> D:
        """End the session of this client; a key has none.

        >>> await crm.auth.logout()
        """
        done: D = await self._ask(Call("POST", f"{self._path}/logout"), f"{self._schema}:Done")
        return done

    async def change_password(self, current: str, new: str) -> D:
        """Change one's own password; other sessions end. Not with a key.

        >>> await crm.auth.change_password(current, new)
        """
        fields = {"current": current, "new": new}
        body = self._body(f"{self._schema}:ChangePassword", None, fields)
        call = Call("POST", f"{self._path}/password", body=body)
        done: D = await self._ask(call, f"{self._schema}:Done")
        return done

    async def whoami(self) -> W:
        """Say who this client is, with which roles and rights.

        >>> me = await crm.auth.whoami()
        >>> print(me.name, me.roles)
        """
        call = Call("GET", f"{self._path}/whoami", is_repeatable=True)
        me: W = await self._ask(call, f"{self._schema}:WhoAmI")
        return me

    async def _visit(
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
        return await self._ask(call, f"{self._schema}:{reply}")


class AsyncRawAuth(AsyncPlainCalls, AsyncAuthCalls[Plain, Plain, Plain]):
    """Signing in and out, with plain dicts."""


class AsyncAuth(AsyncTypedCalls, AsyncAuthCalls["Tokens", "WhoAmI", "Done"]):
    """Signing in and out, passwords, and who one is."""

    @property
    def raw(self) -> AsyncRawAuth:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawAuth(self._transport, self._name, self._schema)


class AsyncAccessCalls(AsyncCalls, Generic[T, W]):
    """Who may do what."""

    async def explain(self, user: object, record: str, action: str = "read") -> T:
        """Say whether a user may do something with a record, and what each role says of it.

        >>> answer = await crm.access.explain("ada@example.com", "companies/acme.com", "update")
        >>> print(answer.allowed, answer.detail)
        """
        params = {"user": str(user), "record": record, "action": action}
        call = Call("GET", f"{self._path}/explain", params=params, is_repeatable=True)
        explanation: T = await self._ask(call, f"{self._schema}:Explanation")
        return explanation

    async def matrix(self) -> W:
        """List every permission with the roles that have it.

        >>> for row in (await crm.access.matrix()).rows:
        ...     print(row.permission, row.roles)
        """
        call = Call("GET", f"{self._path}/matrix", is_repeatable=True)
        matrix: W = await self._ask(call, f"{self._schema}:Matrix")
        return matrix


class AsyncRawAccess(AsyncPlainCalls, AsyncAccessCalls[Plain, Plain]):
    """Who may do what, as plain dicts."""


class AsyncAccess(AsyncTypedCalls, AsyncAccessCalls["Explanation", "Matrix"]):
    """Who may do what, and why."""

    @property
    def raw(self) -> AsyncRawAccess:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawAccess(self._transport, self._name, self._schema)
