"""Uploads: files for operations to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._async.replies import mapping, read
from cerebro_sdk._async.transport import AsyncTransport, Call, segment
from cerebro_sdk._async.uploads import Source, opened, plain_json

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.mappings import SuggestedMapping
    from cerebro_sdk.schemas.workspace.uploads import Upload

_PATH = "/v1/uploads"


class AsyncRawUploads:
    """Uploads as plain dicts."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def put(
        self, source: Source, *, upload_id: object = None, offset: int = 0
    ) -> dict[str, Any]:
        """Send a file: a path, bytes, or a file open in binary mode.

        >>> upload = await crm.uploads.raw.put("people.csv")
        >>> upload["id"], upload["size"]
        """
        with opened(source) as upload:
            params = {
                "name": upload.name,
                "upload_id": None if upload_id is None else str(upload_id),
                "offset": offset or None,
            }
            call = Call(
                "PUT",
                _PATH,
                params=params,
                body=upload,
                media_type="application/octet-stream",
                is_patient=True,
            )
            return mapping(await self._transport.json(call))

    async def get(self, upload_id: object) -> dict[str, Any]:
        """Ask how far an upload has come.

        >>> (await crm.uploads.raw.get(upload_id))["size"]
        """
        call = Call("GET", f"{_PATH}/{segment(upload_id)}", is_repeatable=True)
        return mapping(await self._transport.json(call))

    async def mapping(self, upload_id: object, noun: str, **options: Any) -> dict[str, Any]:
        """Ask what an import would take the columns for.

        >>> found = await crm.uploads.raw.mapping(upload_id, "contacts")
        >>> [(column["column"], column["field"]) for column in found["columns"]]
        """
        body = {"noun": noun, **{k: v for k, v in options.items() if v is not None}}
        path = f"{_PATH}/{segment(upload_id)}/mapping"
        call = Call("POST", path, body=plain_json(body, {}), is_patient=True)
        return mapping(await self._transport.json(call))


class AsyncUploads:
    """Files for operations to read."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @property
    def raw(self) -> AsyncRawUploads:
        """The same with plain dicts.

        >>> upload = await crm.uploads.raw.put("people.csv")
        """
        return AsyncRawUploads(self._transport)

    async def put(self, source: Source, *, upload_id: object = None, offset: int = 0) -> Upload:
        """Send a file: a path, bytes, or a file open in binary mode.

        If the connection broke, go on where it stopped: open the file, seek to the `size` that has
        arrived, and say `upload_id` and `offset`.

        >>> upload = await crm.uploads.put("people.csv")
        >>> op = await crm.operations.create("contacts.import", {"upload_id": str(upload.id)})
        """
        found = await self.raw.put(source, upload_id=upload_id, offset=offset)
        upload: Upload = read("workspace.uploads:Upload", found)
        return upload

    async def get(self, upload_id: object) -> Upload:
        """Ask how far an upload has come.

        >>> (await crm.uploads.get(upload.id)).size
        """
        upload: Upload = read("workspace.uploads:Upload", await self.raw.get(upload_id))
        return upload

    async def mapping(self, upload_id: object, noun: str, **options: Any) -> SuggestedMapping:
        """Ask what an import would take the columns for, how surely, and why; nothing is planned.

        `options` are those of an import that say how to read a file: `preset`, `map`, `mapping`,
        `key`, `format`, `sheet`, `encoding`, `delimiter`; `save_mapping` keeps what is found.

        >>> upload = await crm.uploads.put("people.csv")
        >>> found = await crm.uploads.mapping(upload.id, "contacts")
        >>> for column in found.columns:
        ...     print(column.column, column.field, column.score, column.reason)
        """
        found = await self.raw.mapping(upload_id, noun, **options)
        suggested: SuggestedMapping = read("workspace.mappings:SuggestedMapping", found)
        return suggested
