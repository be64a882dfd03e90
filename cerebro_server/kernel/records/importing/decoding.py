"""From bytes to text: byte-order mark, else strict UTF-8, else as the caller says, else cp1252."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from typing import IO

from cerebro_server.kernel.errors import InvalidFile

# mark, name, codec; the longer marks first: UTF-32's little-endian mark begins with UTF-16's
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
# text encodings to Python, but not of files: of host names, of source code
_NOT_OF_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file, and how it was found."""

    name: str
    source: str
    """`bom`, `utf-8`, `option` or `guess`."""
    codec: str
    mark: int = 0
    """Bytes of the byte-order mark, which is no text."""

    def open(self, file: IO[bytes]) -> io.TextIOWrapper:
        """Open the file's text from its start; `detach` it when done."""
        file.seek(self.mark)
        return io.TextIOWrapper(file, self.codec, newline="")


def find_encoding(file: IO[bytes], asked: str | None) -> Encoding:
    """Find a file's encoding; reads it to the end. Raises `InvalidFile`."""
    if asked is not None:
        asked = _known(asked)
    if marked := _marked(file):
        _decode_all(file, marked)
        return marked
    if asked is not None and asked != "utf-8":
        option = Encoding(asked, "option", asked)
        _decode_all(file, option)
        return option
    plain = Encoding("utf-8", "utf-8", "utf-8")
    try:
        _decode_all(file, plain)
    except InvalidFile:
        if asked is not None:
            raise
    else:
        return plain
    guess = Encoding("cp1252", "guess", "cp1252")
    _decode_all(file, guess)
    return guess


def _marked(file: IO[bytes]) -> Encoding | None:
    file.seek(0)
    start = file.read(6)
    for mark, name, codec in _MARKS:
        if start.startswith(mark):
            # Salesforce's Data Loader has files that are UTF-32 behind a mark of UTF-16, of either
            # order. No text has NUL, so three of them in a row can be nothing else.
            if name == "utf-16" and start[2:5] == b"\0\0\0":
                return Encoding("utf-32", "bom", "utf-32-be", len(mark))
            if name == "utf-16" and start[3:6] == b"\0\0\0":
                return Encoding("utf-32", "bom", "utf-32-le", len(mark))
            return Encoding(name, "bom", codec, len(mark))
    return None


def _known(name: str) -> str:
    """Return Python's name of an encoding."""
    try:
        found = codecs.lookup(name)
        # base64, zip and the like are codecs too
        if found._is_text_encoding and found.name not in _NOT_OF_FILES:
            return found.name
    except (LookupError, ValueError):  # ValueError: NUL or a lone surrogate in the name
        pass
    raise InvalidFile(
        f"{name!r} is no encoding that can be read here; try utf-8, cp1252, latin-1 or utf-16.",
        errors=[{"parameter": "encoding", "code": "unknown_encoding", "detail": "Not known."}],
    )


def _decode_all(file: IO[bytes], encoding: Encoding) -> None:
    """Decode the whole file; say at which line and column it cannot be."""
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    file.seek(encoding.mark)
    line, column, last = 1, 1, False
    while not last:
        chunk = file.read(_CHUNK)
        last = not chunk
        try:
            text = decoder.decode(chunk, last)
            if not text.isascii():
                text.encode()  # UTF-7 can hold lone surrogates, which no database takes
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding.codec, "replace")
            raise _wrong(encoding, *_advance(line, column, before)) from None
        except UnicodeEncodeError as error:
            raise _wrong(encoding, *_advance(line, column, error.object[: error.start])) from None
        line, column = _advance(line, column, text)


def _wrong(encoding: Encoding, line: int, column: int) -> InvalidFile:
    detail = f"Not {encoding.name}."
    return InvalidFile(
        f"Line {line}, column {column}: the bytes are not {encoding.name}; "
        "name the file's encoding with `encoding`.",
        errors=[{"line": line, "column": column, "code": "wrong_encoding", "detail": detail}],
    )


def _advance(line: int, column: int, text: str) -> tuple[int, int]:
    breaks = text.count("\n")
    return (line + breaks, len(text) - text.rfind("\n")) if breaks else (line, column + len(text))
