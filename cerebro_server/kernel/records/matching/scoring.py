"""How sure it is that two records are one, and why: rules applied to two sets of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from cerebro_sdk.schemas.workspace.duplicates import DuplicateComparison, DuplicateRules
from cerebro_server.kernel.query.searching import search_text

_DIGITS = re.compile(r"[^0-9]+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_HOST_END = re.compile(r"[/?#:]")
_PHONE: Final = 9
"""Digits of a phone number that count: with or without its country."""
_UNKNOWN: Final = 0.5
"""How alike a first name and none are."""
_PART_OF: Final = 0.97
"""How alike a text is to one that holds all of its words, and more."""
_ENOUGH: Final = 6
"""Letters of a text that is looked for inside another."""
_MISTYPED: Final = {0: 1.0, 1: 0.92, 2: 0.8}
"""How alike two dates are of which so many digits differ, or are swapped."""
_ALIKE: Final = 0.9999
_NOTHING: Final = 1e-9
"""What sums of the same points differ by, as they are added up in another order."""

Values = Sequence[str]
Likeness = Callable[[Values, Values], float]
Prepared = tuple[int, tuple[tuple[str, ...], ...]]
"""The values of a record as each comparison takes them, in the order of the comparisons; before
them a bit for each comparison that has some."""
_Step = tuple[int, DuplicateComparison, Likeness, float, float]
"""A comparison that both records have values for: its number, itself, how alike two are, what it
adds where they are the same, and what those after it add at most."""


class Reason(NamedTuple):
    """What one comparison says of a pair."""

    name: str
    says: str
    points: float

    def wire(self) -> dict[str, Any]:
        """Return it as the API says it."""
        return {"name": self.name, "says": self.says, "points": round(self.points, 3)}


class Scorer:
    """Compares records by one set of rules."""

    def __init__(self, rules: DuplicateRules) -> None:
        # what weighs most comes first, so that most pairs are given up early
        self._compared = sorted(rules.compare, key=lambda each: each.different - each.same)
        self._likeness = [_likeness(each) for each in self._compared]
        self._prepare = [_preparation(each) for each in self._compared]
        self._least = rules.review - _NOTHING
        self._steps: dict[int, list[_Step]] = {}

    def prepared(self, values: Mapping[str, Values]) -> Prepared:
        """Return a record's values, by field, as `score` takes them."""
        found = tuple(
            prepare([list(values.get(field, ())) for field in each.fields])
            for each, prepare in zip(self._compared, self._prepare, strict=True)
        )
        return sum(1 << number for number, each in enumerate(found) if each), found

    def score(self, one: Prepared, other: Prepared) -> tuple[float, list[Reason]] | None:
        """Return the score of a pair and why, the weightiest reason first; None where it is not
        worth a look."""
        both = one[0] & other[0]
        steps = self._steps.get(both)
        if steps is None:
            steps = self._steps[both] = self._steps_of(both)
        total, least = 0.0, self._least
        mine, its = one[1], other[1]
        said: list[tuple[DuplicateComparison, str, float]] = []
        for number, rule, likeness, same, after in steps:
            first, second = mine[number], its[number]
            if first == second:
                says, points = "same", same
            else:
                says, points = _points(rule, likeness(first, second))
            total += points
            if total + after < least:
                return None
            said.append((rule, says, points))
        if total < least:
            return None  # nothing of both was there to compare
        reasons = [Reason(rule.name, says, points) for rule, says, points in said if points]
        reasons.sort(key=lambda each: -abs(each.points))
        return round(min(total, 1.0), 4), reasons

    def _steps_of(self, both: int) -> list[_Step]:
        """Return the comparisons that these bits are set for."""
        rest, found = 0.0, []
        for number in reversed(range(len(self._compared))):
            if both >> number & 1:
                rule = self._compared[number]
                found.append((number, rule, self._likeness[number], rule.same, rest))
                rest += rule.same
        return found[::-1]


def _points(rule: DuplicateComparison, likeness: float) -> tuple[str, float]:
    if likeness >= _ALIKE:
        return "same", rule.same
    if likeness < rule.similar_from:
        return "different", rule.different
    share = (likeness - rule.similar_from) / (1 - rule.similar_from)
    return "similar", rule.similar + (rule.same - rule.similar) * share


