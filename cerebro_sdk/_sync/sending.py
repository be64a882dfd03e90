# Generated from ../_async/sending.py by tools/sync_client.py; do not edit.
"""Uploads: files for operations to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cerebro_sdk._sync.replies import mapping, read
from cerebro_sdk._sync.transport import Transport, Call, segment
from cerebro_sdk._sync.uploads import Source, opened, plain_json

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.mappings import SuggestedMapping
    from cerebro_sdk.schemas.workspace.uploads import Upload

_PATH = "/v1/uploads"


class RawUploads:
    """Uploads as plain dicts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def put(
        self, source: Source, *, upload_id: object = None, offset: int = 0
    ) -> dict[str, Any]:
        """Send a file: a path, bytes, or a file open in binary mode.

        >>> upload = crm.uploads.raw.put("people.csv")
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
            return mapping(self._transport.json(call))

    def get(self, upload_id: object) -> dict[str, Any]:
        """Ask how far an upload has come.

        >>> (crm.uploads.raw.get(upload_id))["size"]
        """
        call = Call("GET", f"{_PATH}/{segment(upload_id)}", is_repeatable=True)
        return mapping(self._transport.json(call))

    def mapping(self, upload_id: object, noun: str, **options: Any) -> dict[str, Any]:
        """Ask what an import would take the columns for.

        >>> found = crm.uploads.raw.mapping(upload_id, "contacts")
        >>> [(column["column"], column["field"]) for column in found["columns"]]
        """
        body = {"noun": noun, **{k: v for k, v in options.items() if v is not None}}
        path = f"{_PATH}/{segment(upload_id)}/mapping"
        call = Call("POST", path, body=plain_json(body, {}), is_patient=True)
        return mapping(self._transport.json(call))


class Uploads:
    """Files for operations to read."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def raw(self) -> RawUploads:
        """The same with plain dicts.

        >>> upload = crm.uploads.raw.put("people.csv")
        """
        return RawUploads(self._transport)

    def put(self, source: Source, *, upload_id: object = None, offset: int = 0) -> Upload:
        """Send a file: a path, bytes, or a file open in binary mode.

        If the connection broke, go on where it stopped: open the file, seek to the `size` that has
        arrived, and say `upload_id` and `offset`.

        >>> upload = crm.uploads.put("people.csv")
        >>> op = crm.operations.create("contacts.import", {"upload_id": str(upload.id)})
        """
        found = self.raw.put(source, upload_id=upload_id, offset=offset)
        upload: Upload = read("workspace.uploads:Upload", found)
        return upload

    def get(self, upload_id: object) -> Upload:
        """Ask how far an upload has come.

        >>> (crm.uploads.get(upload.id)).size
        """
        upload: Upload = read("workspace.uploads:Upload", self.raw.get(upload_id))
        return upload

    def mapping(self, upload_id: object, noun: str, **options: Any) -> SuggestedMapping:
        """Ask what an import would take the columns for, how surely, and why; nothing is planned.

        `options` are those of an import that say how to read a file: `preset`, `map`, `mapping`,
        `key`, `format`, `sheet`, `encoding`, `delimiter`; `save_mapping` keeps what is found.

        >>> upload = crm.uploads.put("people.csv")
        >>> found = crm.uploads.mapping(upload.id, "contacts")
        >>> for column in found.columns:
        ...     print(column.column, column.field, column.score, column.reason)
        """
        found = self.raw.mapping(upload_id, noun, **options)
        suggested: SuggestedMapping = read("workspace.mappings:SuggestedMapping", found)
        return suggested
