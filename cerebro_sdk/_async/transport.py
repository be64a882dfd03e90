"""One call: its request, its tries, its reply or its error."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from cerebro_sdk import _http, credentials, errors, policy
from cerebro_sdk._async.signing import AsyncSigning

T = TypeVar("T")

GRACE_SECONDS = 5.0
"""How long after a renewal began another try may start: its pause and its way count, too."""


class Call(NamedTuple):
    """What to ask of the server."""

    method: str
    path: str
    params: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    body: bytes | _http.Body | None = None
    media_type: str = "application/json"
    is_repeatable: bool = False
    """True: it may be sent again, since it reads only or carries an idempotency key."""
    repeats_within: float = float("inf")
    """Seconds after which it may not, if no reply came."""
    is_patient: bool = False
    """True: the answer may take long, as that to an import."""
    is_public: bool = False
    """True: nobody has to be signed in, and no token is sent."""

    def target(self) -> str:
        """Return path and query, percent-encoded; what is None is left out."""
        said = {name: _param(value) for name, value in self.params.items() if value is not None}
        try:
            query = urlencode(said, quote_via=quote)
        except UnicodeEncodeError as error:
            raise _not_text(said) from error
        return f"{self.path}?{query}" if query else self.path


def creation(path: str, body: bytes | None, *, params: Mapping[str, Any] | None = None) -> Call:
    """Return the call that makes one record, or does one thing, however often it is sent."""
    key = f'"{os.urandom(16).hex()}"'  # made once for all tries; a string of RFC 8941
    return Call(
        "POST",
        path,
        params=params or {},
        headers={"Idempotency-Key": key},
        body=body,
        is_repeatable=True,
    )


class AsyncTransport:
    """Sends calls to one server, signed in one way."""

    def __init__(
        self,
        *,
        address: _http.Address,
        signing: AsyncSigning,
        options: policy.Options,
        sender: _http.AsyncSender,
    ) -> None:
        self.address = address
        self.options = options
        self._signing = signing
        self._sender = sender
        self._is_closed = False

    def __repr__(self) -> str:
        return f"url={str(self.address)!r}, {self._signing!r}"

    def but(self, options: policy.Options) -> AsyncTransport:
        """Return one with other options, over the same connections."""
        return AsyncTransport(
            address=self.address, signing=self._signing, options=options, sender=self._sender
        )

    async def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        await self._sender.close()

    async def json(self, call: Call) -> Any:
        """Make the call and return the JSON of its reply."""
        return await self._repeat(call, self._whole)

    async def stream(self, call: Call) -> _http.AsyncReply:
        """Make the call and return the reply with its body unread; the caller closes it."""
        return await self._repeat(call, self._begun)

    def broken(self, error: _http.SendError) -> errors.CerebroError:
        """Say for people that no whole reply came."""
        if isinstance(error, _http.LateError):
            return errors.TimedOutError(f"{self.address}: {error}.")
        if isinstance(error, _http.UnreachableError):
            return errors.ConnectionFailedError(
                f"Cannot reach {self.address}: {error}. Is the server running there?"
            )
        return errors.ConnectionFailedError(f"The connection to {self.address} broke: {error}.")

    async def _repeat(self, call: Call, attempt: Callable[[_http.Request], Awaitable[T]]) -> T:
        if self._is_closed:
            raise RuntimeError("This client is closed; make a new one.")
        began = time.monotonic()
        tries = 0
        is_renewed = False
        while True:
            tries += 1
            token = None if call.is_public else await self._signing.token(self._renew)
            try:
                return await attempt(self._request(call, token, began))
            except errors.CerebroError as error:
                if _is_refused(error, call) and not is_renewed:
                    is_renewed = await self._signing.renewed(token, self._renew)
                    if is_renewed:
                        continue
                elapsed, outcome = time.monotonic() - began, _outcome(error)
                is_late = outcome.status is None and elapsed > call.repeats_within
                pause = policy.pause(
                    self.options,
                    outcome,
                    repeatable=call.is_repeatable and not is_late,
                    tries=tries,
                    elapsed=elapsed,
                    chance=int.from_bytes(os.urandom(4)) / 2**32,  # importing random takes 5 ms
                )
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def _renew(self, refresh_token: str) -> Any:
        # For 10 seconds the server gives the same answer again to whoever lost it. Later a spent
        # token would look stolen, and end the session.
        return await self.json(
            Call(
                "POST",
                "/v1/auth/refresh",
                body=json.dumps({"refresh_token": refresh_token}).encode(),
                is_repeatable=True,
                repeats_within=GRACE_SECONDS,
                is_public=True,
            )
        )

    def _request(self, call: Call, token: str | None, began: float) -> _http.Request:
        headers = {
            **({} if token is None else {"Authorization": f"Bearer {token}"}),
            "User-Agent": f"cerebro-sdk/{_http.VERSION}",
            "Accept": "*/*" if call.method == "GET" else "application/json",
            **call.headers,
        }
        if call.body is not None:
            headers["Content-Type"] = call.media_type
        timeout, deadline = self.options.timeout, self.options.deadline
        if call.is_patient and timeout is not None:
            timeout = max(timeout, policy.LONGEST_IMPORT)
        return _http.Request(
            method=call.method,
            address=self.address,
            target=call.target(),
            headers=headers,
            body=call.body,
            timeout=timeout,
            until=None if deadline is None else began + deadline,
        )

    async def _begun(self, request: _http.Request) -> _http.AsyncReply:
        try:
            reply = await self._sender.send(request)
        except _http.SendError as error:
            raise self.broken(error) from error
        if 200 <= reply.status < 300:
            return reply
        try:
            body = b"".join([chunk async for chunk in reply.chunks(request.until)])
        except _http.SendError:
            body = b""  # the status says enough
        finally:
            await reply.close()
        raise self._refusal(reply.status, reply.headers, body)

    async def _whole(self, request: _http.Request) -> Any:
        reply = await self._begun(request)
        try:
            body = b"".join([chunk async for chunk in reply.chunks(request.until)])
        except _http.SendError as error:
            raise self.broken(error) from error
        finally:
            await reply.close()
        try:
            return json.loads(body)
        except ValueError as error:
            kind = reply.headers.get("content-type", "no content type")
            raise errors.unexpected(
                reply.status,
                f"{self.address} answered with {kind[:80]!r} in place of JSON; is it Cerebro?",
                request_id=reply.headers.get("x-request-id"),
            ) from error

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> errors.APIError:
        return errors.from_reply(
            status,
            headers,
            credentials.hidden(body, self._signing.held),
            retry_after=policy.asked_pause(headers, now=time.time()),
        )


def segment(reference: object) -> str:
    """Return a reference as one segment of a path."""
    text = str(reference)
    if text.strip() in ("", ".", ".."):
        detail = f"{text!r} is not a reference: give an id, a natural key or source:external-id."
        raise errors.refused(detail, [{"parameter": "ref", "code": "reference", "detail": detail}])
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise _not_text({"ref": text}) from error


def _param(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _not_text(params: Mapping[str, str]) -> errors.InvalidError:
    said = "holds a lone surrogate, which is not text (U+D800 to U+DFFF)"
    names = [
        name for name, value in params.items() if any("\ud800" <= c <= "\udfff" for c in value)
    ]
    listed = [{"parameter": name, "code": "not_text", "detail": said} for name in names]
    return errors.refused("The request cannot be written", listed)


def _is_refused(error: errors.CerebroError, call: Call) -> bool:
    """Tell whether other tokens may help. A file that was being read cannot be sent again."""
    sent_whole = call.body is None or isinstance(call.body, bytes)
    return isinstance(error, errors.NotSignedInError) and not call.is_public and sent_whole


def _outcome(error: errors.CerebroError) -> policy.Outcome:
    if isinstance(error, errors.APIError):
        return policy.Outcome(error.status, error.code, error.retry_after)
    return policy.Outcome(None)
