"""Cerebro from Python: `Cerebro` and `AsyncCerebro`. Nothing is imported before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cerebro_sdk._async.changes import AsyncChangeFeed
    from cerebro_sdk._async.client import AsyncCerebro
    from cerebro_sdk._async.nouns import (
        AsyncEditedResource,
        AsyncKeptResource,
        AsyncRawResource,
        AsyncResource,
    )
    from cerebro_sdk._async.operations import AsyncPlannedOperation
    from cerebro_sdk._async.pages import AsyncPages
    from cerebro_sdk._async.streams import AsyncStream
    from cerebro_sdk._http import VERSION as __version__  # noqa: N811
    from cerebro_sdk._http import AsyncHttpxSender, HttpxSender, OneShot
    from cerebro_sdk._sync.changes import ChangeFeed
    from cerebro_sdk._sync.client import Cerebro
    from cerebro_sdk._sync.nouns import EditedResource, KeptResource, RawResource, Resource
    from cerebro_sdk._sync.operations import PlannedOperation
    from cerebro_sdk._sync.pages import Pages
    from cerebro_sdk._sync.streams import Stream
    from cerebro_sdk.errors import (
        APIError,
        BadRequestError,
        CerebroError,
        ConflictError,
        ConnectionFailedError,
        ForbiddenError,
        InvalidError,
        NotConfiguredError,
        NotFoundError,
        NotSignedInError,
        PreconditionFailedError,
        RateLimitedError,
        ServerError,
        TimedOutError,
        UnavailableError,
    )
    from cerebro_sdk.policy import Page
    from cerebro_sdk.profiles import Profile

__all__ = [
    "APIError",
    "AsyncCerebro",
    "AsyncChangeFeed",
    "AsyncEditedResource",
    "AsyncHttpxSender",
    "AsyncKeptResource",
    "AsyncPages",
    "AsyncPlannedOperation",
    "AsyncRawResource",
    "AsyncResource",
    "AsyncStream",
    "BadRequestError",
    "Cerebro",
    "CerebroError",
    "ChangeFeed",
    "ConflictError",
    "ConnectionFailedError",
    "EditedResource",
    "ForbiddenError",
    "HttpxSender",
    "InvalidError",
    "KeptResource",
    "NotConfiguredError",
    "NotFoundError",
    "NotSignedInError",
    "OneShot",
    "Page",
    "Pages",
    "PlannedOperation",
    "PreconditionFailedError",
    "Profile",
    "RateLimitedError",
    "RawResource",
    "Resource",
    "ServerError",
    "Stream",
    "TimedOutError",
    "UnavailableError",
    "__version__",
]

_ELSEWHERE = {
    "AsyncCerebro": "_async.client",
    "AsyncChangeFeed": "_async.changes",
    "AsyncEditedResource": "_async.nouns",
    "AsyncHttpxSender": "_http",
    "AsyncKeptResource": "_async.nouns",
    "AsyncPages": "_async.pages",
    "AsyncPlannedOperation": "_async.operations",
    "AsyncRawResource": "_async.nouns",
    "AsyncResource": "_async.nouns",
    "AsyncStream": "_async.streams",
    "Cerebro": "_sync.client",
    "ChangeFeed": "_sync.changes",
    "EditedResource": "_sync.nouns",
    "HttpxSender": "_http",
    "KeptResource": "_sync.nouns",
    "OneShot": "_http",
    "Page": "policy",
    "Pages": "_sync.pages",
    "PlannedOperation": "_sync.operations",
    "Profile": "profiles",
    "RawResource": "_sync.nouns",
    "Resource": "_sync.nouns",
    "Stream": "_sync.streams",
}

if not TYPE_CHECKING:  # hidden from type checkers, which then find misspelt names

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "__version__":
            value = import_module("cerebro_sdk._http").VERSION
        elif name in __all__:
            module = import_module(f"cerebro_sdk.{_ELSEWHERE.get(name, 'errors')}")
            value = getattr(module, name)
        else:
            raise AttributeError(f"module 'cerebro_sdk' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(__all__)
