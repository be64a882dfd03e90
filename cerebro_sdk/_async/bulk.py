"""Plans for many records of one kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic, Literal

from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
from cerebro_sdk._async.resource import AsyncCalls, U
from cerebro_sdk._async.sending import AsyncRawUploads
from cerebro_sdk._async.uploads import Source


class AsyncBulk(AsyncCalls, Generic[U]):
    """Records that are imported, changed and deleted by plans."""

    async def import_plan(
        self,
        source: Source,
        *,
        preset: str | None = None,
        map: Mapping[str, str | None] | None = None,  # noqa: A002 -- the word of the API
        mapping: str | None = None,
        save_mapping: str | None = None,
        key: str | None = None,
        mode: Literal["upsert", "create", "update"] | None = None,
        missing_parent: Literal["refuse", "create", "skip"] | None = None,
        lists: Literal["replace", "append"] | None = None,
        deletes: bool = False,
        silent: bool = False,
        format: Literal["csv", "jsonl", "xlsx", "vcard"] | None = None,  # noqa: A002 -- as above
        sheet: str | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> AsyncPlannedOperation:
        """Plan to import a file: a path, bytes, or one open in binary mode; write only the plan.

        `map` is `{column: field}`, with None for a column that is not imported; `mapping` names a
        saved one, `save_mapping` saves it. `lists="append"` keeps the tags, e-mails and phones that
        records have. `deletes` deletes what was deleted at its source, `silent` keeps workflows
        out.

        >>> op = await crm.contacts.import_plan("people.csv", key="email")
        >>> print(op.summary)
        >>> await op.apply()
        >>> await op.undo()
        """
        upload = await AsyncRawUploads(self._transport).put(source)
        said = {
            "upload_id": upload["id"],
            "preset": preset,
            "map": None if map is None else dict(map),
            "mapping": mapping,
            "save_mapping": save_mapping,
            "key": key,
            "mode": mode,
            "missing_parent": missing_parent,
            "lists": lists,
            "deletes": deletes or None,
            "format": format,
            "sheet": sheet,
            "encoding": encoding,
            "delimiter": delimiter,
        }
        asked = {name: value for name, value in said.items() if value is not None}
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
