"""Requests that are operations, or about them, and carry an Idempotency-Key."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.http import idempotency
from cerebro_server.kernel.records.operations.repeating import PLAIN, Once


class Keyed(Once):
    """A request that is done once, however often it comes; the reply tells of its operation as it
    is then."""

    def __init__(self, route: str, key: str, body: bytes) -> None:
        self._route = route
        self._key = key
        self._body = body
        self._claim: idempotency.Claim | None = None
        self.is_repeated = False
        """Whether it came before."""

    async def before(self, context: Context) -> UUID | None:
        """Raises `IdempotencyKeyInUse`, `IdempotencyKeyReused`."""
        claim = await idempotency.claim(context, self._route, self._key, self._body)
        if isinstance(claim, idempotency.Claim):
            self._claim = claim
            return None
        self.is_repeated = True
        return UUID(from_json(bytes(claim.body))["id"])

    async def keep(self, context: Context, operation_id: UUID) -> None:
        """Only after `before`, in the same transaction."""
        assert self._claim is not None  # noqa: S101 - or there would be no lock
        body = Sql("select %s::json", (to_json({"id": str(operation_id)}).decode(),))
        kept = idempotency.keeping(self._claim, status=202, headers={}, body=body)
        await (await context.write()).rows(kept)

    async def release(self, context: Context) -> None:
        """What is sent again is done again."""
        if self._claim is not None:
            await (await context.write()).rows(idempotency.forgetting(self._claim))


def once_of(request: Request, what: str, body: bytes = b"") -> Once:
    """Return the request as its Idempotency-Key has it: done once, if it has one."""
    key = idempotency.key_of(request)
    return PLAIN if key is None else Keyed(what, key, body)
