"""Which field each column of a file probably is: by its name in many languages and its values."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing import looks, naming
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN
from cerebro_server.kernel.records.importing.targets import (
    MOST_PARTS,
    checked_target,
    parsed,
    same_place,
)

CERTAIN: Final = 0.9
"""From here on a column is taken for a field without being told to."""
OWN: Final = "English"
"""The language of our own names and labels."""
_WORD, _FOREIGN, _NUMBERED, _UNLIKE = 0.95, 0.85, 0.94, 0.5
_ANOTHER, _PART_OF_NAME, _BOTH, _SPELLED, _LOOKS = 0.75, 0.65, 0.8, 0.6, 0.55
_FEW_COLUMNS = 3
_CLOSE = 0.8
_GUESSED_COLUMNS = 60  # a guess looks at every word; a million cells must not wait for it
_MOST_CANDIDATES = 3
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "đ": "d"})
_NUMBER = re.compile(r"(.*\D)([1-9])")
_TOKEN = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])|\d+")


class Candidate(NamedTuple):
    """A field that a column may be."""

    target: str
    score: float
    """How sure that is, from 0 to 1."""
    reason: str


class _Spoken(NamedTuple):
    target: str
    said: str
    """The target as it was declared, for people."""
    languages: tuple[str, ...]


def plain(name: str) -> str:
    """Return what of a word counts across languages: `Prénom` is `prenom`."""
    bare = unicodedata.normalize("NFKD", naming.folded(name).translate(_LETTERS))
    return "".join(c for c in bare if not unicodedata.combining(c)).translate(_LETTERS)


def candidates(
    record_type: RecordType, header: Sequence[str], sample: Sequence[Sequence[Any]] = ()
) -> list[list[Candidate]]:
    """Return by column the fields that it may be, the likeliest first.

    `sample` are rows of the file: a name that other words than ours say counts less where the
    values contradict it.
    """
    found: list[dict[str, Candidate]] = [{} for _ in header]
    closed = _by_own_names(record_type, header, found)
    said = [
        [] if index in closed or name == ERROR_COLUMN else _spoken_by(record_type, name)
        for index, name in enumerate(header)
    ]
    languages = _languages(
        {*(OWN for _ in found[index]), *(each for s in spoken for each in s[1])}
        for index, spoken in enumerate(said)
    )
    for index, spoken in enumerate(said):
        for candidate, of_word in spoken:
            judged = _judged(candidate, of_word, languages)
            kept = _fitting(record_type, judged, looks.values_of(sample, index))
            found[index].setdefault(kept.target, kept)
    blank = [i for i, name in enumerate(header) if name.strip() and name != ERROR_COLUMN]
    for index in [i for i in blank if not found[i] and i not in closed][:_GUESSED_COLUMNS]:
        values = looks.values_of(sample, index)
        for guess in _guesses(record_type, header[index], values):
            found[index].setdefault(guess.target, guess)
    return [sorted(of.values(), key=lambda c: -c.score)[:_MOST_CANDIDATES] for of in found]


def assigned(
    record_type: RecordType, found: Sequence[Sequence[Candidate]], least: float = CERTAIN
) -> dict[int, Candidate]:
    """Give each field to the column that fits it best, of what is at least so sure."""
    sure = [[c for c in of if c.score >= least] for of in found]
    for whole in record_type.splits:
        pieces = {*record_type.pieces[whole]}
        targets = [{c.target.removesuffix("+") for c in of} for of in sure]
        # `Name` is the last name beside a first name, and both where it stands alone
        out = {whole} if any(t & pieces and whole not in t for t in targets) else pieces
        sure = [
            [c for c in of if c.target not in out or (out is pieces and whole not in t)]
            for of, t in zip(sure, targets, strict=True)
        ]
    ranked = sorted(
        (-candidate.score, index, place, candidate)
        for index, of in enumerate(sure)
        for place, candidate in enumerate(of)
    )
    taken: list[str] = []
    given: dict[int, Candidate] = {}
    for _, index, _, candidate in ranked:
        free = _free(record_type, candidate, taken)
        if index not in given and free is not None:
            given[index] = free
            taken.append(free.target)
    return dict(sorted(given.items()))


def left_over(
    record_type: RecordType,
    header: Sequence[str],
    found: Sequence[Sequence[Candidate]],
    fields: Mapping[int, str],
) -> dict[int, list[Candidate]]:
    """Return what the columns that became nothing may be yet: what is free, or one more of a list;
    where neither is possible, which column has the field."""
    holders = {target: index for index, target in fields.items()}
    rest: dict[int, list[Candidate]] = {}
    for index, of in enumerate(found):
        if index in fields:
            continue
        for candidate in of:
            pieces = record_type.pieces.get(candidate.target, ())
            clashing = (_clashing(record_type, t, holders) for t in (candidate.target, *pieces))
            holder = next((holders[taken] for taken in chain.from_iterable(clashing)), None)
            other = candidate if holder is None else _next_of_list(record_type, candidate, holders)
            if other is None and holder is not None:
                reason = f"{candidate.reason}; but {header[holder]!r} has that field"
                other = candidate._replace(score=0.0, reason=reason)
            if other is not None:
                rest.setdefault(index, []).append(other)
        for candidate in rest.get(index, ())[:1]:
            holders.setdefault(candidate.target, index)
    return rest


def _by_own_names(
    record_type: RecordType, header: Sequence[str], found: list[dict[str, Candidate]]
) -> set[int]:
    """Find columns by our names; return those that may not be written, which are nothing else."""
    columns = record_type.plain.columns
    fixed = {*columns, *(each.key for each in record_type.custom)} - {*record_type.splits}
    closed: set[int] = set()
    for way in naming.ways(record_type, header):
        for index, name in enumerate(header):
            if index in closed or name == ERROR_COLUMN:
                continue
            if target := way.known.get(way.read(name)):
                found[index].setdefault(target, Candidate(target, way.score, way.reason))
            elif name.strip() in fixed and not found[index]:
                closed.add(index)
    return closed


@lru_cache(32)
def _vocabulary(record_type: RecordType) -> Mapping[str, tuple[_Spoken, ...]]:
    """Return what the words of all languages mean, by how they count."""
    known: dict[str, dict[str, _Spoken]] = {}
    for said, by_language in record_type.also_called.items():
        target = _usable(record_type, said)
        for language, words in by_language.items() if target else ():
            for word in words:
                of = known.setdefault(plain(word), {})
                before = of.get(target or "")
                languages = tuple(dict.fromkeys((*(before.languages if before else ()), language)))
                of[target or ""] = _Spoken(target or "", said, languages)
    return {word: tuple(of.values()) for word, of in known.items()}


def _usable(record_type: RecordType, target: str) -> str | None:
    """Return a declared target in its full form; None where the caller may not write it."""
    name = parsed(target).field
    if name in record_type.splits:
        pieces = record_type.pieces[name]
        return target if all(piece in record_type.writable for piece in pieces) else None
    if name not in record_type.writable and name not in record_type.import_parents:
        return None
    return checked_target(record_type, target, column=target)


def _spoken_by(record_type: RecordType, name: str) -> list[tuple[Candidate, tuple[str, ...]]]:
    """Return what a column's name means in any language, and in which; `Telefon 2` is the second
    phone."""
    known, word = _vocabulary(record_type), plain(name)
    if not word:
        return []
    found = [
        (Candidate(s.target, _WORD, f"{_listed(s.languages)} for {s.said}"), s.languages)
        for s in known.get(word, ())
    ]
    if found or not (numbered := _NUMBER.fullmatch(word)):
        return found
    base, n = numbered[1], int(numbered[2])
    own = {plain(field): field for field in record_type.primaries if field in record_type.writable}
    targets = {s.target: s.languages for s in known.get(base, ())}
    targets |= {own[base]: (OWN,)} if base in own else {}
    spoken: dict[tuple[str, str], tuple[str, ...]] = {}
    for target, languages in targets.items():
        if listed := _list_of(record_type, target):
            spoken[listed] = (*spoken.get(listed, ()), *languages)
    for (list_, of), languages in spoken.items():
        found.append(
            (Candidate(f"{list_}[{n}].{of}", _NUMBERED, f"number {n} of {list_}"), languages)
        )
    return found


def _languages(of_columns: Iterable[set[str]]) -> list[str]:
    """Return the languages of a file: what most columns are in, then what several others are in.
    None where too few columns say anything."""
    left = [each for each in of_columns if each]
    found: list[str] = []
    least = _FEW_COLUMNS
    while votes := Counter(language for each in left for language in sorted(each)).most_common(1):
        [(language, count)] = votes
        if count < least:
            break
        found.append(language)
        left = [each for each in left if language not in each]
        least = 2
    return found


def _judged(candidate: Candidate, of_word: Iterable[str], languages: Sequence[str]) -> Candidate:
    """Doubt a word that is in none of the languages of the file; English ones are all over."""
    if not languages or not {OWN, *languages}.isdisjoint(of_word):
        return candidate
    said = f"{candidate.reason}, but the file is in {' and '.join(languages[:2])}"
    return candidate._replace(score=_FOREIGN, reason=said)


def _fitting(record_type: RecordType, candidate: Candidate, values: Sequence[str]) -> Candidate:
    """Doubt a candidate whose values are of another kind."""
    look = looks.OF_KIND.get(_kind(record_type, candidate.target) or Kind.TEXT)
    if look is None or not values or looks.share(look, values) >= 0.5:
        return candidate
    return candidate._replace(
        score=_UNLIKE, reason=f"{candidate.reason}, but its values are no {look.words}"
    )


def _guesses(record_type: RecordType, name: str, values: Sequence[str]) -> Iterator[Candidate]:
    """Yield what a column may be that no name fits: by a part of its name, by a name that is
    spelled nearly so, by its values."""
    known = _names(record_type)
    tokens = [plain(token) for token in _TOKEN.findall(name)]
    pieces = ("".join(tokens[a:b]) for a, b in _spans(len(tokens)))
    part = next((piece for piece in pieces if len(piece) > 2 and piece in known), None)
    for word, score, reason in (
        (part, _PART_OF_NAME, "a part of its name"),
        (
            next(iter(get_close_matches(plain(name), known, 1, _CLOSE)), None),
            _SPELLED,
            "spelled so",
        ),
    ):
        for target in known.get(word or "", ()):
            kept = _fitting(record_type, Candidate(target, score, reason), values)
            if kept.score < score:
                continue
            if values and (_kind(record_type, target) or Kind.TEXT) in looks.OF_KIND:
                kept = kept._replace(score=_BOTH, reason=f"{reason}, and its values fit")
            yield kept
    for kind, look in looks.UNMISTAKABLE:
        if values and looks.share(look, values) >= 0.9:
            for target in _of_kind(record_type, kind)[:1]:
                yield Candidate(target, _LOOKS, f"its values are {look.words}")
            break


def _spans(count: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a name, the longest first."""
    for length in range(min(count, 4), 0, -1):
        for start in range(count - length + 1):
            yield start, start + length


