# Generated from ../_async/bulk.py by tools/sync_client.py; do not edit.
"""Plans for many records of one kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic

from cerebro_sdk._sync.operations import Operations, PlannedOperation
from cerebro_sdk._sync.resource import Calls, U
from cerebro_sdk._sync.sending import RawUploads
from cerebro_sdk._sync.uploads import Source


class Bulk(Calls, Generic[U]):
    """Records that are imported, changed and deleted by plans."""

    def import_plan(self, source: Source, **options: Any) -> PlannedOperation:
        """Plan to import a file (CSV, JSON lines, XLSX); nothing is written but the plan.

        The source is a path, bytes, or a file open in binary mode. Options: `preset`, `columns`
        (`{column: field or None}`), `key`, `mode` (`upsert`, `create`, `update`), `format`,
        `sheet`, `encoding`, `delimiter`, `missing_parent` (`create`, `refuse`, `skip`), `deletes`;
        `silent` keeps workflows out.

        >>> op = crm.contacts.import_plan("people.csv", key="email")
        >>> print(op.summary)
        >>> op.apply()
        >>> op.undo()
        """
        upload = RawUploads(self._transport).put(source)
        silent = options.pop("silent", False)
        asked = {**options, "upload_id": upload["id"]}
        return self._planned("import", asked, silent=silent)

    def update_plan(
        self, where: str | None = None, payload: U | None = None, **fields: Any
    ) -> PlannedOperation:
        """Plan to change fields of all records that fit a filter; nothing is written yet.

        >>> op = crm.contacts.update_plan("company.name = Acme", owner_id="me")
        >>> print(op.summary)
        >>> op.apply()
        """
        values = json.loads(self._body(f"{self._schema}Update", payload, fields))
        asked = {"where": where, "values": values}
        return self._planned("update", asked)

    def delete_plan(self, where: str | None = None) -> PlannedOperation:
        """Plan to delete all records that fit a filter; nothing is written yet.

        >>> op = crm.contacts.delete_plan("updated_at < now - 5y")
        >>> op.apply()
        >>> op.undo()
        """
        return self._planned("delete", {"where": where})

    def _planned(
        self, verb: str, asked: Mapping[str, Any], **options: Any
    ) -> PlannedOperation:
        made: PlannedOperation = Operations(self._transport).create(
            f"{self._name}.{verb}", asked, **options
        )
        return made
