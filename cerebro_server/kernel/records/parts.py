"""Parts in payloads: short forms put into their lists, numbers brought to their normal form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel import phones
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.query import fold

Part = dict[str, Any]


def touched(record_type: RecordType, names: Iterable[str]) -> bool:
    """Tell whether any of these fields is a list of parts or shows the first of one."""
    return any(name in record_type.parts or name in record_type.primaries for name in names)


def written(record_type: RecordType, names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that are written where these fields are sent."""
    shown = record_type.primaries
    return tuple(dict.fromkeys(shown[n].field if n in shown else n for n in names))


def takes_phones(record_type: RecordType) -> bool:
    """Tell whether records of this type have phone numbers."""
    return any(Kind.PHONE in kinds.values() for kinds in record_type.parts.values())


def settle(record_type: RecordType, batch: Batch, *, region: str | None) -> None:
    """Leave in each row the lists alone, as they will be stored; refuse what does not fit.

    A short form sets the first part: it is added if it is new, and moved to the front if it is
    there; null takes the first away. Rows of records that are there already need `before`.
    """
    lists = [(name, _shape(record_type, name)) for name in record_type.parts]
    words = _words(record_type)
    for number, row in enumerate(batch.rows):
        before = batch.before[number] if batch.before else None
        for name, shape in lists:
            if before is None and row.get(name) is None and row.keys().isdisjoint(shape.shorts):
                row[name] = []
            else:
                _Listed(shape, batch, number, region).settle(row, before)
        if before is None:
            for name in words:
                if row.get(name) is None:
                    row[name] = []


def fill_words(record_type: RecordType, row: dict[str, Any], names: Iterable[str]) -> None:
    """Put empty lists of words where there is nothing and something must be."""
    for name in [*names]:
        if row.get(name) is None and holds_words(record_type, name):
            row[name] = []


def comparable(record_type: RecordType, name: str, value: Any, *, region: str | None) -> Any:
    """Return a sent value as the column of its name would show it."""
    if value is None:
        return None
    if name in record_type.parts:
        return _Listed(_shape(record_type, name), _ANYTHING, 0, region).cleaned(value, ())
    primary = record_type.primaries.get(name)
    if primary and record_type.parts[primary.field][primary.of] is Kind.PHONE:
        return phones.read(value, region).text
    return value


def united(record_type: RecordType, name: str, lists: Iterable[Sequence[Part]]) -> list[Part]:
    """Return the parts of several lists as they are stored, each once, in their order."""
    key = _shape(record_type, name).key
    found: dict[object, Part] = {}
    for part in chain.from_iterable(lists):
        if key is None:
            of: object = tuple(fold(str(part.get(each) or "")) for each in _told(record_type, name))
        else:
            of = fold(str(part.get(key))), part.get("extension")
        found.setdefault(of, part)
    return list(found.values())


def _told(record_type: RecordType, name: str) -> list[str]:
    return [each for each in record_type.parts[name] if each != "type"]


def holds_words(record_type: RecordType, name: str) -> bool:
    """Tell whether a field is a list of words."""
    field = record_type.plain.fields.get(name)
    return field is not None and field.kind is Kind.KEYS and not field.nullable


@lru_cache(500)
def _words(record_type: RecordType) -> tuple[str, ...]:
    return tuple(name for name in record_type.stored if holds_words(record_type, name))


class _Shape(NamedTuple):
    """What is alike in all rows of one list."""

    name: str
    key: str | None
    """What tells its parts apart."""
    kinds: Mapping[str, Kind]
    shorts: Mapping[str, str]
    """By short form, which value of the first part it is."""


@lru_cache(500)
def _shape(record_type: RecordType, name: str) -> _Shape:
    key = record_type.part_keys.get(name)
    primaries = record_type.primaries.items()
    shorts = {short: primary.of for short, primary in primaries if primary.field == name}
    return _Shape(name, key.of if key else None, record_type.parts[name], shorts)


_ANYTHING = Batch([], allow_invalid=True)