@lru_cache(32)
def _names(record_type: RecordType) -> Mapping[str, tuple[str, ...]]:
    """Return every name and word that there is, with what it means."""
    known: dict[str, dict[str, None]] = {}
    for way in list(naming.ways(record_type, ()))[1:]:
        for word, target in way.known.items():
            known.setdefault(plain(word), {})[target] = None
    for word, of in _vocabulary(record_type).items():
        known.setdefault(word, {}).update(dict.fromkeys(each.target for each in of))
    return {word: tuple(targets) for word, targets in known.items()}


def _of_kind(record_type: RecordType, kind: Kind | None) -> list[str]:
    """Return the fields that hold such values; of other records, what finds them by it."""
    if kind is None:
        return [name for name in ("country",) if name in record_type.writable]
    own = [n for n in naming.own(record_type) if record_type.fields[n].kind is kind]
    parents = record_type.import_parents.items()
    others = [f"{name}.{key}" for name, each in parents for key in each.by if key == kind.value]
    return [*own, *others]


def _kind(record_type: RecordType, text: str) -> Kind | None:
    target = parsed(text)
    if target.n:
        return record_type.parts[target.field].get(target.of)
    if target.field in record_type.import_parents:
        return Kind.DOMAIN if target.key == Kind.DOMAIN.value else None
    known = record_type.fields.get(target.key if target.field == COLUMN else target.field)
    return known.kind if known else None


