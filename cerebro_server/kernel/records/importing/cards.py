"""vCards as rows: a column for each property, lists of parts where a card has several."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import IO, Any
from urllib.parse import unquote

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.decoding import Encoding
from cerebro_server.kernel.records.importing.table import (
    MAX_COLUMNS,
    Row,
    Table,
    check_header,
    malformed,
)
from cerebro_server.kernel.records.importing.vcard import Card, Property, copied, read_cards

OURS = "X-CEREBRO-ID"
"""The property with the record's id in cards that an export wrote."""
UUID = "urn:uuid:"
DEVICES = {"cell": "mobile"}
_PLACES = ("work", "home", "other")
# what says nothing about what it is for
_SILENT = frozenset(
    ["internet", "voice", "pref", "msg", "text", "video", "x400", "postal", "parcel", "dom", "intl"]
)
_UNSAID = frozenset(["PRODID", "X-ABLABEL", "X-ABADR", "AGENT"])
_SINGLE = frozenset(["TITLE", "ROLE", "URL", "UID"])
_COLUMNS = (
    *("FN", "N family", "N given", "N additional", "N suffix", "N prefix"),
    *("EMAIL", "TEL", "ADR", "ORG", "ORG unit", "TITLE", "ROLE", "URL", "BDAY"),
    *("CATEGORIES", "NOTE", "UID", "id"),
)
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_MOST_ALIKE = 9  # columns for what a contact has once
_LAST = 101  # PREF goes from 1 to 100
_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(T.*| .*)?")
_NO_DAY = "BDAY without a year"


def read_vcards(file: IO[bytes], encoding: Encoding) -> Table:
    """Read cards through once; the columns are the properties that they have.

    Raises `InvalidFile` with the line of what is broken.
    """
    columns: dict[str, int] = {}
    for card in read_cards(file, encoding):
        for name in cells_of(card):
            if columns.setdefault(name, card.line) == card.line and len(columns) > MAX_COLUMNS:
                raise malformed(card.line, f"There are more than {MAX_COLUMNS:,} properties.")
    if not columns:
        raise InvalidFile("The file is empty: it has no card with properties.")
    for name, line in columns.items():
        check_header([name], line)
    header = [*(name for name in _COLUMNS if name in columns)]
    header += [name for name in columns if name not in _COLUMNS]

    def body() -> Generator[Row, None, None]:
        with closing(read_cards(file, encoding)) as cards:
            for card in cards:
                if cells := cells_of(card):
                    yield Row(card.line, [cells.get(name, "") for name in header])

    return Table(
        header, body, "vcard", encoding, copied=lambda wrong: copied(file, encoding, wrong)
    )


def cells_of(card: Card) -> dict[str, Any]:
    """Return what a card says by column.

    Lists are in order of preference: `PREF=1` (4.0), then `PREF` or `TYPE=pref`, then as they come.
    A card has either the pieces of its name or, where it lacks a family name, the whole.
    """
    labels = {p.group: card.text(p.value) for p in card.properties if p.name == "X-ABLABEL"}
    found: dict[str, Any] = {}
    ours = next((p.value for p in card.properties if p.name == OURS), None)
    for said in sorted(card.properties, key=_rank):
        label = labels.get(said.group, "") if said.group else ""
        for column, value in _cells(card, said, label):
            _put(found, column, value)
    if ours is not None:
        # what an export says of its own accord is no news
        found.pop("REV", None)
        if found.get("UID") == f"{UUID}{ours}":
            del found["UID"]
    _name(found)
    return found


def _put(found: dict[str, Any], column: str, value: Any) -> None:
    before = found.get(column)
    if isinstance(value, list):
        found[column] = [*(before or ()), *value]
    elif not value:
        return
    elif before is None:
        found[column] = value
    elif column == "NOTE":
        found[column] = f"{before}\n{value}"
    elif column in _SINGLE or column.startswith(("ORG", "BDAY")):
        others = (f"{column} {number}" for number in range(2, _MOST_ALIKE + 1))
        if free := next((name for name in others if name not in found), None):
            found[free] = value
    elif column != "FN" and not column.startswith("N "):  # 4.0 has those in several languages
        found[column] = f"{before}, {value}"


