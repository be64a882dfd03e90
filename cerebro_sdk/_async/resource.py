"""What nouns can do: those that are read, those that are edited, those that go in and out whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from cerebro_sdk._async.history import When, moment
from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.replies import mapping, read, schema_of
from cerebro_sdk._async.streams import AsyncStream, Target, save
from cerebro_sdk._async.transport import AsyncTransport, Call, creation, segment
from cerebro_sdk._async.uploads import Source, checked_json, opened, plain_json

if TYPE_CHECKING:
    from cerebro_sdk.schemas.query import Node
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401 -- in a string
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401

R = TypeVar("R")
C = TypeVar("C")
U = TypeVar("U")
Report = TypeVar("Report")

Deleted = Literal["exclude", "only", "include"]
FileFormat = Literal["csv", "jsonl", "xlsx", "vcard", "parquet", "sql"]
Names = str | Sequence[str]
Plain = dict[str, Any]


class AsyncCalls:
    """The calls below one address, typed or plain."""

    def __init__(self, transport: AsyncTransport, name: str, schema: str) -> None:
        self._transport = transport
        self._name = name
        self._path = f"/v1/{name}"
        self._schema = schema

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    def _at(self, ref: object) -> str:
        return f"{self._path}/{segment(ref)}"

    def _verb(self, ref: object, verb: str, *, dry_run: bool) -> Call:
        """Return the call of a verb that comes to the same when it is sent again."""
        path = f"{self._at(ref)}/{verb}"
        return Call("POST", path, params=tried(dry_run), is_repeatable=True)

    async def _ask(self, call: Call, reply: str = "") -> Any:
        """Make a call and read its reply: as a record, unless another schema is named."""
        return self._read(reply or self._schema, await self._transport.json(call))

    def _read(self, schema: str, value: Any) -> Any:
        raise NotImplementedError

    def _body(self, schema: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        raise NotImplementedError


class AsyncPlainCalls(AsyncCalls):
    """With plain dicts in and out: nothing is checked here, and pydantic stays out."""

    def _read(self, schema: str, value: Any) -> Any:
        return mapping(value)

    def _body(self, schema: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        return plain_json(payload, fields)


class AsyncTypedCalls(AsyncCalls):
    """With wire schemas in and out."""

    def _read(self, schema: str, value: Any) -> Any:
        return read(schema, value)

    def _body(self, schema: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        return checked_json(schema_of(schema), payload, fields)


class AsyncReadable(AsyncCalls, Generic[R]):
    """Records that are listed and read."""

    def list(
        self,
        where: str | None = None,
        sort: Names | None = None,
        limit: int | None = None,
        deleted: Deleted = "exclude",
        page_size: int | None = None,
        *,
        as_of: When | None = None,
    ) -> AsyncPages[R]:
        """List records, lazily: `limit` counts over all pages, None means all.

        With `as_of` as they were at a moment: a day (to its end), a time with its zone,
        `now - 30d`, or `seq:812`.

        >>> async for company in crm.companies.list("industry = finance", sort="-employees"):
        ...     print(company.name)
        """
        params = {
            "where": where,
            "sort": _joined(sort),
            "deleted": _unless(deleted, "exclude"),
            "as_of": moment(as_of),
        }
        return AsyncPages(
            self._transport,
            self._path,
            read=lambda value: self._read(self._schema, value),
            params=params,
            limit=limit,
            page_size=page_size,
        )

    def search(
        self,
        where: Node | Mapping[str, Any] | None = None,
        sort: Names | None = None,
        limit: int | None = None,
        deleted: Deleted = "exclude",
        page_size: int | None = None,
        *,
        as_of: When | None = None,
    ) -> AsyncPages[R]:
        """List records by a filter that is a tree (`cerebro_sdk.schemas.query`, or as plain JSON).

        >>> filter = {"op": "=", "field": "industry", "value": {"word": "finance"}}
        >>> crm.companies.search(filter, sort="-employees").first()
        """
        tree = where if where is None or isinstance(where, Mapping) else where.model_dump()
        body = {"where": tree, "sort": _joined(sort), "deleted": deleted}
        if as_of is not None:
            body["as_of"] = moment(as_of)
        return AsyncPages(
            self._transport,
            f"{self._path}/search",
            read=lambda value: self._read(self._schema, value),
            params={},
            limit=limit,
            page_size=page_size,
            body=body,
        )

    async def get(
        self,
        ref: object,
        deleted: Literal["exclude", "include"] = "exclude",
        *,
        as_of: When | None = None,
    ) -> R:
        """Fetch one record by id, natural key, `source:external-id` or the end of its id.

        With `as_of` as it was at a moment; its key is the one that it had then.

        >>> company = await crm.companies.get("acme.com")
        >>> before = await crm.companies.get("acme.com", as_of="2026-09-01")
        """
        params = {"deleted": _unless(deleted, "exclude"), "as_of": moment(as_of)}
        call = Call("GET", self._at(ref), params=params, is_repeatable=True)
        record: R = await self._ask(call)
        return record


class AsyncEdited(AsyncReadable[R], Generic[R, C, U]):
    """Records that are kept by hand."""

    async def create(
        self,
        payload: C | None = None,
        *,
        allow_duplicates: bool = False,
        allow_invalid: bool = False,
        dry_run: bool = False,
        **fields: Any,
    ) -> R:
        """Create a record from fields, or from a payload; safe to be sent again by itself.

        A company or contact that is probably there already is refused with a ConflictError, whose
        `candidates` say which it may be and why; `allow_duplicates` creates it all the same.
        `allow_invalid` keeps phone numbers that cannot be read, flagged. With `dry_run`, here and
        elsewhere, nothing is kept: it returns what would be, or raises what would be raised.

        >>> company = await crm.companies.create(name="Acme", domain="acme.com")
        """
        body = self._body(f"{self._schema}Create", payload, fields)
        params = {
            "allow_duplicates": allow_duplicates or None,
            "allow_invalid": allow_invalid or None,
            **tried(dry_run),
        }
        record: R = await self._ask(creation(self._path, body, params=params))
        return record

    async def update(
        self,
        ref: object,
        payload: U | None = None,
        *,
        version: int | None = None,
        allow_invalid: bool = False,
        dry_run: bool = False,
        **fields: Any,
    ) -> R:
        """Change the fields that are given; None empties one, what is left out stays.

        With `version`, only if the record still has it: else PreconditionFailedError.
        `allow_invalid` keeps phone numbers that cannot be read, flagged.

        >>> await crm.companies.update("acme.com", employees=43, version=company.version)
        """
        body = self._body(f"{self._schema}Update", payload, fields)
        params = {"allow_invalid": allow_invalid or None, **tried(dry_run)}
        headers = if_match(version)
        call = Call("PATCH", self._at(ref), params=params, headers=headers, body=body)
        record: R = await self._ask(call)
        return record

    async def delete(self, ref: object, version: int | None = None, *, dry_run: bool = False) -> R:
        """Delete a record; it can be restored. With `version`, only if it still has it.

        >>> gone = await crm.companies.delete("acme.com")
        """
        headers = if_match(version)
        call = Call("DELETE", self._at(ref), params=tried(dry_run), headers=headers)
        record: R = await self._ask(call)
        return record

    async def restore(self, ref: object, *, dry_run: bool = False) -> R:
        """Bring a deleted record back.

        >>> company = await crm.companies.restore(gone.id)
        """
        call = Call("POST", f"{self._at(ref)}/restore", params=tried(dry_run))
        record: R = await self._ask(call)
        return record


class AsyncKept(AsyncEdited[R, C, U], Generic[R, C, U]):
    """Records that are kept until they are destroyed."""

    async def destroy(self, ref: object, *, dry_run: bool = False) -> R:
        """Remove a deleted record for good, with its links; returns it as it was.

        >>> gone = await crm.contacts.delete("ada@example.com")
        >>> await crm.contacts.destroy(gone.id)
        """
        call = Call("POST", f"{self._at(ref)}/destroy", params=tried(dry_run))
        record: R = await self._ask(call)
        return record


class AsyncImporting(AsyncCalls, Generic[Report]):
    """Records that come in as files."""

    async def import_(
        self,
        source: Source,
        *,
        preset: str | None = None,
        dry_run: bool = False,
        encoding: str | None = None,
        delimiter: str | None = None,
        map: Mapping[str, str | None] | None = None,  # noqa: A002 -- the word of the API
        key: str | None = None,
        format: Literal["csv", "jsonl", "xlsx", "vcard"] | None = None,  # noqa: A002 -- as above
        sheet: str | None = None,
        missing_parent: Literal["refuse", "create", "skip"] | None = None,
        lists: Literal["replace", "append"] | None = None,
    ) -> Report:
        """Import a file (CSV, JSON lines, XLSX, vCards): a path, bytes, or one open in binary mode.

        `map` is `{column: field}`, with None for a column that is not imported. `lists="append"`
        keeps the tags, e-mails and phones that records have. The answer is waited for up to 15
        minutes; `deadline` sets another end.

        >>> report = await crm.companies.import_("accounts.csv", preset="salesforce", dry_run=True)
        >>> print(report.created, report.refused)
        """
        with opened(source) as upload:
            params = {
                "preset": preset,
                "dry_run": dry_run or None,
                "encoding": encoding,
                "delimiter": delimiter,
                "map": None if map is None else json.dumps(dict(map)),
                "key": key,
                "format": format,
                "sheet": sheet,
                "missing_parent": missing_parent,
                "lists": lists,
            }
            call = Call(
                "POST",
                f"{self._path}/import",
                params=params,
                body=upload,
                media_type="text/csv",
                is_patient=True,
            )
            report: Report = await self._ask(call, "workspace.imports:ImportReport")
            return report


class AsyncExporting(AsyncCalls):
    """Records that go out as files."""

    @overload
    def export(
        self,
        target: None = None,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: FileFormat = "csv",
        columns: Names | None = None,
        since: str | None = None,
        part: Literal["records", "gone"] = "records",
    ) -> AsyncStream: ...

    @overload
    async def export(
        self,
        target: Target,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: FileFormat = "csv",
        columns: Names | None = None,
        since: str | None = None,
        part: Literal["records", "gone"] = "records",
    ) -> int: ...

    def export(
        self,
        target: Target | None = None,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: FileFormat = "csv",  # noqa: A002 -- the word of the API
        columns: Names | None = None,
        since: str | None = None,
        part: Literal["records", "gone"] = "records",
    ) -> Any:
        """Export records into a path or binary file; without one, iterate over the bytes.

        With `since`, a cursor, only those that changed after it; the stream's `cursor` is where the
        next export goes on. `part="gone"` gives those that are there no more, as JSON lines.

        >>> written = await crm.companies.export("companies.csv", where="state in (CO, PA)")
        """
        params = {
            **{"where": where, "sort": _joined(sort), "format": format},
            "columns": _joined(columns),
            "since": since,
            "part": _unless(part, "records"),
        }
        call = Call("GET", f"{self._path}/export", params=params, is_repeatable=True)
        stream = AsyncStream(self._transport, call)
        return stream if target is None else save(stream, target)


class AsyncSheet(
    AsyncEdited[R, C, U], AsyncImporting[Report], AsyncExporting, Generic[R, C, U, Report]
):
    """Records that also go in and out as files."""


class AsyncWhole(AsyncKept[R, C, U], AsyncSheet[R, C, U, Report], Generic[R, C, U, Report]):
    """Records that go in and out as files, and are kept until they are destroyed."""


def _joined(names: Names | None) -> str | None:
    return names if names is None or isinstance(names, str) else ",".join(names)


def _unless(value: str, usual: str) -> str | None:
    return None if value == usual else value


def if_match(version: int | None) -> dict[str, str]:
    """Return the header that makes a change conditional; without a version, none."""
    return {} if version is None else {"If-Match": f'"{version}"'}


def tried(dry_run: bool) -> dict[str, bool]:
    """Return the parameter that makes a call a dry run; of any other, none."""
    return {"dry_run": True} if dry_run else {}
