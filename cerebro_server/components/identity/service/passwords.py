"""Passwords: hashed with argon2id away from the event loop, and refused where they are easy to
guess."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.query import fold

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

SHORTEST, LONGEST = 12, 128
# of no password: what is verified for those who have none, so that it costs the same
_DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$zcIDiBk3tZmVE/UoX7Kd1g"
    "$k0Vd1mXyHkzWQj2u5S8cQ0n1rJ3tTfBv9pLwG6aZxYI"
)
_SAFE = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
# zxcvbn tries every reading of 4@8({[<: 0.2 s for 16 such characters, 0.9 s for 32
_LOOKED_AT = 16
_SHORT_WORD = 4

# two at once: 19 MiB each, and the event loop keeps a core
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


class Person(NamedTuple):
    """Whose password it is: what somebody would try first."""

    email: str
    name: str
    workspace: str


async def hash_of(password: str) -> str:
    """Return what may be stored of a password."""
    return await _aside(lambda: hash_now(password))


def hash_now(password: str) -> str:
    """Return what may be stored of a password; for a process with nothing else to do."""
    return _hasher().hash(_bytes(password))


async def verify(stored: str | None, password: str) -> bool:
    """Tell whether it is the password that was stored; where none was, it takes as long to say
    no."""
    fits = await _aside(lambda: _verify(stored or _DUMMY, password))
    return fits and stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


async def check(password: str, *, field: str, person: Person) -> None:
    """Refuse a password that is too short, too long or easy to guess. Raises `ValidationFailed`
    pointing at `field`."""
    wrong = await _aside(lambda: wrong_with(password, person))
    if wrong is not None:
        code, detail = wrong
        error = {"pointer": f"/{field}", "code": code, "detail": detail}
        raise ValidationFailed(f"{field}: {detail}", errors=[error])


def wrong_with(password: str, person: Person) -> tuple[str, str] | None:
    """Return code and sentence of what is wrong with a new password; None where nothing is."""
    length = len(_normal(password))
    if length < SHORTEST:
        return "password_too_short", f"Use {SHORTEST} characters or more; {length} are too few."
    if length > LONGEST:
        return "password_too_long", f"Use {LONGEST} characters or fewer; {length} are too many."
    if word := _personal_word(password, person):
        return (
            "password_too_weak",
            f"It holds {word!r}, which is the first thing to try; leave out what others know.",
        )
    if not _is_safe(password, person):
        return (
            "password_too_weak",
            "It is easy to guess: common passwords, names, dates and patterns are tried first. "
            "Four or five words that do not belong together are better.",
        )
    return None


def _personal_word(password: str, person: Person) -> str | None:
    text = fold(_normal(password))
    for word in _words(person):
        if word in text:
            return word
    # `main` stands inside of many words, and means nothing there
    alone = rf"(?<![^\W\d_]){re.escape(fold(person.workspace))}(?![^\W\d_])"
    return person.workspace if re.search(alone, text) else None


def _words(person: Person) -> Iterable[str]:
    """Return the address, what stands before its @, the name and its parts, longest first."""
    email, name = fold(person.email), fold(person.name)
    found = {email, email.partition("@")[0], name, re.sub(r"\W", "", name), *re.split(r"\W+", name)}
    return sorted((word for word in found if len(word) >= _SHORT_WORD), key=len, reverse=True)


def _is_safe(password: str, person: Person) -> bool:
    """Tell whether either end of it is hard to guess, and all of it is no common password."""
    from zxcvbn import matching, zxcvbn  # here: its lists of words take 50 ms and 20 MB to load

    if fold(password) in matching.RANKED_DICTIONARIES["passwords"]:
        return False
    words = re.split(r"\W+", f"{person.email} {person.name} {person.workspace} cerebro crm")
    known = [word for word in words if word]
    ends = {password[:_LOOKED_AT], password[-_LOOKED_AT:]}
    return any(zxcvbn(end, user_inputs=known)["score"] >= _SAFE for end in ends)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # here, as below: a server starts 25 ms sooner

    # OWASP, Password Storage Cheat Sheet: 19 MiB, two passes, one lane; 25 ms of one core
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _verify(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """Return one form of texts that look the same: keyboards differ in how they send é."""
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool, work)
