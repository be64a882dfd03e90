# Generated from ../_async/operations.py by tools/sync_client.py; do not edit.
"""Operations: plan what touches many records, look at it, apply it, take it back."""

from __future__ import annotations

import json
import time  # noqa: F401 -- the synchronous twin sleeps with it
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cerebro_sdk import errors
from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.raw_operations import PATH, RawOperations, OnDrift
from cerebro_sdk._sync.replies import mapping, read
from cerebro_sdk._sync.streams import Stream
from cerebro_sdk._sync.transport import Transport, segment
from cerebro_sdk.display import plan_summary

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.operations import Operation, OperationRow

_BUSY = ("planning", "applying")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0


class Operations:
    """Operations: what touches many records."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def raw(self) -> RawOperations:
        """The same with plain dicts; nothing is waited for.

        >>> op = crm.operations.raw.get(op_id)
        """
        return RawOperations(self._transport)

    def create(
        self,
        kind: str,
        input: Mapping[str, Any] | None = None,  # noqa: A002 -- the word of the API
        **options: Any,
    ) -> PlannedOperation:
        """Plan an operation, and wait for the plan; with `yes` apply it, too.

        >>> op = crm.operations.create("contacts.delete", {"where": "tags has old"})
        >>> print(op.summary)
        >>> op.apply()
        """
        made = PlannedOperation(self._transport, self.raw.create(kind, input, **options))
        return made.wait()

    def list(
        self,
        state: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        record: str | None = None,
    ) -> Pages[PlannedOperation]:
        """List operations, newest first: your own, or everybody's if you may see them; `record`
        leaves those that touched one, `contacts/ada@x.org`.

        >>> for op in crm.operations.list(limit=10):
        ...     print(op.id, op.kind, op.state, op.summary)
        """
        return Pages(
            self._transport,
            PATH,
            read=lambda value: PlannedOperation(self._transport, mapping(value)),
            params={"state": state, "kind": kind, "record": record},
            limit=limit,
        )

    def get(self, operation_id: object) -> PlannedOperation:
        """Fetch an operation.

        >>> op = crm.operations.get(op_id)
        """
        return PlannedOperation(self._transport, self.raw.get(operation_id))

    def plan(self, operation_id: object, limit: int | None = None) -> Pages[OperationRow]:
        """List the rows of a plan, each with its differences.

        >>> for row in crm.operations.plan(op.id):
        ...     print(row.action, row.label, [change.text for change in row.changes])
        """
        return self._rows(operation_id, "plan", limit)

    def errors(self, operation_id: object, limit: int | None = None) -> Pages[OperationRow]:
        """List the rows that do nothing because something is wrong, and those that were left.

        >>> for row in crm.operations.errors(op.id):
        ...     print(row.line, row.problem.message)
        """
        return self._rows(operation_id, "errors", limit)

    def errors_file(self, operation_id: object, file: str | None = None) -> Stream:
        """Read the refused rows of an import as a file in its own shape, with why in a last column;
        of several files, those of one.

        >>> wrong = b"".join([piece for piece in crm.operations.errors_file(op.id)])
        """
        return self.raw.errors_file(operation_id, file)

    def apply(
        self, operation_id: object, on_drift: OnDrift = "refuse"
    ) -> PlannedOperation:
        """Apply a plan, and wait for the end.

        >>> crm.operations.apply(op.id, on_drift="skip")
        """
        found = self.raw.apply(operation_id, on_drift)
        return PlannedOperation(self._transport, found).wait()

    def undo(
        self,
        operation_id: object,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
        record: str | None = None,
    ) -> PlannedOperation:
        """Take an operation back, and wait for the end; returns the undo.

        With `yes=False` it is planned only. `where` narrows it down to records that fit a filter;
        `force_fields` takes back untouched fields of records that were changed since; `record`
        narrows a merge of many down to what one took part in.

        >>> undo = crm.operations.undo(op.id)
        >>> print(undo.summary)
        """
        found = self.raw.undo(operation_id, where, force_fields, yes, record)
        return PlannedOperation(self._transport, found).wait()

    def take_back(
        self,
        what: object = None,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = True,
    ) -> PlannedOperation:
        """Take anything back, and wait for the end; the same as `crm.undo`.

        >>> undo = crm.operations.take_back("seq:812")
        """
        found = self.raw.take_back(what, where, force_fields, yes)
        return PlannedOperation(self._transport, found).wait()

    def redo(self, operation_id: object, yes: bool = True) -> PlannedOperation:
        """Do again what was undone, and wait for the end; returns that operation.

        >>> crm.operations.redo(op.id)
        """
        return PlannedOperation(
            self._transport, self.raw.redo(operation_id, yes)
        ).wait()

    def cancel(self, operation_id: object) -> PlannedOperation:
        """Stop an operation after the rows that are being written.

        >>> crm.operations.cancel(op.id)
        """
        return PlannedOperation(self._transport, self.raw.cancel(operation_id))

    def resume(self, operation_id: object) -> PlannedOperation:
        """Go on with an operation that was cancelled, or failed, and wait for the end.

        >>> crm.operations.resume(op.id)
        """
        return PlannedOperation(
            self._transport, self.raw.resume(operation_id)
        ).wait()

    def _rows(self, operation_id: object, what: str, limit: int | None) -> Pages[OperationRow]:
        return Pages(
            self._transport,
            f"{PATH}/{segment(operation_id)}/{what}",
            read=lambda value: read("workspace.operations:OperationRow", value),
            params={},
            limit=limit,
        )


class PlannedOperation:
    """One operation: what it would do, what it did, and the way back.

    >>> op = crm.contacts.update_plan("tier = gold", owner_id="me")
    >>> print(op.summary)
    >>> op.apply()
    >>> op.undo()
    """

    def __init__(self, transport: Transport, found: dict[str, Any]) -> None:
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

    def plan(self, limit: int | None = None) -> Pages[OperationRow]:
        """List the rows of its plan, each with its differences.

        >>> for row in op.plan(limit=10):
        ...     print(row.label, [change.text for change in row.changes])
        """
        return Operations(self._transport).plan(self.id, limit)

    def errors(self, limit: int | None = None) -> Pages[OperationRow]:
        """List the rows that something is amiss with.

        >>> for row in op.errors():
        ...     print(row.line, row.problem.message)
        """
        return Operations(self._transport).errors(self.id, limit)

    def apply(self, on_drift: OnDrift = "refuse") -> PlannedOperation:
        """Apply it, and wait for the end.

        >>> op.apply()
        """
        self._found = self._raw().apply(self.id, on_drift)
        return self.wait()

    def undo(
        self, where: str | None = None, force_fields: bool = False
    ) -> PlannedOperation:
        """Take it back, and wait for the end; returns the undo.

        >>> undo = op.undo()
        """
        made = Operations(self._transport).undo(self.id, where, force_fields)
        self.refresh()
        return made

    def redo(self) -> PlannedOperation:
        """Do it again after an undo, and wait for the end; returns that operation.

        >>> op.redo()
        """
        made = Operations(self._transport).redo(self.id)
        self.refresh()
        return made

    def cancel(self) -> PlannedOperation:
        """Stop it after the rows that are being written.

        >>> op.cancel()
        """
        self._found = self._raw().cancel(self.id)
        return self

    def resume(self) -> PlannedOperation:
        """Go on where it was stopped, and wait for the end.

        >>> op.resume()
        """
        self._found = self._raw().resume(self.id)
        return self.wait()

    def refresh(self) -> PlannedOperation:
        """Ask how far it is.

        >>> (op.refresh()).state
        """
        self._found = self._raw().get(self.id)
        return self

    def wait(self) -> PlannedOperation:
        """Wait until it is planned, or applied; raise what it failed with.

        >>> op.wait()
        """
        pause = _FIRST_PAUSE_SECONDS
        while self.state in _BUSY:
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            self.refresh()
        problem = self._found.get("problem")
        if self.state == "failed" and problem:
            body = json.dumps(problem).encode()
            raise errors.from_reply(int(problem.get("status") or 500), {}, body)
        return self

    def _raw(self) -> RawOperations:
        return RawOperations(self._transport)
