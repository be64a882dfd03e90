"""What every noun can do: list, get, create, update, delete, restore, import, export."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from cerebro_sdk import errors
from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.streams import AsyncStream, Target, save
from cerebro_sdk._async.transport import AsyncTransport, Call, segment
from cerebro_sdk._async.uploads import Source, checked_json, opened, plain_json

if TYPE_CHECKING:
    import pydantic

    from cerebro_sdk.schemas.workspace.imports import ImportReport

R = TypeVar("R")
C = TypeVar("C")
U = TypeVar("U")
Report = TypeVar("Report")

Deleted = Literal["exclude", "only", "include"]
Names = str | Sequence[str]
REPORT = "workspace.imports:ImportReport"


class AsyncRecords(Generic[R, C, U, Report]):
    """The calls that all kinds of record have in common."""

    def __init__(self, transport: AsyncTransport, name: str, schema: str) -> None:
        self._transport = transport
        self._name = name
        self._path = f"/v1/{name}"
        self._schema = schema

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    def list(
        self,
        where: str | None = None,
        sort: Names | None = None,
        limit: int | None = None,
        deleted: Deleted = "exclude",
        page_size: int | None = None,
    ) -> AsyncPages[R]:
        """List records, lazily: `limit` counts over all pages, None means all.

        >>> async for company in crm.companies.list("industry = finance", sort="-employees"):
        ...     print(company.name)
        """
        params = {"where": where, "sort": _joined(sort), "deleted": _unless(deleted, "exclude")}
        return AsyncPages(
            self._transport,
            self._path,
            read=self._record,
            params=params,
            limit=limit,
            page_size=page_size,
        )

    async def get(self, ref: object, deleted: Literal["exclude", "include"] = "exclude") -> R:
        """Fetch one record by id, natural key, `source:external-id` or the end of its id.

        >>> company = await crm.companies.get("acme.com")
        """
        params = {"deleted": _unless(deleted, "exclude")}
        return self._record(
            await self._transport.json(
                Call("GET", self._at(ref), params=params, is_repeatable=True)
            )
        )

    async def create(self, payload: C | None = None, **fields: Any) -> R:
        """Create a record from fields, or from a payload; safe to be sent again by itself.

        >>> company = await crm.companies.create(name="Acme", domain="acme.com")
        """
        # made once, so that all tries of this call make one record; a string of RFC 8941
        key = {"Idempotency-Key": f'"{os.urandom(16).hex()}"'}
        body = self._body("Create", payload, fields)
        return self._record(
            await self._transport.json(
                Call("POST", self._path, headers=key, body=body, is_repeatable=True)
            )
        )

    async def update(
        self, ref: object, payload: U | None = None, *, version: int | None = None, **fields: Any
    ) -> R:
        """Change the fields that are given; None empties one, what is left out stays.

        With `version`, only if the record still has it: else PreconditionFailedError.

        >>> await crm.companies.update("acme.com", employees=43, version=company.version)
        """
        body = self._body("Update", payload, fields)
        return self._record(
            await self._transport.json(
                Call("PATCH", self._at(ref), headers=_if_match(version), body=body)
            )
        )

    async def delete(self, ref: object, version: int | None = None) -> R:
        """Delete a record; it can be restored. With `version`, only if it still has it.

        >>> gone = await crm.companies.delete("acme.com")
        """
        return self._record(
            await self._transport.json(Call("DELETE", self._at(ref), headers=_if_match(version)))
        )

    async def restore(self, ref: object) -> R:
        """Bring a deleted record back.

        >>> company = await crm.companies.restore(gone.id)
        """
        return self._record(await self._transport.json(Call("POST", f"{self._at(ref)}/restore")))

    async def import_(
        self,
        source: Source,
        *,
        preset: str | None = None,
        dry_run: bool = False,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> Report:
        """Import a CSV file: a path, bytes, or a file open in binary mode.

        The answer is waited for up to 15 minutes; `deadline` sets another end.

        >>> report = await crm.companies.import_("accounts.csv", preset="salesforce", dry_run=True)
        >>> print(report.created, report.refused)
        """
        with opened(source) as upload:
            params = {
                "preset": preset,
                "dry_run": dry_run or None,
                "encoding": encoding,
                "delimiter": delimiter,
            }
            call = Call(
                "POST",
                f"{self._path}/import",
                params=params,
                body=upload,
                media_type="text/csv",
                is_patient=True,
            )
            return self._report(await self._transport.json(call))

    @overload
    def export(
        self,
        target: None = None,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: Literal["csv", "jsonl"] = "csv",
        columns: Names | None = None,
    ) -> AsyncStream: ...

    @overload
    async def export(
        self,
        target: Target,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: Literal["csv", "jsonl"] = "csv",
        columns: Names | None = None,
    ) -> int: ...

    def export(
        self,
        target: Target | None = None,
        *,
        where: str | None = None,
        sort: Names | None = None,
        format: Literal["csv", "jsonl"] = "csv",  # noqa: A002 -- the word of the API
        columns: Names | None = None,
    ) -> Any:
        """Export records into a path or binary file; without one, iterate over the bytes.

        >>> written = await crm.companies.export("companies.csv", where="state in (CO, PA)")
        """
        params = {
            "where": where,
            "sort": _joined(sort),
            "format": format,
            "columns": _joined(columns),
        }
        call = Call("GET", f"{self._path}/export", params=params, is_repeatable=True)
        stream = AsyncStream(self._transport, call)
        return stream if target is None else save(stream, target)

    def _at(self, ref: object) -> str:
        return f"{self._path}/{segment(ref)}"

    def _record(self, value: Any) -> R:
        raise NotImplementedError

    def _report(self, value: Any) -> Report:
        raise NotImplementedError

    def _body(self, kind: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        raise NotImplementedError


class AsyncRawResource(
    AsyncRecords[dict[str, Any], Mapping[str, Any], Mapping[str, Any], dict[str, Any]]
):
    """The same calls with plain dicts in and out: nothing is checked here, pydantic stays out.

    >>> [c["name"] async for c in crm.companies.raw.list(limit=10)]
    """

    def _record(self, value: Any) -> dict[str, Any]:
        return _mapping(value)

    def _report(self, value: Any) -> dict[str, Any]:
        return _mapping(value)

    def _body(self, kind: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        return plain_json(payload, fields)


class AsyncResource(AsyncRecords[R, C, U, "ImportReport"]):
    """One kind of record, typed: `crm.companies`, for example."""

    @property
    def raw(self) -> AsyncRawResource:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> company = await crm.companies.raw.get("acme.com")
        >>> company["name"]
        """
        return AsyncRawResource(self._transport, self._name, self._schema)

    def _record(self, value: Any) -> R:
        record: R = read(self._schema, value)
        return record

    def _report(self, value: Any) -> ImportReport:
        report: ImportReport = read(REPORT, value)
        return report

    def _body(self, kind: str, payload: Any, fields: Mapping[str, Any]) -> bytes:
        return checked_json(schema(f"{self._schema}{kind}"), payload, fields)


