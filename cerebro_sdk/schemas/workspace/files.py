"""Files: what is attached to contacts, companies, deals, leads and quotes."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from cerebro_sdk.schemas.base import (
    ALL,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Kind, Line, Of, RecordRef, Text
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What it is called; folders and control characters are left out of it.")
_TYPE = (
    "Content type",
    "What it is, `application/pdf`: what its bytes look like, else what the sender or its name "
    "says.",
)
_SHA256 = (
    "SHA-256",
    "Of its bytes, in hexadecimal digits. They never change: a new version is a new file.",
)
_DESCRIPTION = ("Description", "What it is, or what it is for.")
_CONTACT = ("Contact", "The contact that it is attached to.")
_COMPANY = ("Company", "The company that it is attached to.")
_DEAL = ("Deal", "The deal that it is attached to.")
_LEAD = ("Lead", "The lead that it is attached to.")
_QUOTE = ("Quote", "The quote that it is attached to.")
_LONGEST = 255
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes at all: everybody knows them."""


def clean_name(given: str) -> str:
    """Return a name without folders, without what is not to be seen, and not too long for a disk;
    raise where nothing is left of it."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in _UNSEEN)
    name = seen.strip(" .")
    if not name:
        raise PydanticCustomError(
            "file_name", "{value} is no name for a file.", {"value": repr(given[:100])}
        )
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending.encode()) <= 20 else ""
    room = _LONGEST - len(ending.encode())
    return (stem if ending else name).encode()[:room].decode(errors="ignore").strip() + ending


def _cleaned(given: object) -> object:
    return clean_name(given) if isinstance(given, str) else given


def _media_type(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", text):
        raise PydanticCustomError(
            "content_type",
            "{value} is no content type such as application/pdf.",
            {"value": repr(text)},
        )
    return text


FileName = Annotated[Line, BeforeValidator(_cleaned), Of(Kind.TEXT)]
"""What a file is called: the last part of a path, and nothing that cannot be seen."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Of(Kind.TEXT)]
"""A digest, as `sha256sum` prints it."""
MediaType = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=127),
    AfterValidator(_media_type),
    Of(Kind.TEXT),
]
"""A content type without parameters: `text/csv`."""


class FileFields(Shape):
    """What a file has besides its bytes, its identity and its history."""

    description: Text | None = field(*_DESCRIPTION)


class File(OwnedRecord, FileFields):
    """A file as the server returns it; its bytes come by an address of their own."""

    noun: ClassVar[Noun] = Noun(
        name="files",
        singular="file",
        component="workspace",
        title="name",
        columns=(
            *("name", "size", "content_type", "deal_id", "company_id", "contact_id", "created_at"),
        ),
        verbs=(*ALL, "destroy"),
    )
    name: str = required(*_NAME)
    content_type: str = required(*_TYPE)
    size: int = required("Size", "How many bytes it has.")
    sha256: str = required(*_SHA256)
    contact_id: UUID | None = field(*_CONTACT)
    company_id: UUID | None = field(*_COMPANY)
    deal_id: UUID | None = field(*_DEAL)
    lead_id: UUID | None = field(*_LEAD)
    quote_id: UUID | None = field(*_QUOTE)


class _Attached(Shape):
    contact_id: RecordRef | None = field(*_CONTACT)
    company_id: RecordRef | None = field(*_COMPANY)
    deal_id: RecordRef | None = field(*_DEAL)
    lead_id: RecordRef | None = field(*_LEAD)
    quote_id: RecordRef | None = field(*_QUOTE)


class FileCreate(Payload, FileFields, _Attached, Owned, Sourced):
    """A new file of bytes that are there: you sent them before, or may read a file that has them.
    `PUT /v1/files` sends the bytes along."""

    name: FileName = required(*_NAME)
    sha256: Sha256 = required(*_SHA256)
    content_type: MediaType | None = field(*_TYPE)


class FileUpdate(Payload, FileFields, _Attached, Owned, Sourced):
    """The fields of a file to change; null empties a field, what is left out stays."""

    name: FileName = kept(*_NAME)


class StoredBytes(Shape):
    """Bytes that are there now, for files that name them."""

    model_config = ConfigDict(extra="ignore")

    sha256: str = Field(description="SHA-256 of them; a new file takes it as `sha256`.")
    size: int = Field(description="How many there are.")


class BytesNamed(Payload):
    """Bytes that files to come will name."""

    sha256: list[Sha256] = Field(max_length=1_000, description="SHA-256 of each of them.")


class BytesMissing(Shape):
    """Which of them have to be sent."""

    model_config = ConfigDict(extra="ignore")

    sha256: list[str] = Field(
        description="Those that you neither sent before nor may read, there or not."
    )


class FileLinkCreate(Payload):
    """How long a link to a file is good."""

    seconds: int = Field(
        default=3_600, ge=1, le=604_800, description="How many seconds from now on."
    )


class FileLink(Shape):
    """Where a file can be fetched without signing in."""

    model_config = ConfigDict(extra="ignore")

    url: str = Field(description="Where it is; whoever has this may fetch it.")
    expires_at: datetime = Field(description="How long it is good (UTC).")
