"""The headless server: API, rules and data. `local()` runs all of it inside a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cerebro_server.local_server import local, local_async

__all__ = ["local", "local_async"]

if not TYPE_CHECKING:  # hidden from type checkers, which then find misspelt names

    def __getattr__(name: str) -> object:
        """Import `local`, and with it the whole server, only for those who use it."""
        if name not in __all__:
            raise AttributeError(f"module 'cerebro_server' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module("cerebro_server.local_server"), name)
