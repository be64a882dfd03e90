"""Plans for many records of one kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic

from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
from cerebro_sdk._async.resource import AsyncCalls, U
from cerebro_sdk._async.sending import AsyncRawUploads
from cerebro_sdk._async.uploads import Source


class AsyncBulk(AsyncCalls, Generic[U]):
    """Records that are imported, changed and deleted by plans."""

    async def import_plan(self, source: Source, **options: Any) -> AsyncPlannedOperation:
        """Plan to import a file (CSV, JSON lines, XLSX); nothing is written but the plan.

        The source is a path, bytes, or a file open in binary mode. Options: `preset`, `columns`
        (`{column: field or None}`), `key`, `mode` (`upsert`, `create`, `update`), `format`,
        `sheet`, `encoding`, `delimiter`, `missing_parent` (`create`, `refuse`, `skip`), `deletes`;
        `silent` keeps workflows out.

        >>> op = await crm.contacts.import_plan("people.csv", key="email")
        >>> print(op.summary)
        >>> await op.apply()
        >>> await op.undo()
        """
        upload = await AsyncRawUploads(self._transport).put(source)
        silent = options.pop("silent", False)
        asked = {**options, "upload_id": upload["id"]}
        return await self._planned("import", asked, silent=silent)

    async def update_plan(
        self, where: str | None = None, payload: U | None = None, **fields: Any
    ) -> AsyncPlannedOperation:
        """Plan to change fields of all records that fit a filter; nothing is written yet.

        >>> op = await crm.contacts.update_plan("company.name = Acme", owner_id="me")
        >>> print(op.summary)
        >>> await op.apply()
        """
        values = json.loads(self._body(f"{self._schema}Update", payload, fields))
        asked = {"where": where, "values": values}
        return await self._planned("update", asked)

    async def delete_plan(self, where: str | None = None) -> AsyncPlannedOperation:
        """Plan to delete all records that fit a filter; nothing is written yet.

        >>> op = await crm.contacts.delete_plan("updated_at < now - 5y")
        >>> await op.apply()
        >>> await op.undo()
        """
        return await self._planned("delete", {"where": where})

    async def _planned(
        self, verb: str, asked: Mapping[str, Any], **options: Any
    ) -> AsyncPlannedOperation:
        made: AsyncPlannedOperation = await AsyncOperations(self._transport).create(
            f"{self._name}.{verb}", asked, **options
        )
        return made
