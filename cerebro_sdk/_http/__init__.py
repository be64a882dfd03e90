"""The one place that speaks HTTP: pooled over httpx, or one quick call by http.client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._http.one_shot import OneShot
from cerebro_sdk._http.wire import (
    PIECE,
    Address,
    AsyncReply,
    AsyncSender,
    Body,
    BrokenError,
    LateError,
    Reply,
    Request,
    Sender,
    SendError,
    UnreachableError,
)

if TYPE_CHECKING:
    from cerebro_sdk._http.pooled import AsyncHttpxSender, HttpxSender

__all__ = [
    "PIECE",
    "VERSION",
    "Address",
    "AsyncHttpxSender",
    "AsyncReply",
    "AsyncSender",
    "Body",
    "BrokenError",
    "HttpxSender",
    "LateError",
    "OneShot",
    "Reply",
    "Request",
    "SendError",
    "Sender",
    "UnreachableError",
]

VERSION = "0.1.0"

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import the pooled senders, and with them asyncio, only for those who use them."""
        if name not in ("AsyncHttpxSender", "HttpxSender"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from cerebro_sdk._http import pooled

        return getattr(pooled, name)