def _preparation(
    rule: DuplicateComparison,
) -> Callable[[Sequence[Values]], tuple[str, ...]]:
    """Return what makes of the values of each field those that are compared."""
    left_out = frozenset(word for each in rule.leave_out for word in _words(each).split())
    hosts = frozenset(each.lower() for each in rule.leave_out)

    def names(fields: Sequence[Values]) -> tuple[str, ...]:
        found = tuple(_words(next(iter(values), "")).replace(" ", "") for values in fields)
        return found if any(found) else ()

    def plain(fields: Sequence[Values]) -> tuple[str, ...]:
        return _each(fields, lambda value: _without(_words(value), left_out))

    def domains(fields: Sequence[Values]) -> tuple[str, ...]:
        return tuple(each for each in _each(fields, host) if each not in hosts)

    if rule.how == "names":
        return names
    if rule.how == "domain":
        return domains
    plainly: Mapping[str, Callable[[str], str]] = {
        "phone": lambda value: _DIGITS.sub("", value)[-_PHONE:],
        "date": lambda value: _DIGITS.sub("", value[:10]),
        "number": str.strip,
        "email": lambda value: value.strip().lower(),
    }
    if rule.how in plainly:
        return lambda fields: _each(fields, plainly[rule.how])
    return plain


def _each(fields: Sequence[Values], make: Callable[[str], str]) -> tuple[str, ...]:
    made = (make(value) for values in fields for value in values)
    # of tuples the empty one is there once: most values of most records are none
    return tuple(value for value in dict.fromkeys(made) if value)


def _words(value: str) -> str:
    return search_text(value).strip(" ")


def _without(text: str, left_out: frozenset[str]) -> str:
    """Return a text without words that say nothing, unless it has no others."""
    if not left_out:
        return text
    return " ".join(word for word in text.split() if word not in left_out) or text


def host(value: str) -> str:
    """Return the host of a web or mail address, without `www`."""
    found = _SCHEME.sub("", value.strip().lower().rpartition("@")[2])
    return _HOST_END.split(found, maxsplit=1)[0].removeprefix("www.")


def _likeness(rule: DuplicateComparison) -> Likeness:
    if rule.how == "names":
        return _names
    within = rule.within or 1.0
    compare: Mapping[str, Callable[[str, str], float]] = {
        "exact": lambda a, b: float(a == b),
        "domain": lambda a, b: float(a == b),
        "text": JaroWinkler.similarity,
        "edit": OSA.normalized_similarity,
        "words": _of_words,
        "date": _of_dates,
        "phone": _of_phones,
        "number": lambda a, b: _of_numbers(a, b, within),
        "email": _of_addresses,
    }
    alike = compare[rule.how]

    def most(first: Values, second: Values) -> float:
        if len(first) == len(second) == 1:
            return alike(first[0], second[0])
        return max(alike(a, b) for a in first for b in second)

    return most


def _names(first: Values, second: Values) -> float:
    """Compare first and last names, straight and swapped. Where one has no first name, half of it
    is unknown."""
    (one, one_last), (other, other_last) = first, second
    straight = _name(one, other) + _name(one_last, other_last)
    swapped = _name(one, other_last) + _name(one_last, other)
    return max(straight, swapped) / 2


def _name(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return JaroWinkler.similarity(one, other) if one and other else _UNKNOWN


def _of_words(one: str, other: str) -> float:
    whole = fuzz.token_sort_ratio(one, other)
    part = fuzz.token_set_ratio(one, other)
    mine, its = one.replace(" ", ""), other.replace(" ", "")
    if min(len(mine), len(its)) >= _ENOUGH:  # blanks in wrong places, and a second line
        part = max(part, fuzz.partial_ratio(mine, its))
    return max(whole, part * _PART_OF) / 100


def _of_dates(one: str, other: str) -> float:
    if one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]:
        return _MISTYPED[1]  # day and month swapped
    return _MISTYPED.get(OSA.distance(one, other), 0.0)


def _of_phones(one: str, other: str) -> float:
    if one == other:
        return 1.0
    is_long = len(one) >= 7 and len(other) >= 7
    return 0.9 if is_long and OSA.distance(one, other, score_cutoff=1) == 1 else 0.0


def _of_numbers(one: str, other: str, within: float) -> float:
    try:
        distance = abs(float(one) - float(other))
    except ValueError:
        return float(one == other)
    return max(0.0, 1 - distance / within)


def _of_addresses(one: str, other: str) -> float:
    """Compare what stands before the @, in one domain only."""
    (mine, _, here), (its, _, there) = one.rpartition("@"), other.rpartition("@")
    return JaroWinkler.similarity(mine, its) if here == there else 0.0
