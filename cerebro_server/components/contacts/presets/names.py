"""Names of people, taken apart into first and last name."""

from __future__ import annotations

_PARTICLES = frozenset(
    [
        "af",
        "al",
        "ap",
        "av",
        "aw",
        "bin",
        "bint",
        "da",
        "das",
        "de",
        "degli",
        "dei",
        "del",
        "dela",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "le",
        "lo",
        "los",
        "van",
        "vande",
        "vander",
        "von",
        "vom",
        "zu",
        "zum",
        "zur",
        "ten",
        "ter",
        "'t",
    ]
)
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "v", "phd", "md", "esq", "dds", "cpa", "mba"])


def split(name: str) -> dict[str, str]:
    """Return `first_name` and `last_name` of a full name; what cannot be taken apart is all last.

    The last name begins with its particles (Ludwig | van Beethoven), suffixes stay with it (Martin
    Luther | King Jr.), and of `King, Martin Luther` it comes first. Put together again the parts
    give what was there, but for a comma that turned them round.
    """
    words = name.split()
    pieces = [piece.strip() for piece in " ".join(words).split(",")]
    suffix = f" {pieces.pop()}" if len(pieces) == 3 and _is_suffix(pieces[-1]) else ""
    if len(pieces) == 2 and all(pieces) and not _is_suffix(pieces[1]):
        return {"first_name": pieces[1], "last_name": f"{pieces[0]}{suffix}"}
    if len(pieces) > 2 or "" in pieces:
        return {"last_name": " ".join(words)}
    end = len(words)
    while end > 1 and _is_suffix(words[end - 1]):
        end -= 1
    if end < 2:
        return {"last_name": " ".join(words)}
    start = end - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return {"first_name": " ".join(words[:start]), "last_name": " ".join(words[start:])}


def _is_suffix(word: str) -> bool:
    return word.lower().replace(".", "").strip(", ") in _SUFFIXES
