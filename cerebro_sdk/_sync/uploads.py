# Generated from ../_async/uploads.py by tools/sync_client.py; do not edit.
"""What goes up: payloads as JSON, files piece by piece."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cerebro_sdk import _http, errors

if TYPE_CHECKING:
    import pydantic

Source = str | os.PathLike[str] | bytes | BinaryIO


class Upload:
    """A file on its way to the server."""

    def __init__(self, file: BinaryIO, *, name: str | None = None) -> None:
        self.name = name
        self._file = file

    @property
    def file(self) -> BinaryIO:
        """What it is read from."""
        return self._file

    @property
    def size(self) -> int | None:
        """Bytes from here to the end; None for a pipe."""
        try:
            here = self._file.tell()
            end = self._file.seek(0, io.SEEK_END)
            self._file.seek(here)
        except (OSError, AttributeError):
            return None
        return end - here

    def chunks(self) -> Iterator[bytes]:
        """Read it, piece by piece."""
        while chunk := self._file.read(_http.PIECE):
            if not isinstance(chunk, bytes):
                raise TypeError("the file is open as text; open it with mode 'rb'")
            yield chunk


def opened(source: Source) -> AbstractContextManager[Upload]:
    """Open a path; take bytes and open files as they are. A file that was open stays open."""
    if isinstance(source, str | os.PathLike):
        return _path(Path(source))
    if isinstance(source, bytes):
        return nullcontext(Upload(io.BytesIO(source)))
    name = getattr(source, "name", None)
    return nullcontext(Upload(source, name=Path(name).name if isinstance(name, str) else None))


@contextmanager
def _path(path: Path) -> Iterator[Upload]:
    with path.open("rb") as file:
        yield Upload(file, name=path.name)


def plain_json(payload: Any, fields: Mapping[str, Any]) -> bytes:
    """Write a payload as it is."""
    try:
        return json.dumps(_one_of(payload, fields), default=_plain, allow_nan=False).encode()
    except ValueError as error:
        raise errors.refused(f"The payload cannot be written as JSON: {error}.") from error


def batches(
    records: Iterable[Mapping[str, Any] | pydantic.BaseModel], size: int | None
) -> Iterator[list[Any]]:
    """Give records as plain JSON, so many at a time; all at once without a size."""
    rest = iter(records)
    while items := [_plain_record(record) for record in islice(rest, size)]:
        yield items


def _plain_record(record: Mapping[str, Any] | pydantic.BaseModel) -> dict[str, Any]:
    if isinstance(record, Mapping):
        return dict(record)
    if not hasattr(record, "model_dump"):
        raise TypeError(f"expected a record as a mapping or a schema, got {type(record).__name__}")
    return record.model_dump(mode="json", exclude_unset=True)


def checked_json(model: type[pydantic.BaseModel], payload: Any, fields: Mapping[str, Any]) -> bytes:
    """Write what was set of a payload; fields are checked against the model first."""
    content = _one_of(payload, fields)
    if not isinstance(content, model):
        if not isinstance(content, Mapping):
            raise TypeError(f"expected {model.__name__}, got {type(content).__name__}")
        content = _checked(model, content)
    return content.model_dump_json(exclude_unset=True).encode()


def _checked(model: type[pydantic.BaseModel], fields: Mapping[str, Any]) -> pydantic.BaseModel:
    from pydantic import ValidationError

    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        listed = [
            {
                "pointer": "".join(f"/{part}" for part in entry["loc"]),
                "code": entry["type"],
                "detail": _told(entry["msg"], entry["type"], entry["loc"], model),
            }
            for entry in found
        ]
    raise errors.refused("One or more fields are wrong", listed)


def _told(said: str, code: str, where: Sequence[Any], model: type[pydantic.BaseModel]) -> str:
    if code == "missing":
        return "is required"
    if code != "extra_forbidden":
        return said
    from difflib import get_close_matches  # only to explain a typing error

    close = get_close_matches(str(where[-1]), model.model_fields, n=1)
    return "is not a field of this record" + (f"; did you mean {close[0]}?" if close else "")


def _one_of(payload: Any, fields: Mapping[str, Any]) -> Any:
    if payload is not None and fields:
        raise TypeError("give a payload or fields, not both")
    return fields if payload is None else payload


def _plain(value: Any) -> str:
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
