"""Files that are attached to records: sent, fetched, and handed out by links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar, overload
from urllib.parse import urlsplit

from cerebro_sdk import errors
from cerebro_sdk._async.bulk import AsyncBulk
from cerebro_sdk._async.history import AsyncHistory
from cerebro_sdk._async.resource import (
    AsyncPlainCalls,
    AsyncTypedCalls,
    AsyncWhole,
    C,
    Plain,
    R,
    Report,
    U,
)
from cerebro_sdk._async.sending import AsyncRawUploads
from cerebro_sdk._async.streams import AsyncStream, Target, range_from, save
from cerebro_sdk._async.transport import Call
from cerebro_sdk._async.uploads import Source, opened, plain_json

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.workspace.files import (  # noqa: F401
        File,
        FileCreate,
        FileLink,
        FileUpdate,
        StoredBytes,
    )
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401

B = TypeVar("B")
"""Bytes that are there."""
L = TypeVar("L")
"""A link to a file."""
_ATTACHMENTS = "/v1/attachments/"
_NAMED_AT_ONCE = 1_000
_AT_ONCE = 16 << 20
"""Larger ones are sent so that they can be gone on with when the connection breaks."""


class AsyncFileCalls(AsyncWhole[R, C, U, Report], Generic[R, C, U, Report, B, L]):
    """What can be done with files besides what can be done with every record."""

    async def add(
        self,
        source: Source,
        name: str | None = None,
        *,
        contact: object = None,
        company: object = None,
        deal: object = None,
        lead: object = None,
        quote: object = None,
        description: str | None = None,
        content_type: str | None = None,
        owner: object = None,
        team: str | None = None,
    ) -> R:
        """Attach a file to a record, or to several: a path, bytes, or a file open in binary mode.

        It is sent piece by piece, never held as a whole. A large one goes on where it stopped when
        the connection breaks. Bytes and nameless streams need a `name`.

        >>> file = await crm.files.add("offer.pdf", deal=12, description="As sent in May")
        >>> print(file.id, file.size, file.content_type)
        """
        said = {
            "content_type": content_type,
            "description": description,
            "contact": contact,
            "company": company,
            "deal": deal,
            "lead": lead,
            "quote": quote,
            "owner": owner,
            "team": team,
        }
        params = {key: str(value) for key, value in said.items() if value is not None}
        with opened(source) as upload:
            called = name or upload.name
            if not called:
                raise TypeError("give the file a name: bytes have none")
            params["name"] = called
            record: R = self._read(self._schema, await self._send(self._path, upload, params))
            return record

    async def store(self, source: Source) -> B:
        """Send bytes for files to come, which name them by their `sha256`.

        >>> stored = await crm.files.store("offer.pdf")
        >>> await crm.files.create(name="offer.pdf", sha256=stored.sha256, deal_id="12")
        """
        with opened(source) as upload:
            found = await self._send(f"{self._path}/content", upload, {})
            stored: B = self._read("workspace.files:StoredBytes", found)
            return stored

    async def missing(self, digests: Sequence[str]) -> list[str]:
        """Return which bytes have to be sent before files can name them: of these SHA-256, those
        that you neither sent before nor may read.

        >>> if await crm.files.missing([digest]):
        ...     await crm.files.store("offer.pdf")
        """
        found: list[str] = []
        for start in range(0, len(digests), _NAMED_AT_ONCE):
            named = list(digests[start : start + _NAMED_AT_ONCE])
            body = plain_json({"sha256": named}, {})
            where = f"{self._path}/content/missing"
            reply = await self._transport.json(Call("POST", where, body=body, is_repeatable=True))
            found += reply["sha256"]
        return found

    @overload
    def download(
        self, ref: object, target: None = None, *, deleted: bool = False, offset: int = 0
    ) -> AsyncStream: ...

    @overload
    async def download(
        self, ref: object, target: Target, *, deleted: bool = False, offset: int = 0
    ) -> int: ...

    def download(
        self,
        ref: object,
        target: Target | None = None,
        *,
        deleted: bool = False,
        offset: int = 0,
    ) -> Any:
        """Fetch the bytes of a file into a path or binary file; without one, iterate over them.
        `offset` leaves out what is there already.

        >>> await crm.files.download(file.id, "offer.pdf")
        """
        params = {"deleted": "include"} if deleted else {}
        where = f"{self._at(ref)}/content"
        headers = range_from(offset)
        call = Call("GET", where, params=params, headers=headers, is_repeatable=True)
        return self._bytes(call, target)

    async def link(self, ref: object, seconds: int = 3_600) -> L:
        """Make a link to a file: whoever has it fetches the file without signing in, for so many
        seconds.

        >>> (await crm.files.link(file.id, seconds=86_400)).url
        """
        call = Call("POST", f"{self._at(ref)}/link", body=plain_json({"seconds": seconds}, {}))
        link: L = await self._ask(call, "workspace.files:FileLink")
        return link

    @overload
    def shared(self, url: str, target: None = None) -> AsyncStream: ...

    @overload
    async def shared(self, url: str, target: Target) -> int: ...

    def shared(self, url: str, target: Target | None = None) -> Any:
        """Fetch a file by a link of this server's, as `download` does.

        >>> await crm.files.shared(link.url, "offer.pdf")
        """
        parts = urlsplit(url)
        place = parts.path.find(_ATTACHMENTS)
        if place < 0:
            raise errors.refused(f"{url[:100]!r} is no link to a file.")
        path = f"{parts.path[place:]}?{parts.query}"
        return self._bytes(Call("GET", path, is_repeatable=True, is_public=True), target)

    def _bytes(self, call: Call, target: Target | None) -> Any:
        stream = AsyncStream(self._transport, call)
        return stream if target is None else save(stream, target)

    async def _send(self, path: str, upload: Any, params: Mapping[str, Any]) -> Any:
        """Send bytes along with what is said of them, or ahead, if they are many."""
        size = upload.size
        if size is None or size <= _AT_ONCE:
            call = Call(
                "PUT",
                path,
                params=params,
                body=upload,
                media_type="application/octet-stream",
                is_patient=True,
            )
        else:
            held = await self._ahead(upload.file, size)
            call = Call("PUT", path, params={**params, "upload_id": held}, is_patient=True)
        return await self._transport.json(call)

    async def _ahead(self, file: BinaryIO, size: int) -> str:
        """Send bytes ahead, and go on where they stopped as long as some arrive in between."""
        uploads, begin = AsyncRawUploads(self._transport), file.tell()
        held = await uploads.put(b"")
        left = most = self._transport.options.max_retries
        while held["size"] < size:
            before = held["size"]
            file.seek(begin + before)
            try:
                held = await uploads.put(file, upload_id=held["id"], offset=before)
            except errors.ConnectionFailedError:
                held = await uploads.get(held["id"])
                left = most if held["size"] > before else left - 1
                if left < 0:
                    raise
        return str(held["id"])


class AsyncRawFiles(
    AsyncPlainCalls,
    AsyncFileCalls[Plain, Mapping[str, Any], Mapping[str, Any], Plain, Plain, Plain],
    AsyncBulk[Mapping[str, Any]],
    AsyncHistory[Plain, Plain],
):
    """Files as plain dicts."""


class AsyncFiles(
    AsyncTypedCalls,
    AsyncFileCalls["File", "FileCreate", "FileUpdate", "ImportReport", "StoredBytes", "FileLink"],
    AsyncBulk["FileUpdate"],
    AsyncHistory["TimelineEntry", "RecordDiff"],
):
    """Files: what is attached to contacts, companies, deals, leads and quotes."""

    @property
    def raw(self) -> AsyncRawFiles:
        """The same calls with plain dicts in and out, without importing pydantic.

        >>> file = await crm.files.raw.get("1a2b3c4d")
        """
        return AsyncRawFiles(self._transport, self._name, self._schema)
