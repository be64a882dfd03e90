"""Requests that may come again, since their reply was lost: they get the same operation."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context


class Once:
    """A request about an operation. This one has no key: it is done as often as it comes."""

    async def before(self, context: Context) -> UUID | None:
        """Hold the request's key until the context's transaction ends; return the operation that
        it was answered with before."""
        return None

    async def keep(self, context: Context, operation_id: UUID) -> None:
        """Write down what the request is answered with, in the transaction that does it."""

    async def release(self, context: Context) -> None:
        """Free the key: the request was refused after all."""


PLAIN: Final = Once()
