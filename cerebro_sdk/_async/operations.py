"""Operations: plan what touches many records, look at it, apply it, take it back."""

from __future__ import annotations

import asyncio
import json
import time  # noqa: F401 -- the synchronous twin sleeps with it
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cerebro_sdk import errors
from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.raw_operations import PATH, AsyncRawOperations, OnDrift
from cerebro_sdk._async.replies import mapping, read
from cerebro_sdk._async.streams import AsyncStream
from cerebro_sdk._async.transport import AsyncTransport, segment
from cerebro_sdk.display import plan_summary

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.operations import Operation, OperationRow

_BUSY = ("planning", "applying")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0


class AsyncOperations:
    """Operations: what touches many records."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @property
    def raw(self) -> AsyncRawOperations:
        """The same with plain dicts; nothing is waited for.

        >>> op = await crm.operations.raw.get(op_id)
        """
        return AsyncRawOperations(self._transport)

    async def create(
        self,
        kind: str,
        input: Mapping[str, Any] | None = None,  # noqa: A002 -- the word of the API
        **options: Any,
    ) -> AsyncPlannedOperation:
        """Plan an operation, and wait for the plan; with `yes` apply it, too.

        >>> op = await crm.operations.create("contacts.delete", {"where": "tags has old"})
        >>> print(op.summary)
        >>> await op.apply()
        """
        made = AsyncPlannedOperation(self._transport, await self.raw.create(kind, input, **options))
        return await made.wait()

    def list(
        self,
        state: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        record: str | None = None,
    ) -> AsyncPages[AsyncPlannedOperation]:
        """List operations, newest first: your own, or everybody's if you may see them; `record`
        leaves those that touched one, `contacts/ada@x.org`.

        >>> async for op in crm.operations.list(limit=10):
        ...     print(op.id, op.kind, op.state, op.summary)
        """
        return AsyncPages(
            self._transport,
            PATH,
            read=lambda value: AsyncPlannedOperation(self._transport, mapping(value)),
            params={"state": state, "kind": kind, "record": record},
            limit=limit,
        )

    async def get(self, operation_id: object) -> AsyncPlannedOperation:
        """Fetch an operation.

        >>> op = await crm.operations.get(op_id)
        """
        return AsyncPlannedOperation(self._transport, await self.raw.get(operation_id))

    def plan(self, operation_id: object, limit: int | None = None) -> AsyncPages[OperationRow]:
        """List the rows of a plan, each with its differences.

        >>> async for row in crm.operations.plan(op.id):
        ...     print(row.action, row.label, [change.text for change in row.changes])
        """
        return self._rows(operation_id, "plan", limit)

    def errors(self, operation_id: object, limit: int | None = None) -> AsyncPages[OperationRow]:
        """List the rows that do nothing because something is wrong, and those that were left.

        >>> async for row in crm.operations.errors(op.id):
        ...     print(row.line, row.problem.message)
        """
        return self._rows(operation_id, "errors", limit)

    def errors_file(self, operation_id: object, file: str | None = None) -> AsyncStream:
        """Read the refused rows of an import as a file in its own shape, with why in a last column;
        of several files, those of one.

        >>> wrong = b"".join([piece async for piece in crm.operations.errors_file(op.id)])
        """
        return self.raw.errors_file(operation_id, file)

    async def apply(
        self, operation_id: object, on_drift: OnDrift = "refuse"
    ) -> AsyncPlannedOperation:
        """Apply a plan, and wait for the end.

        >>> await crm.operations.apply(op.id, on_drift="skip")
        """
        found = await self.raw.apply(operation_id, on_drift)
        return await AsyncPlannedOperation(self._transport, found).wait()

    async def undo(
        self,
        operation_id: object,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
        record: str | None = None,
    ) -> AsyncPlannedOperation:
        """Take an operation back, and wait for the end; returns the undo.

        With `yes=False` it is planned only. `where` narrows it down to records that fit a filter;
        `force_fields` takes back untouched fields of records that were changed since; `record`
        narrows a merge of many down to what one took part in.

        >>> undo = await crm.operations.undo(op.id)
        >>> print(undo.summary)
        """
        found = await self.raw.undo(operation_id, where, force_fields, yes, record)
        return await AsyncPlannedOperation(self._transport, found).wait()

    async def take_back(
        self,
        what: object = None,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
    ) -> AsyncPlannedOperation:
        """Take anything back, and wait for the end; the same as `crm.undo`.

        >>> undo = await crm.operations.take_back("seq:812")
        """
        found = await self.raw.take_back(what, where, force_fields, yes)
        return await AsyncPlannedOperation(self._transport, found).wait()

    async def redo(self, operation_id: object, yes: bool = True) -> AsyncPlannedOperation:
        """Do again what was undone, and wait for the end; returns that operation.

        >>> await crm.operations.redo(op.id)
        """
        return await AsyncPlannedOperation(
            self._transport, await self.raw.redo(operation_id, yes)
        ).wait()

    async def cancel(self, operation_id: object) -> AsyncPlannedOperation:
        """Stop an operation after the rows that are being written.

        >>> await crm.operations.cancel(op.id)
        """
        return AsyncPlannedOperation(self._transport, await self.raw.cancel(operation_id))

    async def resume(self, operation_id: object) -> AsyncPlannedOperation:
        """Go on with an operation that was cancelled, or failed, and wait for the end.

        >>> await crm.operations.resume(op.id)
        """
        return await AsyncPlannedOperation(
            self._transport, await self.raw.resume(operation_id)
        ).wait()

    def _rows(self, operation_id: object, what: str, limit: int | None) -> AsyncPages[OperationRow]:
        return AsyncPages(
            self._transport,
            f"{PATH}/{segment(operation_id)}/{what}",
            read=lambda value: read("workspace.operations:OperationRow", value),
            params={},
            limit=limit,
        )


class AsyncPlannedOperation:
    """One operation: what it would do, what it did, and the way back.

    >>> op = await crm.contacts.update_plan("tier = gold", owner_id="me")
    >>> print(op.summary)
    >>> await op.apply()
    >>> await op.undo()
    """

    def __init__(self, transport: AsyncTransport, found: dict[str, Any]) -> None:
        self._transport = transport
        self._found = found

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.kind}: {self.state}>"

    @property
    def id(self) -> str:
        """Its id."""
        return str(self._found["id"])

    @property
    def kind(self) -> str:
        """What it does: `contacts.update`."""
        return str(self._found["kind"])

    @property
    def state(self) -> str:
        """Where it is: `planned`, `applied`, `undone` …"""
        return str(self._found["state"])

    @property
    def summary(self) -> str:
        """What it would do, or did, in a line.

        >>> print(op.summary)
        120 to update, 3 unchanged
        """
        return plan_summary(self._found)

    @property
    def data(self) -> Operation:
        """All that the server says of it, typed.

        >>> op.data.plan.update, op.data.fields
        """
        found: Operation = read("workspace.operations:Operation", self._found)
        return found

    @property
    def raw(self) -> dict[str, Any]:
        """The same as a plain dict."""
        return self._found

    def plan(self, limit: int | None = None) -> AsyncPages[OperationRow]:
        """List the rows of its plan, each with its differences.

        >>> async for row in op.plan(limit=10):
        ...     print(row.label, [change.text for change in row.changes])
        """
        return AsyncOperations(self._transport).plan(self.id, limit)

    def errors(self, limit: int | None = None) -> AsyncPages[OperationRow]:
        """List the rows that something is amiss with.

        >>> async for row in op.errors():
        ...     print(row.line, row.problem.message)
        """
        return AsyncOperations(self._transport).errors(self.id, limit)

    async def apply(self, on_drift: OnDrift = "refuse") -> AsyncPlannedOperation:
        """Apply it, and wait for the end.

        >>> await op.apply()
        """
        self._found = await self._raw().apply(self.id, on_drift)
        return await self.wait()

    async def undo(
        self, where: str | None = None, force_fields: bool = False
    ) -> AsyncPlannedOperation:
        """Take it back, and wait for the end; returns the undo.

        >>> undo = await op.undo()
        """
        made = await AsyncOperations(self._transport).undo(self.id, where, force_fields)
        await self.refresh()
        return made

    async def redo(self) -> AsyncPlannedOperation:
        """Do it again after an undo, and wait for the end; returns that operation.

        >>> await op.redo()
        """
        made = await AsyncOperations(self._transport).redo(self.id)
        await self.refresh()
        return made

    async def cancel(self) -> AsyncPlannedOperation:
        """Stop it after the rows that are being written.

        >>> await op.cancel()
        """
        self._found = await self._raw().cancel(self.id)
        return self

    async def resume(self) -> AsyncPlannedOperation:
        """Go on where it was stopped, and wait for the end.

        >>> await op.resume()
        """
        self._found = await self._raw().resume(self.id)
        return await self.wait()

    async def refresh(self) -> AsyncPlannedOperation:
        """Ask how far it is.

        >>> (await op.refresh()).state
        """
        self._found = await self._raw().get(self.id)
        return self

    async def wait(self) -> AsyncPlannedOperation:
        """Wait until it is planned, or applied; raise what it failed with.

        >>> await op.wait()
        """
        pause = _FIRST_PAUSE_SECONDS
        while self.state in _BUSY:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            await self.refresh()
        problem = self._found.get("problem")
        if self.state == "failed" and problem:
            body = json.dumps(problem).encode()
            raise errors.from_reply(int(problem.get("status") or 500), {}, body)
        return self

    def _raw(self) -> AsyncRawOperations:
        return AsyncRawOperations(self._transport)
