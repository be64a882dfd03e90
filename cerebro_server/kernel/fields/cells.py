"""How cells of other products become ours: amounts, days, times, labels, markup."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr)>", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;]+@[^\s@<>()\[\],;]+")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_JOINED = re.compile(r"\u200d[=+\-@\t\r]")
_NO_DAY = re.compile(r"0+/0+/0+|--.*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_MADE_ID = re.compile(r"__export__\.[a-z0-9_]+?_(\d+)_[0-9a-f]{8}")
_NO_ZONE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?")


def in_capitals_too(*marks: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return columns as Salesforce writes them, and as its Data Loader does."""
    return (*marks, *(tuple(name.upper() for name in mark) for mark in marks))


def amount(text: str) -> str:
    """Read `8.48E10` as 84800000000; what is no number stays, to be refused by name."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    is_plain = number.is_finite() and abs(number.adjusted()) < 40
    return f"{number:f}" if is_plain else text


def day(text: str) -> str | None:
    """Read `1/31/1990`, month first unless that cannot be; days without a year are none."""
    if _NO_DAY.fullmatch(text):
        return None
    if not (found := _SLASHED.fullmatch(text)):
        return text
    month, of_month, year = (int(part) for part in found.groups())
    if month > 12:
        month, of_month = of_month, month
    return f"{year:04}-{month:02}-{of_month:02}"


def moment(text: str) -> str:
    """Read a time without a zone as UTC."""
    if not _NO_ZONE.fullmatch(text):
        return text
    try:
        return f"{datetime.fromisoformat(text).isoformat()}Z"
    except ValueError:
        return text


def kind(text: str) -> str | None:
    """Read Google's types: the main one bears a star, `* Work`."""
    return text.removeprefix("*").strip().lower() or None


def first(text: str) -> str:
    """Read the first of several values that Google has in one cell."""
    return text.split(" ::: ", maxsplit=1)[0].strip()


def unmarked(text: str) -> str:
    """Take off the joiner that Twenty puts before what a spreadsheet would run."""
    return text[1:] if _JOINED.match(text) else text


def first_named(text: str) -> str:
    """Read the first of several ids or names that semicolons part."""
    return text.split(";", maxsplit=1)[0].strip()


def first_of_json(text: str) -> str | None:
    """Read the first of a JSON list of texts."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(found, list):
        return text
    return next((each for each in found if isinstance(each, str) and each), None)


def without_markup(text: str) -> str | None:
    """Read the text of HTML."""
    lines = _BREAK.sub("\n", text)
    return html.unescape(_TAG.sub("", lines)).strip() or None


def email_in(text: str) -> str | None:
    """Read the address in `Ada Lovelace (ada@acme.example)`; a name alone is left out."""
    found = _EMAIL.search(text)
    return found[0] if found else None


def labels(text: str) -> list[str] | None:
    """Read Google's labels; those with a star are its own."""
    found = [label.strip() for label in text.split(":::")]
    return [label for label in found if label and not label.startswith("*")] or None


def words(text: str) -> list[str]:
    """Read Outlook's categories, which semicolons part."""
    return [word.strip() for word in text.split(";") if word.strip()]


def percent(text: str) -> str:
    """Read `10.0` and `10 %` as 10; what is no whole number stays, to be refused by name."""
    return _rounded(text.removesuffix("%").strip(), text)


def whole(text: str) -> str:
    """Read `10.0` as 10; what is no number stays, to be refused by name."""
    return _rounded(text, text)


def from_milliseconds(text: str) -> str:
    """Read `95000` as 95 seconds, and `0:01:35` as well; else it stays, to be refused by name."""
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return str(hours * 3600 + minutes * 60 + seconds)
    read = whole(text)
    return str(int(read) // 1000) if read.isdecimal() else text


def number_in(text: str) -> str | None:
    """Read the number that a record has where Odoo made its external id of it, 7 of
    `__export__.res_partner_7_0a1b2c3d`, or that is all there is; other ids have none."""
    found = text if text.isdecimal() else _MADE_ID.sub(r"\1", text)
    return found if found.isdecimal() else None


def share(text: str) -> str:
    """Read a share of one, `0.2`, as per cent."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return percent(text)
    return f"{round(number * 100):d}" if 0 <= number <= 1 else percent(text)


def day_of(text: str) -> str | None:
    """Read the day of a time."""
    return day(text[:10] if _DAY.match(text) else text.split(" ", maxsplit=1)[0])


def moment_of(text: str) -> str:
    """Read a day as its beginning, and a time without a zone, as UTC."""
    return f"{text}T00:00:00Z" if _DAY.fullmatch(text) else moment(text)


def _rounded(text: str, otherwise: str) -> str:
    try:
        number = Decimal(amount(text))
    except InvalidOperation:
        return otherwise
    return f"{round(number):d}" if number.is_finite() else otherwise
