"""What bytes are: told by how they begin, and by what their sender and their name say.

The signatures are those of the WHATWG's MIME Sniffing standard, and of the formats themselves.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from typing import Final

HEAD: Final = 512
"""How many bytes tell what the rest is."""
UNKNOWN: Final = "application/octet-stream"
_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyp", "video/mp4"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)
_RUN: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|style|title|!--|\?xml)[\s>/]",
    re.IGNORECASE,
)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_OLD_OFFICE: Final = ("application/msword", "application/vnd.ms-", "application/vnd.visio")
_IN_ZIP: Final = (
    *("application/vnd.openxmlformats-", "application/vnd.oasis.opendocument."),
    *("application/epub+zip", "application/vnd.ms-", "application/java-archive"),
)
_INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "application/zip": _IN_ZIP,
    "application/x-ole-storage": (*_OLD_OFFICE, "application/x-msi"),
    "video/mp4": ("video/", "audio/", "image/heic", "image/heif", "image/avif"),
    "video/webm": ("video/", "audio/"),
    "application/ogg": ("video/ogg", "audio/ogg", "audio/opus"),
    "text/plain": ("text/", "application/json", "application/xml", "application/rtf", "message/"),
}
"""What the sender may know better, by what the bytes look like."""
_KNOWN: Final = mimetypes.MimeTypes(filenames=())
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_OPEN: Final = "application/vnd.oasis.opendocument"
for _ending, _kind in {
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".odt": f"{_OPEN}.text",
    ".ods": f"{_OPEN}.spreadsheet",
    ".odp": f"{_OPEN}.presentation",
    ".md": "text/markdown",
    ".webp": "image/webp",
    ".heic": "image/heic",
}.items():
    _KNOWN.add_type(_kind, _ending)  # Python 3.11 knows none of them, whatever the machine does
_SAFE: Final = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/)[\w.-]+|text/(?:plain|csv|markdown|calendar|vcard)"
    r"|application/(?:pdf|zip|gzip|json|rtf|msword|ogg|epub\+zip|x-7z-compressed|vnd\.[\w.-]+)"
)


def detected(head: bytes) -> str | None:
    """Return what bytes look like by their beginning; None where that says nothing."""
    if not head:
        return None
    for place, signature, kind in _SIGNATURES:
        if head.startswith(signature, place):
            return kind
    if _RUN.search(head):
        return "image/svg+xml" if re.search(rb"<svg[\s>]", head, re.IGNORECASE) else "text/html"
    if _BINARY.search(head):
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else the cut went through a character
            return None
    return "text/plain"


def settled(said: str | None, name: str, looks: str | None) -> str:
    """Return the content type of a file: what the sender says, or its name, where the bytes do not
    speak against it."""
    told = said if said not in (None, UNKNOWN) else _KNOWN.guess_type(name, strict=False)[0]
    if looks is None:
        return told or UNKNOWN
    if told is not None and told.startswith(_INSIDE.get(looks, ())):
        return told
    return looks


def served(kind: str) -> str:
    """Return the type to send a file with: what browsers might run is bytes and nothing else."""
    return kind if _SAFE.fullmatch(kind) else UNKNOWN