def _list_of(record_type: RecordType, target: str) -> tuple[str, str] | None:
    """Return the list and its sub-field that a target is of: `emails` and `address`."""
    primary = record_type.primaries.get(target)
    name = primary.field if primary else parsed(target).field
    key = record_type.part_keys.get(name)
    if key is None or (primary and primary.of != key.of) or parsed(target).of not in ("", key.of):
        return None
    return name, key.of


def _place(record_type: RecordType, target: str) -> str:
    """Return what two columns may not share: a short form is the first of its list."""
    primary = record_type.primaries.get(target)
    return f"{primary.field}[1].{primary.of}" if primary else same_place(target)


def _clashing(record_type: RecordType, target: str, taken: Iterable[str]) -> Iterator[str]:
    """Yield what stands in the way of a target: the same place, and a list as a whole beside its
    parts one by one; a short form beside its list says nothing more."""
    place, one = _place(record_type, target), parsed(target)
    for other in taken:
        two = parsed(other)
        is_list = one.field == two.field and bool(one.n) != bool(two.n)
        if is_list or _place(record_type, other) == place:
            yield other


def _free(record_type: RecordType, candidate: Candidate, taken: Sequence[str]) -> Candidate | None:
    """Return the candidate if its place is free; one of a list that is not the first, else the next
    place of that."""
    if next(_clashing(record_type, candidate.target, taken), None) is None:
        return candidate
    n = parsed(candidate.target).n
    return _renumbered(record_type, candidate, taken) if n > 1 else None


def _next_of_list(
    record_type: RecordType, candidate: Candidate, taken: Iterable[str]
) -> Candidate | None:
    if _list_of(record_type, candidate.target) is None:
        return None
    moved = _renumbered(record_type, candidate, taken)
    return moved and moved._replace(
        score=min(candidate.score, _ANOTHER), reason=f"{candidate.reason}; one more of them"
    )


def _renumbered(
    record_type: RecordType, candidate: Candidate, taken: Iterable[str]
) -> Candidate | None:
    listed = _list_of(record_type, candidate.target)
    places = {_place(record_type, target) for target in taken}
    if listed is None or listed[0] in places:
        return None
    name, of = listed
    n = next((n for n in range(2, MOST_PARTS) if f"{name}[{n}].{of}" not in places), None)
    if n is None:
        return None
    kind = parsed(candidate.target).type
    return candidate._replace(target=f"{name}[{n}{':' + kind if kind else ''}].{of}")


def _listed(languages: Sequence[str]) -> str:
    return ", ".join(languages[:2]) + (" …" if len(languages) > 2 else "")
