"""From bytes to text: by mark, as the caller says, by where NULs stand, as UTF-8, else cp1252."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
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
_SUGGESTED = ("utf-8", "cp1252", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "latin-1")
_CHUNK = 1 << 20
_LOOKED_AT = 65_536  # bytes in which NULs tell the encoding
_PLANES = 4  # of Unicode that have characters of languages; line ends would be in the tenth


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file, and how it was found."""

    name: str
    source: str
    """`bom`, `option`, `pattern` (of NULs), `utf-8` or `guess`."""
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
    shaped = _shaped(file)
    if asked is not None and asked != "utf-8":
        # `utf-16` by itself says nothing about the order of bytes; the NULs may
        codec = shaped.codec if shaped and shaped.name == asked else asked
        option = Encoding(asked, "option", codec)
        _decode_all(file, option)
        return option
    if shaped is not None and asked is None:
        _decode_all(file, shaped)
        return shaped
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


def _shaped(file: IO[bytes]) -> Encoding | None:
    """Return what the NULs of a file without a mark say, where that is certain.

    No text has the character NUL. In UTF-32 every fourth byte is one, and the one beside it says
    the plane. In UTF-16 line ends have one, and are no character read in the other order (U+0A00).
    """
    file.seek(0)
    start = file.read(_LOOKED_AT)
    if b"\0" not in start:
        return None
    is_whole = len(start) % 4 == 0
    quarters = [start[n::4] for n in range(4)]
    for codec, plane, top in (("utf-32-le", 2, 3), ("utf-32-be", 1, 0)):
        if is_whole and not any(quarters[top]) and max(quarters[plane]) < _PLANES:
            return Encoding("utf-32", "pattern", codec)
    texts = {codec: start.decode(codec, "ignore") for codec in ("utf-16-le", "utf-16-be")}
    for shows in (_has("\n"), _has("\r"), lambda text: text[:2].isascii()):
        if found := [codec for codec, text in texts.items() if shows(text)]:
            is_sure = len(found) == 1 and "\0" not in texts[found[0]]
            return Encoding("utf-16", "pattern", found[0]) if is_sure else None
    return None


def _has(end: str) -> Callable[[str], bool]:
    return lambda text: end in text


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
        f"{name!r} is no encoding that can be read here; try {', '.join(_SUGGESTED)}.",
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
            raise _wrong(file, encoding, *_advance(line, column, before)) from None
        except UnicodeEncodeError as error:
            before = error.object[: error.start]
            raise _wrong(file, encoding, *_advance(line, column, before)) from None
        line, column = _advance(line, column, text)


def _wrong(file: IO[bytes], encoding: Encoding, line: int, column: int) -> InvalidFile:
    """Return the error for bytes that cannot be read, which names the encodings that could."""
    detail = f"Not {encoding.name}."
    possible = [] if encoding.mark else _possible(file, encoding)
    could = f" It could be {', '.join(possible)}." if possible else ""
    return InvalidFile(
        f"Line {line}, column {column}: the bytes are not {encoding.name}; "
        f"name the file's encoding with `encoding`.{could}",
        errors=[{"line": line, "column": column, "code": "wrong_encoding", "detail": detail}],
        suggestion=next(iter(possible), None),
    )


def _possible(file: IO[bytes], wrong: Encoding) -> list[str]:
    shaped = _shaped(file)
    names = (shaped.codec,) if shaped else ("utf-8", "cp1252", "latin-1")
    return [name for name in names if name != wrong.codec and _reads(file, name)]


def _reads(file: IO[bytes], codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _advance(line: int, column: int, text: str) -> tuple[int, int]:
    end = "\n" if "\n" in text else "\r"  # old Macs have nothing else
    breaks = text.count(end)
    return (line + breaks, len(text) - text.rfind(end)) if breaks else (line, column + len(text))
