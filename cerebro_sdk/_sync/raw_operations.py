# Generated from ../_async/raw_operations.py by tools/sync_client.py; do not edit.
"""Operations as plain dicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.replies import mapping
from cerebro_sdk._sync.streams import Stream
from cerebro_sdk._sync.transport import Transport, Call, creation, segment

OnDrift = Literal["refuse", "skip", "replan"]
PATH = "/v1/operations"


class RawOperations:
    """Operations as plain dicts; nothing is waited for."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        kind: str,
        input: Mapping[str, Any] | None = None,  # noqa: A002 -- the word of the API
        **options: Any,
    ) -> dict[str, Any]:
        """Plan an operation; with `yes` apply it, too.

        >>> op = crm.operations.raw.create("contacts.delete", {"where": "tags has old"})
        >>> op["plan"]["delete"]
        """
        said = {name: value for name, value in options.items() if value is not False}
        body = {"kind": kind, "input": input or {}, "options": said}
        return self._post("", body)

    def list(
        self,
        state: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        record: str | None = None,
    ) -> Pages[dict[str, Any]]:
        """List operations, newest first; `record` leaves those that touched one.

        >>> for op in crm.operations.raw.list(state="planned"):
        ...     print(op["id"], op["kind"])
        """
        params = {"state": state, "kind": kind, "record": record}
        return Pages(self._transport, PATH, read=mapping, params=params, limit=limit)

    def get(self, operation_id: object) -> dict[str, Any]:
        """Fetch an operation with counts and a sample of its plan.

        >>> (crm.operations.raw.get(op_id))["state"]
        """
        call = Call("GET", f"{PATH}/{segment(operation_id)}", is_repeatable=True)
        return mapping(self._transport.json(call))

    def plan(self, operation_id: object, limit: int | None = None) -> Pages[dict[str, Any]]:
        """List the rows of a plan, each with its differences.

        >>> rows = crm.operations.raw.plan(op_id).to_records()
        """
        path = f"{PATH}/{segment(operation_id)}/plan"
        return Pages(self._transport, path, read=mapping, params={}, limit=limit)

    def errors(self, operation_id: object, limit: int | None = None) -> Pages[dict[str, Any]]:
        """List the rows that something is amiss with.

        >>> for row in crm.operations.raw.errors(op_id):
        ...     print(row["line"], row["problem"]["message"])
        """
        path = f"{PATH}/{segment(operation_id)}/errors"
        return Pages(self._transport, path, read=mapping, params={}, limit=limit)

    def errors_file(self, operation_id: object, file: str | None = None) -> Stream:
        """Read the refused rows of an import as a file in its own shape, to be mended; of several
        files, those of one.

        >>> wrong = b"".join([piece for piece in crm.operations.raw.errors_file(op_id)])
        """
        path = f"{PATH}/{segment(operation_id)}/errors-file"
        call = Call("GET", path, params={"file": file}, is_repeatable=True)
        return Stream(self._transport, call)

    def apply(self, operation_id: object, on_drift: OnDrift = "refuse") -> dict[str, Any]:
        """Apply a plan.

        >>> crm.operations.raw.apply(op_id)
        """
        return self._post(f"/{segment(operation_id)}/apply", {"on_drift": on_drift})

    def undo(
        self,
        operation_id: object,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = False,
        record: str | None = None,
    ) -> dict[str, Any]:
        """Plan to take an operation back; the answer is the undo, an operation of its own.

        `record` narrows a merge of many down to what one took part in: `contacts/ada@x.org`.

        >>> undo = crm.operations.raw.undo(op_id, yes=True)
        """
        body = {"where": where, "force_fields": force_fields, "yes": yes}
        if record is not None:
            body["record"] = record
        return self._post(f"/{segment(operation_id)}/undo", body)

    def take_back(
        self,
        what: object = None,
        where: str | None = None,
        force_fields: bool = False,
        yes: bool = False,
    ) -> dict[str, Any]:
        """Plan to take anything back; the answer is the undo, an operation of its own.

        >>> undo = crm.operations.raw.take_back("contacts/ada@x.org", yes=True)
        """
        said = None if what is None else str(what)
        body = {"what": said, "where": where, "force_fields": force_fields, "yes": yes}
        return self._sent("/v1/undo", body)

    def redo(self, operation_id: object, yes: bool = False) -> dict[str, Any]:
        """Plan to do again what was undone; the answer is an operation of its own.

        >>> again = crm.operations.raw.redo(op_id, yes=True)
        """
        return self._post(f"/{segment(operation_id)}/redo", {"yes": yes})

    def cancel(self, operation_id: object) -> dict[str, Any]:
        """Stop an operation after the rows that are being written.

        >>> crm.operations.raw.cancel(op_id)
        """
        return self._post(f"/{segment(operation_id)}/cancel", None)

    def resume(self, operation_id: object) -> dict[str, Any]:
        """Go on with an operation that was cancelled, or failed.

        >>> crm.operations.raw.resume(op_id)
        """
        return self._post(f"/{segment(operation_id)}/resume", None)

    def _post(self, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        return self._sent(f"{PATH}{path}", body)

    def _sent(self, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        sent = None if body is None else json.dumps(body, default=str).encode()
        call = creation(path, sent)._replace(is_patient=True)
        return mapping(self._transport.json(call))
