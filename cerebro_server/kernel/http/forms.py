"""What plain HTML forms send: fields in the order in which they came, within limits.

`application/x-www-form-urlencoded` as the URL standard has it, `multipart/form-data` as RFC 7578.
Both are read here rather than by a library: a form of text fields is small, and nothing of it may
be written to a disk, nest, or take longer than its length.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from cerebro_server.kernel.errors import BadRequest, ValidationFailed
from cerebro_server.kernel.http.body import chunks

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
FORMS: Final = (URLENCODED, MULTIPART)
MOST_FIELDS: Final = 200
_HEAD_BYTES: Final = 4_000
_BOUNDARY: Final = re.compile(
    r""";\s*boundary=(?:"([^"\r\n]{1,70})"|([!#$%&'*+.^_`|~0-9A-Za-z-]{1,70}))\s*(?:;|$)""", re.I
)
_DISPOSITION: Final = re.compile(rb"content-disposition[ \t]*:[ \t]*form-data[ \t]*(;.*)", re.I)
_PARAMETER: Final = re.compile(
    rb';[ \t]*([a-z*]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;" \t]*))', re.I
)
_TEXT: Final = "The form is not text in UTF-8: give its page the charset utf-8."

Fields = list[tuple[str, str]]
"""Names and values as they came; a name may come several times."""


def is_form(request: Request) -> bool:
    """Tell whether a browser sends it by itself, and shows what comes back."""
    return _kind(request.headers.get("content-type", "")) in FORMS


async def read_form(request: Request, *, limit: int | None = None) -> Fields:
    """Return what a form holds. Raises 413, 415, `BadRequest`, and `ValidationFailed` for files."""
    most = limit or request.app.state.settings.max_body_bytes
    body = b"".join([chunk async for chunk in chunks(request, types=FORMS, limit=most)])
    return fields(request.headers.get("content-type", URLENCODED), body)


def fields(content_type: str, body: bytes) -> Fields:
    """Return the fields of a body. Raises `BadRequest`, and `ValidationFailed` for files."""
    if _kind(content_type) == MULTIPART:
        return _parts(content_type, body)
    if body.count(b"&") >= MOST_FIELDS:
        raise _too_many()
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise BadRequest(_TEXT) from None


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _parts(content_type: str, body: bytes) -> Fields:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BadRequest("The Content-Type of the form names no boundary.")
    mark = b"\r\n--" + (found[1] or found[2]).encode("utf-8", "replace")
    # the first one may stand at the very beginning
    _, *parts = (b"\r\n" + body).split(mark, MOST_FIELDS + 1)
    if not parts or not parts[-1].startswith(b"--"):
        if len(parts) > MOST_FIELDS:
            raise _too_many()
        raise BadRequest("The form ends before its last boundary.")
    return [each for part in parts[:-1] if (each := _field(part)) is not None]


def _field(part: bytes) -> tuple[str, str] | None:
    """Return name and value of a part; None of a file that nobody chose."""
    head, is_there, value = part.partition(b"\r\n\r\n")
    said = next(filter(None, map(_DISPOSITION.fullmatch, head.split(b"\r\n"))), None)
    if not is_there or said is None or len(head) > _HEAD_BYTES:
        raise BadRequest("A part of the form says no name in its Content-Disposition.")
    given = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(said[1])}
    try:
        name = re.sub(rb"\\(.)", rb"\1", given.get(b"name", b"")).decode()
        if b"filename" in given or b"filename*" in given:
            if value or given.get(b"filename"):
                raise _no_files(name)
            return None
        return name, value.decode()
    except UnicodeDecodeError:
        raise BadRequest(_TEXT) from None


def _no_files(name: str) -> ValidationFailed:
    said = "Forms take no files: leave the field out."
    pointer = "/" + name[:100].replace("~", "~0").replace("/", "~1")
    errors = [{"pointer": pointer, "code": "file", "detail": said}]
    return ValidationFailed(f"{name[:100]}: {said}", errors=errors)


def _too_many() -> BadRequest:
    return BadRequest(f"A form holds at most {MOST_FIELDS} fields.")
