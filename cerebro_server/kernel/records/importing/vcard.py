"""The syntax of vCards: 2.1 (versit, 1996), 3.0 (RFC 2426, RFC 2425) and 4.0 (RFC 6350)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from cerebro_server.kernel.records.importing.decoding import Encoding
from cerebro_server.kernel.records.importing.table import MAX_CELL, malformed

BEGIN, END = "BEGIN:VCARD", "END:VCARD"
ERROR = "X-CEREBRO-ERROR"
"""The property that an error file adds; an import takes no notice of it."""
_PIECE = 1 << 16
_MOST_PROPERTIES = 5_000
_PICTURES = frozenset(["PHOTO", "LOGO", "SOUND", "KEY"])
_LONGEST = 8 * MAX_CELL  # characters of one card, without pictures
_ENCODED = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:]|\Z)", re.IGNORECASE)
_BINARY = re.compile(r"[^:]*;(?:ENCODING=)?(?:BASE64|B)(?=[;:])", re.IGNORECASE)
_HEAD = re.compile(r'(?:([\w-]+)\.)?([\w-]+)((?:;[^;:="]*(?:=(?:"[^"]*"|[^";:])*)?)*):', re.ASCII)
_PARAMETER = re.compile(r';([^;:="]+)(=(?:"[^"]*"|[^";:])*)?')
_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Property(NamedTuple):
    """One line of a card, unfolded; its value as it stands there, but for how it was sent."""

    name: str
    group: str
    parameters: Mapping[str, list[str]]
    """By upper-case name; 2.1 writes types bare, `TEL;WORK;VOICE:`: they are under `TYPE`."""
    value: str


@dataclass(slots=True)
class Card:
    """One card of a file."""

    line: int
    version: str = "3.0"
    properties: list[Property] = field(default_factory=list)
    size: int = 0

    def text(self, value: str) -> str:
        """Take the escapes off a text (RFC 6350, 3.4); 2.1 knows no escaped line end."""
        if "\\" not in value:
            return value
        return _ESCAPED.sub(_unescaped_old if self.version == "2.1" else _unescaped, value)

    def split(self, value: str, mark: str) -> list[str]:
        """Return what unescaped marks part, without escapes."""
        if "\\" not in value:
            return value.split(mark)
        parts = [""]
        for token in re.findall(rf"(?:\\.|[^\\{mark}])+|{mark}|\\", value, re.DOTALL):
            if token == mark:
                parts.append("")
            else:
                parts[-1] += token
        return [self.text(part) for part in parts]


def read_cards(file: IO[bytes], encoding: Encoding) -> Generator[Card, None, None]:
    """Yield the cards of a file; one inside another (`AGENT`) is passed over.

    Raises `InvalidFile` with the line of what is broken.
    """
    card, depth = Card(0), 0
    with closing(_unfolded(file, encoding)) as lines:
        for line, text in lines:
            mark = text.strip().upper()
            if mark == BEGIN:
                depth += 1
                card = Card(line) if depth == 1 else card
            elif not depth:
                if mark:
                    raise malformed(line, "This stands outside of a card, which BEGIN:VCARD opens.")
            elif mark == END:
                depth -= 1
                if not depth:
                    yield card
            elif depth == 1 and mark:
                _add(card, line, text)
    if depth:
        raise malformed(card.line, "The card that begins here has no END:VCARD.")


def copied(
    file: IO[bytes], encoding: Encoding, wrong: Mapping[int, Collection[str]]
) -> Iterator[str]:
    """Yield the lines of the cards that begin on these lines as they stand in the file, each card
    with what is wrong with it."""
    depth, begun = 0, 0
    for line, begins, piece in _pieces(file, encoding):
        mark = piece.strip().upper() if begins else ""
        if mark == BEGIN:
            depth += 1
            begun = line if depth == 1 else begun
        is_wrong = depth and begun in wrong
        if mark == END and depth:
            depth -= 1
            if is_wrong and not depth:
                yield "".join(f"\r\n{ERROR}:{escaped(said)}" for said in wrong[begun])
        if is_wrong and not mark.startswith(f"{ERROR}:"):
            yield f"\r\n{piece}" if begins else piece
    yield "\r\n"


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]


def _unescaped_old(found: re.Match[str]) -> str:
    return found[1] if found[1] in ";,:\\" else found[0]


def escaped(text: str) -> str:
    """Escape a text as a value (RFC 6350, 3.4)."""
    plain = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return re.sub("\r\n|\r|\n", r"\\n", plain)


def _pieces(file: IO[bytes], encoding: Encoding) -> Generator[tuple[int, bool, str], None, None]:
    """Yield (line, whether the line begins here, text): a picture can be one line of megabytes."""
    text = encoding.open(file)
    line, begins, last = 1, True, ""
    try:
        while piece := text.readline(_PIECE):
            if piece == "\n" and last == "\r":  # the two were parted
                continue
            last = piece[-1]
            yield line, begins, piece.rstrip("\r\n")
            begins = last in "\r\n"
            line += begins
    finally:
        text.detach()


def _unfolded(file: IO[bytes], encoding: Encoding) -> Generator[tuple[int, str], None, None]:
    """Yield (line, text) with the lines put together that belong together.

    A line that begins with a blank goes on with the one before (RFC 6350, 3.2), in 2.1 with that
    blank; a quoted-printable one goes on after a `=` at its end. Of binary ones, whose lines some
    programs do not fold, only the first is kept.
    """
    held: list[str] = []
    at, size = 0, 0
    is_old = is_printed = is_binary = False
    for line, begins, piece in _pieces(file, encoding):
        is_open = begins and is_printed and held[-1].endswith("=")
        if is_open:
            held[-1] = held[-1][:-1]
        is_folded = begins and not is_open and bool(held) and piece[:1] in (" ", "\t")
        is_more = is_open or is_folded or not begins
        # blank lines are nothing, not even between a line and what it is folded into
        if not piece or (is_binary and (is_more or ":" not in piece)):
            continue
        if is_more:
            held.append(piece[1:] if is_folded and not is_old else piece)
            size += len(piece)
            if size > MAX_CELL:
                raise malformed(at, f"A property has more than {MAX_CELL:,} characters.")
            continue
        if held:
            yield at, "".join(held)
        at, size, held = line, len(piece), [piece]
        is_printed = _ENCODED.search(piece.partition(":")[0]) is not None
        is_binary = _is_binary(piece)
        mark = piece.strip().upper()
        is_old = mark == "VERSION:2.1" or (is_old and mark != BEGIN)
    if held:
        yield at, "".join(held)


def _is_binary(text: str) -> bool:
    head = text.partition(":")[0]
    name = head.partition(";")[0].rpartition(".")[2].upper()
    return name in _PICTURES or (";" in head and _BINARY.match(text) is not None)


def _add(card: Card, line: int, text: str) -> None:
    head = _HEAD.match(text)
    if head is None:
        raise malformed(line, "This is no property of a vCard, such as EMAIL:ada@acme.example.")
    name = head[2].upper()
    value = text[head.end() :]
    if name == "VERSION":
        card.version = value.strip()
    elif name != ERROR and not _is_binary(text):
        card.size += len(text)
        if len(card.properties) == _MOST_PROPERTIES or card.size > _LONGEST:
            most = f"{_MOST_PROPERTIES:,} properties or {_LONGEST:,} characters"
            raise malformed(line, f"The card has more than {most}.")
        parameters = _parameters(head[3])
        if _ENCODED.search(text[: head.end()]):
            value = _printed(value, *parameters.get("CHARSET", ()))
        card.properties.append(Property(name, (head[1] or "").lower(), parameters, value))


def _parameters(text: str) -> dict[str, list[str]]:
    """Return parameters by name; a quoted list of types is a list, too (RFC 6350, 5.6)."""
    found: dict[str, list[str]] = {}
    for name, said in _PARAMETER.findall(text):
        key = name.strip().upper()
        if not said:
            found.setdefault("TYPE", []).append(key)
            continue
        values = [quoted or plain for quoted, plain in _VALUE.findall(said[1:])]
        if key == "TYPE":
            values = [word for value in values for word in value.split(",")]
        # RFC 6868
        values = [re.sub(r"\^[n'^]", lambda caret: _CARET[caret[0]], value) for value in values]
        found.setdefault(key, []).extend(value.strip() for value in values)
    return found


def _printed(value: str, charset: str = "utf-8", *_: str) -> str:
    """Decode quoted-printable (RFC 2045, 6.7) in its own charset."""
    data = quopri.decodestring(value.encode())
    for codec in (charset, "utf-8", "cp1252"):
        try:
            text = data.decode(codec)
            text.encode()
        except (LookupError, UnicodeError, ValueError):
            continue
        return text.replace("\r\n", "\n")
    return data.decode("latin-1")
