# Generated from ../_async/exports.py by tools/sync_client.py; do not edit.
"""Exports: many nouns, or all, written as files in the background and fetched when ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload
from urllib.parse import urlsplit

from cerebro_sdk import errors
from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.resource import Calls, PlainCalls, TypedCalls, Plain, R
from cerebro_sdk._sync.streams import Stream, Target, range_from, save
from cerebro_sdk._sync.transport import Call, segment
from cerebro_sdk._sync.uploads import plain_json

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.exports import Export, ExportLinks  # noqa: F401 -- in strings

L = TypeVar("L")

FolderFormat = Literal["jsonl", "csv", "parquet", "sql"]
_DOWNLOADS = "/v1/downloads/"


class ExportCalls(Calls, Generic[R, L]):
    """What can be done with exports."""

    def create(
        self,
        nouns: Sequence[str] | None = None,
        *,
        format: FolderFormat = "jsonl",  # noqa: A002 -- the word of the API
        where: Mapping[str, str] | None = None,
        since: str | None = None,
    ) -> R:
        """Ask for an export of these nouns, or of all that you may export.

        `where` is a filter by noun; with `since`, the cursor of an export before, only what changed
        after it. It is written in the background: ask for its `state` until it is `ready`, or let
        `crm.export` do all of it.

        >>> export = crm.exports.create(["contacts"], where={"contacts": "country = DE"})
        >>> print(export.id, export.state)
        """
        said = {"nouns": nouns, "format": format, "where": where, "since": since}
        body = {name: value for name, value in said.items() if value is not None}
        return self._one(Call("POST", self._path, body=plain_json(body, {})))

    def list(self, limit: int | None = None, page_size: int | None = None) -> Pages[R]:
        """List your exports, newest first, as long as they are kept.

        >>> for export in crm.exports.list():
        ...     print(export.id, export.state, export.rows)
        """
        return Pages(
            self._transport,
            self._path,
            read=lambda value: self._read(f"{self._schema}:Export", value),
            params={},
            limit=limit,
            page_size=page_size,
        )

    def get(self, export_id: object) -> R:
        """Fetch an export: how far it is, and its files.

        >>> (crm.exports.get(export.id)).state
        """
        return self._one(Call("GET", self._at(export_id), is_repeatable=True))

    def delete(self, export_id: object) -> R:
        """Delete an export with its files.

        >>> crm.exports.delete(export.id)
        """
        return self._one(Call("DELETE", self._at(export_id)))

    def link(self, export_id: object, path: str | None = None, seconds: int = 3_600) -> L:
        """Make links to the files of an export, or to one: whoever has a link fetches the file
        without signing in, for so many seconds.

        >>> links = crm.exports.link(export.id, "contacts.jsonl", seconds=86_400)
        >>> links.links[0].url
        """
        body = {"seconds": seconds, **({} if path is None else {"path": path})}
        call = Call("POST", f"{self._at(export_id)}/link", body=plain_json(body, {}))
        found: L = self._ask(call, f"{self._schema}:ExportLinks")
        return found

    @overload
    def file(
        self, export_id: object, path: str, target: None = None, *, offset: int = 0
    ) -> Stream: ...

    @overload
    def file(
        self, export_id: object, path: str, target: Target, *, offset: int = 0
    ) -> int: ...

    def file(
        self, export_id: object, path: str, target: Target | None = None, *, offset: int = 0
    ) -> Any:
        """Fetch a file of an export into a path or binary file; without one, iterate over the
        bytes. `offset` leaves out what is there already.

        >>> crm.exports.file(export.id, "contacts.jsonl", "contacts.jsonl")
        """
        return self._bytes(file_call(self._path, export_id, path, offset=offset), target)

    @overload
    def download(self, url: str, target: None = None, *, offset: int = 0) -> Stream: ...

    @overload
    def download(self, url: str, target: Target, *, offset: int = 0) -> int: ...

    def download(self, url: str, target: Target | None = None, *, offset: int = 0) -> Any:
        """Fetch a file by a link of this server's, as `file` does.

        >>> crm.exports.download(links.links[0].url, "contacts.jsonl")
        """
        parts = urlsplit(url)
        place = parts.path.find(_DOWNLOADS)
        if place < 0:
            raise errors.refused(f"{url[:100]!r} is no link to an exported file.")
        call = Call(
            "GET",
            f"{parts.path[place:]}?{parts.query}",
            headers=range_from(offset),
            is_repeatable=True,
            is_public=True,
        )
        return self._bytes(call, target)

    def _bytes(self, call: Call, target: Target | None) -> Any:
        stream = Stream(self._transport, call)
        return stream if target is None else save(stream, target)

    def _one(self, call: Call) -> R:
        export: R = self._ask(call, f"{self._schema}:Export")
        return export


class RawExports(PlainCalls, ExportCalls[Plain, Plain]):
    """Exports as plain dicts."""


class Exports(TypedCalls, ExportCalls["Export", "ExportLinks"]):
    """Exports: many nouns as files, written in the background."""

    @property
    def raw(self) -> RawExports:
        """The same with plain dicts, without importing pydantic.

        >>> (crm.exports.raw.get(export_id))["state"]
        """
        return RawExports(self._transport, self._name, self._schema)


def file_call(
    base: str, export_id: object, path: str, *, offset: int = 0, etag: str | None = None
) -> Call:
    """Return the call for a file, or for what of it lies behind an offset."""
    headers = range_from(offset)
    if headers and etag:
        headers["If-Range"] = etag
    where = f"{base}/{segment(export_id)}/files/{segment(path)}"
    return Call("GET", where, headers=headers, is_repeatable=True)
