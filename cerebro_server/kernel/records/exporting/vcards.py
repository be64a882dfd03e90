"""vCards 4.0 (RFC 6350) from rows of JSON, each row a card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cerebro_server.kernel.records.importing.cards import DEVICES, OURS, UUID, type_of
from cerebro_server.kernel.records.importing.vcard import BEGIN, END, escaped

ALWAYS = ("id", "external_ids.vcard", "full_name", "updated_at")
"""What a card has whatever columns are asked for: what it is, and what it is called."""
_OCTETS = 75
_E164 = re.compile(r"\+[0-9]{4,15}")
_WORDS = {"work", "home", "other", "fax", "pager"} | {*DEVICES.values()}
_SENT = {word: name for name, word in DEVICES.items()}
_CARETS = str.maketrans({"^": "^^", '"': "^'", "\n": "^n", "\r": "^n"})
_LINES = ("street", "city", "state", "postal_code", "country")


def written(lines: Iterable[bytes], columns: Mapping[str, str]) -> bytes:
    """Return a card for each line, a JSON object; `columns` is `{column of a card: field}`."""
    return b"".join(_card(json.loads(line), columns) for line in lines)


def _card(row: Mapping[str, Any], columns: Mapping[str, str]) -> bytes:
    found = {column: row.get(field) for column, field in columns.items()}
    record_id, uid = row.get("id"), row.get("external_ids.vcard")
    called = row.get("full_name") or found.get("N family") or found.get("ORG") or record_id
    said = [BEGIN, "VERSION:4.0", "PRODID:-//Cerebro//Cerebro//EN"]
    said += [f"UID:{escaped(uid or f'{UUID}{record_id}')}", f"{OURS}:{record_id}"]
    said += [f"FN:{escaped(str(called))}", *_body(found)]
    if updated := row.get("updated_at"):
        moment = datetime.fromisoformat(updated).astimezone(UTC)
        said.append(f"REV:{moment:%Y%m%dT%H%M%SZ}")
    said.append(END)
    return b"".join(folded(line) for line in said)


def _body(found: Mapping[str, Any]) -> Iterator[str]:
    family, given = found.get("N family") or "", found.get("N given") or ""
    if family or given:
        yield f"N:{escaped(family)};{escaped(given)};;;"
    yield from _parts(found)
    company, unit = found.get("ORG") or "", found.get("ORG unit") or ""
    if company or unit:
        yield f"ORG:{escaped(company)}{f';{escaped(unit)}' if unit else ''}"
    for name in ("TITLE", "URL", "NOTE"):
        if text := found.get(name):
            yield f"{name}:{escaped(text)}"
    if day := found.get("BDAY"):
        yield f"BDAY:{day.replace('-', '')}"
    if words := found.get("CATEGORIES"):
        yield f"CATEGORIES:{','.join(map(escaped, words))}"


def _parts(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lists; a type that is no word of vCard's is a label as Apple writes them, which
    needs a group to itself."""
    group = 0
    for name, shape in (("EMAIL", _email), ("TEL", _phone), ("ADR", _address)):
        parts = found.get(name) or []
        for number, part in enumerate(parts):
            parameters, value = shape(part)
            if number == 0 and len(parts) > 1:
                parameters = f";PREF=1{parameters}"
            said = part.get("type") or ""
            if types := _types(said):
                parameters = f";TYPE={types}{parameters}"
            if not said or types:
                yield f"{name}{parameters}:{value}"
                continue
            group += 1
            yield f"item{group}.{name}{parameters}:{value}"
            yield f"item{group}.X-ABLabel:{escaped(said)}"


def _types(said: str) -> str:
    """Return a type as vCard has it, where an import reads it back: `work fax` is `work,fax`."""
    words = said.split(" ")
    sent = [_SENT.get(word, word) for word in words]
    is_known = _WORDS.issuperset(words) and type_of(sent) == said
    return ",".join(sent) if is_known else ""


def _email(part: Mapping[str, Any]) -> tuple[str, str]:
    return "", escaped(part["address"])


def _phone(part: Mapping[str, Any]) -> tuple[str, str]:
    """Return a number as a URI (RFC 3966); what is none stays a text."""
    number, extension = part["number"], part.get("extension")
    if _E164.fullmatch(number):
        dialled = f";ext={quote(extension, safe='')}" if extension else ""
        return ";VALUE=uri", f"tel:{number}{dialled}"
    # a parameter has escapes of its own (RFC 6868)
    dialled = f';X-EXTENSION="{extension.translate(_CARETS)}"' if extension else ""
    return dialled, escaped(number)


def _address(part: Mapping[str, Any]) -> tuple[str, str]:
    return "", ";".join(["", "", *(escaped(part.get(line) or "") for line in _LINES)])


def folded(line: str) -> bytes:
    """Return a line with its end, folded so that none has more than 75 octets and no character is
    cut (RFC 6350, 3.2)."""
    rest, lines = line.encode(), []
    while len(rest) > _OCTETS:
        cut = _OCTETS
        while rest[cut] & 0xC0 == 0x80:
            cut -= 1
        lines.append(rest[:cut])
        rest = b" " + rest[cut:]
    return b"\r\n".join([*lines, rest, b""])
