"""Plans for many records of one kind."""

from __future__ import annotations

import json
import warnings
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal

from cerebro_sdk import errors
from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
from cerebro_sdk._async.replies import read
from cerebro_sdk._async.resource import AsyncCalls, U, tried
from cerebro_sdk._async.sending import AsyncRawUploads
from cerebro_sdk._async.transport import creation
from cerebro_sdk._async.uploads import Source, batches, plain_json

if TYPE_CHECKING:
    import pydantic

    from cerebro_sdk.schemas.workspace.batches import ItemResult


_BATCH = 5_000


class AsyncImportPlans(AsyncCalls):
    """Records that are imported by plans."""

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
        all_or_nothing: bool = False,
        format: Literal["csv", "jsonl", "xlsx", "vcard"] | None = None,  # noqa: A002 -- as above
        sheet: str | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> AsyncPlannedOperation:
        """Plan to import a file: a path, bytes, or one open in binary mode; write only the plan.

        `map` is `{column: field}`, with None for a column that is not imported; `mapping` names a
        saved one, `save_mapping` saves it. `lists="append"` keeps the tags, e-mails and phones that
        records have. `deletes` deletes what was deleted at its source, `silent` keeps workflows
        out, `all_or_nothing` writes up to 10 000 rows, or none.

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
        return await self._planned("import", asked, silent=silent, all_or_nothing=all_or_nothing)

    async def _planned(
        self, verb: str, asked: Mapping[str, Any], **options: Any
    ) -> AsyncPlannedOperation:
        made: AsyncPlannedOperation = await AsyncOperations(self._transport).create(
            f"{self._name}.{verb}", asked, **options
        )
        return made


class AsyncBulk(AsyncImportPlans, Generic[U]):
    """Records that are imported, changed and deleted by plans."""

    async def write_many(
        self,
        records: Iterable[Mapping[str, Any] | pydantic.BaseModel],
        *,
        mode: Literal["upsert", "create", "update"] = "upsert",
        key: str | None = None,
        lists: Literal["replace", "append"] = "replace",
        missing_parent: Literal["refuse", "create", "skip"] | None = None,
        all_or_nothing: bool = False,
        dry_run: bool = False,
    ) -> AsyncIterator[ItemResult]:
        """Create and update any number of records, in requests of up to 5 000; give what came of
        each, in their order. One that is wrong is refused, and the others are written. A request is
        sent when its first result is asked for: what is not iterated over is not written.

        `all_or_nothing` writes up to 10 000 in one transaction, or raises a ConflictError. Each
        request is an operation, and safe to be sent again by itself; with `dry_run` none is kept.
        Keys that hold values but are no fields are left out, with a UserWarning.

        >>> async for result in crm.contacts.write_many(people, key="email"):
        ...     print(result.index, result.result, result.id, result.errors)
        """
        said = {
            "mode": mode,
            "key": key,
            "lists": lists,
            "missing_parent": missing_parent,
            "all_or_nothing": all_or_nothing,
        }
        start = 0
        for items in batches(records, None if all_or_nothing else _BATCH):
            body = plain_json({**said, "items": items}, {})
            call = creation(f"{self._path}/batch", body, params=tried(dry_run))
            call = call._replace(is_patient=True)
            found = read("workspace.batches:BatchReport", await self._transport.json(call))
            if found.ignored:
                names = ", ".join(found.ignored)
                warnings.warn(f"Keys that are no fields were left out: {names}", stacklevel=2)
            for result in found.items:
                yield result.model_copy(update={"index": start + result.index})
            start += len(items)

    async def update_plan(
        self,
        where: str | None = None,
        payload: U | None = None,
        *,
        all_or_nothing: bool = False,
        **fields: Any,
    ) -> AsyncPlannedOperation:
        """Plan to change fields of all records that fit a filter; nothing is written yet.

        >>> op = await crm.contacts.update_plan("company.name = Acme", owner_id="me")
        >>> print(op.summary)
        >>> await op.apply()
        """
        values = json.loads(self._body(f"{self._schema}Update", payload, fields))
        asked = {"where": where, "values": values}
        return await self._planned("update", asked, all_or_nothing=all_or_nothing)

    async def delete_plan(
        self, where: str | None = None, *, all_or_nothing: bool = False
    ) -> AsyncPlannedOperation:
        """Plan to delete all records that fit a filter; nothing is written yet.

        >>> op = await crm.contacts.delete_plan("updated_at < now - 5y")
        >>> await op.apply()
        >>> await op.undo()
        """
        return await self._planned("delete", {"where": where}, all_or_nothing=all_or_nothing)

    async def merge_plan(
        self,
        into: object,
        records: Sequence[object],
        *,
        take: Mapping[str, object] | None = None,
        **values: Any,
    ) -> AsyncPlannedOperation:
        """Plan to make one record of several: `into` stays, and gets what it lacks from `records`.

        `take` says whose value a field gets, `values` says the value itself. What named the others
        names it then, and their ids lead to it. All of it is written, or nothing.

        >>> op = await crm.contacts.merge_plan("ada@x.org", ["eve@x.org"], job_title="CTO")
        >>> for row in op.plan():
        ...     print(row.action, row.label, [change.text for change in row.changes])
        >>> await op.apply()
        >>> await op.undo()
        """
        asked = {"into": into, "records": records, "take": take, "values": values}
        return await self._planned("merge", self._group(asked))

    async def merge_pairs_plan(self, pairs: Iterable[Mapping[str, Any]]) -> AsyncPlannedOperation:
        """Plan up to 10 000 merges in one operation; each is `{into, records, take, values}`, as
        for `merge_plan`, the last two left out where there is nothing to say.

        >>> pairs = [{"into": "ada@x.org", "records": ["eve@x.org"]}]
        >>> op = await crm.contacts.merge_pairs_plan(pairs)
        >>> await op.apply()
        """
        return await self._planned("merge", {"pairs": [self._group(each) for each in pairs]})

    def _group(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        records = [str(each) for each in asked["records"]]
        said: dict[str, Any] = {"into": str(asked["into"]), "records": records}
        if take := asked.get("take"):
            said["take"] = {field: str(whose) for field, whose in take.items()}
        if values := asked.get("values"):
            said["values"] = json.loads(self._body(f"{self._schema}Update", None, values))
        return said

    async def split(self, ref: object, *, yes: bool = True) -> AsyncPlannedOperation:
        """Take back the last merge that a record took part in, and wait for the end; returns the
        undo.

        What was changed since stays as it is. With `yes=False` it is planned only. Raises
        `NotFoundError` where no merge is in force.

        >>> undo = await crm.contacts.split("eve@x.org")
        >>> print(undo.summary)
        """
        operations = AsyncOperations(self._transport)
        record, kind = f"{self._name}/{ref}", f"{self._name}.merge"
        async for merge in operations.list("applied", kind, limit=1, record=record):
            return await operations.undo(merge.id, force_fields=True, yes=yes, record=record)
        said = f"{record} took part in no merge that is in force, or in none that you may see."
        raise errors.NotFoundError(status=404, problem={"code": "not_found", "detail": said})