class _Listed:
    """One list of one row."""

    __slots__ = ("_batch", "_key", "_kinds", "_name", "_number", "_region", "_shorts")

    def __init__(self, shape: _Shape, batch: Batch, number: int, region: str | None) -> None:
        self._name, self._key, self._kinds, self._shorts = shape
        self._batch = batch
        self._number = number
        self._region = region

    def settle(self, row: dict[str, Any], before: Mapping[str, Any] | None) -> None:
        """Put the short forms of a row into its list."""
        is_new = before is None
        sent = {short: row.pop(short) for short in self._shorts if short in row}
        if is_new:
            sent = {short: value for short, value in sent.items() if value is not None}
        given = row.get(self._name)
        is_given = self._name in row and not (is_new and given is None)
        held: Sequence[Part] = before[self._name] if before is not None else ()
        if not is_given and not sent:
            if is_new:
                row[self._name] = []
            return
        found = self.cleaned(given or (), held) if is_given else list(held)
        if is_given:
            self._agree(sent, found, held)
        elif self._key:
            found = self._fronted(sent, found)
        else:
            found = self._amended(sent, found)
        row[self._name] = found

    def cleaned(self, given: Iterable[Part], held: Sequence[Part]) -> list[Part]:
        """Return the parts as they are stored: without nulls, without repetitions."""
        found: dict[object, Part] = {}
        for position, sent in enumerate(given):
            part = {name: value for name, value in sent.items() if value is not None}
            if not set(part) - {"type", "is_valid"}:
                continue
            if self._kinds.get(self._key or "") is Kind.PHONE:
                part = self._phone(part, held, f"{self._name}/{position}/{self._key}")
            found.setdefault(self._identity(part, position), part)
        return list(found.values())

    def _identity(self, part: Part, position: int) -> object:
        """Return what tells a part from the others: colleagues share a number, not an extension."""
        if self._key is None:
            return position
        return fold(part[self._key]), part.get("extension")

    def _phone(self, part: Part, held: Sequence[Part], field: str) -> Part:
        number = phones.read(part["number"], self._region)
        is_known = any(one.get("number") == part["number"] for one in held)
        if not (number.is_valid or is_known or self._batch.allow_invalid):
            self._batch.refuse(self._number, field, "phone", _no_phone(number.text, self._region))
        extension = number.extension or part.get("extension")
        rest = {name: value for name, value in part.items() if name not in ("number", "extension")}
        also = {"extension": extension} if extension else {}
        return {"number": number.text, **also, **rest, "is_valid": number.is_valid}

    def _agree(self, sent: Mapping[str, Any], found: list[Part], held: Sequence[Part]) -> None:
        """Refuse short forms that say something else than the list beside them."""
        first = found[0] if found else {}
        for short, value in sent.items():
            of = self._shorts[short]
            said = value
            if value is not None and self._key:
                [part] = self.cleaned([{of: value}], held)
                said = part[of]
            if said != first.get(of):
                self._batch.refuse(
                    self._number,
                    short,
                    "parts_disagree",
                    f"{short} and the first of {self._name} differ; send one of them.",
                )

    def _fronted(self, sent: Mapping[str, Any], held: list[Part]) -> list[Part]:
        [(short, value)] = sent.items()
        if value is None:
            return held[1:]
        of = self._shorts[short]
        part = {of: value}
        if self._kinds[of] is Kind.PHONE:
            part = self._phone(part, held, short)
        there = [one for one in held if fold(one[of]) == fold(part[of])]
        others = [one for one in held if one not in there]
        first = {**there[0], **part} if there else part
        return [first, *others]

    def _amended(self, sent: Mapping[str, Any], held: list[Part]) -> list[Part]:
        """Change the first part: an address has no key that would tell a new one from another."""
        first = {**(held[0] if held else {})}
        for short, value in sent.items():
            first[self._shorts[short]] = value
        first = {name: value for name, value in first.items() if value is not None}
        return [first, *held[1:]] if set(first) - {"type"} else held[1:]


def _no_phone(typed: str, region: str | None) -> str:
    how = (
        f"; without + and a country it is read as one of {region}"
        if region
        else ("; write it with + and the country, such as +49 30 1234567")
    )
    return f"{typed!r} is not a phone number{how}."