def _cells(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    """Yield what a property says by column."""
    text = card.text(said.value).strip()
    if said.name in _UNSAID or not said.value.strip(" ;"):
        return
    if said.name in _READERS:
        yield from _READERS[said.name](card, said, label)
    elif said.name == OURS:
        yield "id", text
    elif said.name != "KIND" or text.lower() != "individual":
        is_labelled = label and said.name.startswith("X-")
        yield f"{said.name} {_label(label)}"[:100] if is_labelled else said.name, text


def _names(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    """Yield the pieces of a name; commas part several first names (RFC 6350, 6.2.2)."""
    columns = ("N family", "N given", "N additional", "N prefix", "N suffix")
    # a comma that is escaped stays
    spaced = re.sub(r"(\\.)|,", lambda found: found[1] or " ", said.value, flags=re.DOTALL)
    pieces = card.split(said.value if card.version == "2.1" else spaced, ";")
    for column, piece in zip(columns, pieces, strict=False):
        yield column, piece.strip()


def _name(found: dict[str, Any]) -> None:
    """Keep the pieces of a name or the whole; a card without either is called by what it has."""
    if found.get("N family"):
        found.pop("FN", None)
        return
    pieces = [found.pop(name, "") for name in ("N given", "N additional")]
    prefix, suffix = found.pop("N prefix", ""), found.pop("N suffix", "")
    if not found.get("FN"):
        whole = " ".join(filter(None, (prefix, *pieces, suffix)))
        if whole:
            found["FN"] = whole
            return
        emails, phones = found.get("EMAIL"), found.get("TEL")
        first = emails[0]["address"] if emails else phones[0]["number"] if phones else ""
        if called := found.get("NICKNAME") or found.get("ORG") or first:
            found["N family"] = called


def _rank(said: Property) -> int:
    if "PREF" in (word.upper() for word in said.parameters.get("TYPE", ())):
        return 2
    number = "".join(said.parameters.get("PREF", ()))
    return int(number) if number.isdecimal() and len(number) < 4 else _LAST


def type_of(words: list[str]) -> str:
    """Return the type of a part: the place first, then the device, `work fax`."""
    plain = dict.fromkeys(word.lower() for word in words if word.lower() not in _SILENT)
    places = [word for word in _PLACES if word in plain]
    return " ".join([*places, *(DEVICES.get(w, w) for w in plain if w not in _PLACES and w)])


def _type(said: Property, label: str) -> dict[str, str]:
    found = _label(label) or type_of(said.parameters.get("TYPE", []))
    return {"type": found} if found else {}


def _label(label: str) -> str:
    """Return a label of Apple's; its own are `_$!<HomePage>!$_`."""
    known = _LABEL.fullmatch(label.strip())
    return known[1].lower() if known else label.strip()


def _email(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    address = re.sub("^mailto:", "", card.text(said.value).strip(), flags=re.IGNORECASE)
    yield "EMAIL", [{"address": address, **_type(said, label)}]


def _phone(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    """Yield a number, or what its URI says (RFC 3966): `tel:+1-418-656-9254;ext=102`."""
    text = card.text(said.value).strip()
    extension = "".join(said.parameters.get("X-EXTENSION", ()))
    if re.match("tel:", text, re.IGNORECASE):
        number, *parameters = text[4:].split(";")
        text = unquote(number)
        known = dict(part.partition("=")[::2] for part in parameters)
        context = known.get("phone-context", "")
        text = f"{context}{text}" if context.startswith("+") and text[:1] != "+" else text
        extension = unquote(known.get("ext", extension))
    dialled = {"extension": extension} if extension else {}
    yield "TEL", [{"number": text, **dialled, **_type(said, label)}]


def _address(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    """Yield an address; post-office box and extended address go before the street."""
    parts = [part.strip() for part in card.split(said.value, ";")]
    parts += [""] * (7 - len(parts))
    street = ", ".join(part for part in parts[:3] if part)
    lines = {name: part for name, part in zip(_ADDRESS, (street, *parts[3:7]), strict=True) if part}
    if lines:
        yield "ADR", [{**_type(said, label), **lines}]


def _company(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    name, *units = [part.strip() for part in card.split(said.value, ";")]
    yield "ORG", name
    yield "ORG unit", ", ".join(filter(None, units))


def _categories(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    words = [word.strip() for word in card.split(said.value, ",")]
    yield "CATEGORIES", [word for word in words if word]


def _birthday(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    """Yield a day as 2026-01-31; one without a year (`--0131`, Apple's 1604) is no date."""
    text = card.text(said.value).strip()
    day = _DAY.fullmatch(text)
    if day is None or day[1] in said.parameters.get("X-APPLE-OMIT-YEAR", ()):
        yield _NO_DAY, text
    else:
        yield "BDAY", "-".join(day.groups()[:3])


def _revised(card: Card, said: Property, label: str) -> Iterator[tuple[str, Any]]:
    text = card.text(said.value).strip()
    try:
        yield "REV", datetime.fromisoformat(text).isoformat()
    except ValueError:
        yield "REV", text


_Reader = Callable[[Card, Property, str], Iterator[tuple[str, Any]]]
_READERS: dict[str, _Reader] = {
    "N": _names,
    "EMAIL": _email,
    "TEL": _phone,
    "ADR": _address,
    "ORG": _company,
    "CATEGORIES": _categories,
    "BDAY": _birthday,
    "REV": _revised,
}