class AsyncNoun(Generic[R, C, U]):
    """Declares a kind of record on the client, in one line.

    >>> class Crm(AsyncResources):
    ...     deals: AsyncNoun[Deal, DealCreate, DealUpdate] = AsyncNoun("sales.deals:Deal")
    """

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: object, owner: type) -> AsyncResource[R, C, U]: ...

    def __get__(self, client: Any, owner: type) -> Self | AsyncResource[R, C, U]:
        """Return the resource, made at first use."""
        if client is None:
            return self
        resource: AsyncResource[R, C, U] = AsyncResource(
            client._transport, self._name, self._schema
        )
        client.__dict__[self._name] = resource
        return resource


@cache
def schema(path: str) -> type[pydantic.BaseModel]:
    """Import a wire schema: `contacts.companies:Company`."""
    module, _, name = path.partition(":")
    found: type[pydantic.BaseModel] = getattr(import_module(f"cerebro_sdk.schemas.{module}"), name)
    return found


def read(path: str, value: Any) -> Any:
    """Read what the server sent as a wire schema."""
    from pydantic import ValidationError  # by now the schema has imported it

    try:
        return schema(path).model_validate(value)
    except ValidationError as error:
        name = path.partition(":")[2]
        detail = f"The server's reply does not fit {name}: {error.errors()[0]['msg']}"
        raise errors.unexpected(200, detail) from error


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.unexpected(200, "The server did not answer with a JSON object.")
    return value


def _joined(names: Names | None) -> str | None:
    return names if names is None or isinstance(names, str) else ",".join(names)


def _unless(value: str, usual: str) -> str | None:
    return None if value == usual else value


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
