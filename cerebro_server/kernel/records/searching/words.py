"""The words of a search, and what the trigram index is asked for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cerebro_server.kernel.query.searching import grams, search_text

MOST_WORDS = 6
LOOSE_FROM = 4
"""Letters from which on a word may stand inside another one."""
TYPO_FROM = 5
"""Letters from which on it may be mistyped: of a shorter one, little is left to look for."""
TYPO_TO = 20
"""Letters up to which it may: the ways to mistype a word, and their length, grow with it."""
_OPEN_FROM = 6
"""Letters from which on a mistyped word may be the beginning of a longer one."""
_NUMBER = re.compile(r"[\d\s()+./-]+")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Word:
    """One word that must be found, and how."""

    text: str
    loose: bool = False
    """Inside of words too, and with one mistake: a letter more, less, other, or two swapped."""
    is_right: bool = False
    """Whether it is known to be typed as it is meant, so that no mistake is looked for."""

    @property
    def plain(self) -> list[str]:
        """The trigrams of a record that has the word as it is typed."""
        if len(self.text) == 1:
            return []  # half of all records have it
        return grams(self.text) if self.loose else grams(f"  {self.text}")

    @property
    def pattern(self) -> str:
        """A regular expression for the word with one mistake, over a text as search sees it; for
        one that is too short or too long for that, just the word."""
        if self.is_right or not TYPO_FROM <= len(self.text) <= TYPO_TO:
            return f" {self.text}"
        end = "" if len(self.text) >= _OPEN_FROM else " "
        return f" (?:{'|'.join(dict.fromkeys(self._variants()))}){end}"

    def mistyped(self) -> Iterator[list[str]]:
        """Yield lists of trigrams: a record that has the word with one mistake has all of one.

        One mistake leaves two thirds of a word as they are.
        """
        text, size = self.text, len(self.text)
        edge = max(2, size // 3)
        if not self.loose or self.is_right or not TYPO_FROM <= size <= TYPO_TO:
            return
        yield grams(f"  {text[:-edge]}")
        yield grams(text[edge:] if size >= _OPEN_FROM else f"{text[edge:]} ")
        yield grams(f"  {text[:edge]}") + grams(f"{text[-edge:]} ")
        for place in {edge, size - edge}:  # a swap across the edge spoils both sides of it
            yield grams(f"  {_swapped(text, place)}")

    def _variants(self) -> Iterator[str]:
        text = self.text
        for place in range(len(text)):
            yield f"{text[:place]}[^ ]?{text[place + 1 :]}"
            yield f"{text[:place]}[^ ]{text[place:]}"
            if place:
                yield _swapped(text, place)
        yield f"{text}[^ ]"


def _swapped(text: str, place: int) -> str:
    return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


def trigrams(words: Sequence[Word]) -> list[list[str]]:
    """Return what a record may have: all trigrams of at least one of these lists.

    One word at most is mistyped. Each list is one lookup of the index that all words narrow down;
    a disjunction for each word would leave the rest of them to be tested row by row.
    """
    found = [[gram for word in words for gram in word.plain]]
    for word in words:
        others = [gram for other in words if other is not word for gram in other.plain]
        found += [[*others, *mistyped] for mistyped in word.mistyped()]
    return [each for each in found if each]


def after_hits(words: Sequence[Word]) -> Sequence[Word]:
    """Return how words are looked for after something has them as they are typed: of several no
    mistake is looked for, which would take four times as long as all else."""
    return words if len(words) == 1 else [replace(word, is_right=True) for word in words]


def attempts(query: str) -> list[list[Word]]:
    """Return the ways to read a search, the strictest first: whole words and beginnings; then
    loosely; then as a phone number, however it is grouped."""
    found = list(dict.fromkeys(filter(None, search_text(query).split(" "))))[:MOST_WORDS]
    if not found:
        return []
    ways = [[Word(text) for text in found]]
    loose = [Word(text, loose=len(text) >= LOOSE_FROM) for text in found]
    if loose != ways[0]:
        ways.append(loose)
    digits = re.sub(r"\D+", "", query, flags=re.ASCII).lstrip("0")
    if _NUMBER.fullmatch(query) and len(digits) >= _DIGITS and found != [digits]:
        ways.append([Word(digits, loose=True)])
    return ways
