"""Sends through httpx: the one module that imports it, at first use."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from cerebro_sdk._http.wire import (
    Address,
    AsyncReply,
    BrokenError,
    LateError,
    Reply,
    Request,
    UnreachableError,
    remaining,
)

if TYPE_CHECKING:
    import httpx

# uvicorn closes idle connections after 5 s; a write must not meet one that is just being closed
_KEPT_SECONDS = 3.0


class HttpxSender:
    """Sends through httpx, which keeps connections open between calls.

    >>> crm = Cerebro(sender=HttpxSender(httpx.Client(verify="company-ca.pem")))
    """

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._given = client
        self._made: dict[Address, httpx.Client] = {}

    def send(self, request: Request) -> Reply:
        """Send one request; redirects are not followed, the key would go with them."""
        client = self._given or self._client(request.address)
        with _explained():
            reply = client.send(
                client.build_request(
                    request.method,
                    f"{request.address.origin}{request.address.base}{request.target}",
                    headers=request.sized_headers(),
                    content=request.body.chunks()
                    if request.body is not None and not isinstance(request.body, bytes)
                    else request.body,
                    timeout=request.wait(),
                ),
                stream=True,
                follow_redirects=False,
            )
        return _HttpxReply(reply)

    def close(self) -> None:
        """Close the connections; a client that was brought along stays open."""
        while self._made:
            self._made.popitem()[1].close()

    def _client(self, address: Address) -> httpx.Client:
        client = self._made.get(address)
        if client is None:
            httpx = _httpx()
            made = httpx.Client(
                transport=httpx.HTTPTransport(verify=False, uds=address.socket)
                if address.socket
                else None,
                **_settings(address),
            )
            weakref.finalize(self, made.close)
            client = self._made.setdefault(address, made)
            if client is not made:  # another thread was faster
                made.close()
        return client


class _HttpxReply:
    def __init__(self, reply: httpx.Response) -> None:
        self._reply = reply
        self.status = reply.status_code
        self.headers = dict(reply.headers.items())

    def chunks(self, until: float | None = None) -> Iterator[bytes]:
        with _explained():
            for chunk in self._reply.iter_bytes():
                remaining(None, until)
                yield chunk

    def close(self) -> None:
        self._reply.close()


class AsyncHttpxSender:
    """Sends through httpx, awaited; belongs to one event loop.

    >>> crm = AsyncCerebro(sender=AsyncHttpxSender(httpx.AsyncClient(verify="company-ca.pem")))
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._given = client
        self._made: dict[Address, httpx.AsyncClient] = {}

    async def send(self, request: Request) -> AsyncReply:
        """Send one request; redirects are not followed, the key would go with them."""
        client = self._given or self._client(request.address)
        built = client.build_request(
            request.method,
            f"{request.address.origin}{request.address.base}{request.target}",
            headers=request.sized_headers(),
            content=_read_aside(request.body.chunks())
            if request.body is not None and not isinstance(request.body, bytes)
            else request.body,
            timeout=request.wait(),
        )
        with _explained():
            async with _ends(request.until):
                reply = await client.send(built, stream=True, follow_redirects=False)
        return _AsyncHttpxReply(reply)

    async def close(self) -> None:
        """Close the connections; a client that was brought along stays open."""
        while self._made:
            await self._made.popitem()[1].aclose()

    def _client(self, address: Address) -> httpx.AsyncClient:
        client = self._made.get(address)
        if client is None:
            httpx = _httpx()
            client = self._made[address] = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(verify=False, uds=address.socket)
                if address.socket
                else None,
                **_settings(address),
            )
        return client


class _AsyncHttpxReply:
    def __init__(self, reply: httpx.Response) -> None:
        self._reply = reply
        self.status = reply.status_code
        self.headers = dict(reply.headers.items())

    async def chunks(self, until: float | None = None) -> AsyncIterator[bytes]:
        pieces = self._reply.aiter_bytes()
        with _explained():
            while True:
                async with _ends(until):
                    chunk = await anext(pieces, None)
                if chunk is None:
                    return
                yield chunk

    async def close(self) -> None:
        await self._reply.aclose()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn what httpx raises into a SendError."""
    httpx = _httpx()
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise LateError("no connection in time") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise LateError("no answer in time") from error
    except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise UnreachableError(str(error) or type(error).__name__) from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise BrokenError(str(error) or type(error).__name__) from error
    except httpx.InvalidURL as error:
        raise UnreachableError(str(error)) from error


def _httpx() -> Any:
    if "httpx" not in sys.modules and "httpx._main" not in sys.modules:
        # its command line would pull in click, rich and pygments where they are installed: 90 ms
        sys.modules["httpx._main"] = None  # type: ignore[assignment]
        try:
            import httpx
        finally:
            sys.modules.pop("httpx._main", None)
    import httpx

    return httpx


def _settings(address: Address) -> dict[str, Any]:
    return {
        "limits": _httpx().Limits(keepalive_expiry=_KEPT_SECONDS),
        # nothing is encrypted on the way to http://…, so reading all certificates (50 ms) is idle
        "verify": address.scheme == "https",
        # no proxy leads to this machine
        "trust_env": not (address.is_local and address.scheme == "http"),
    }


def _ends(until: float | None) -> Any:
    return asyncio.timeout(remaining(None, until))


async def _read_aside(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read a file without holding up the event loop."""
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
