"""What a value in a filter means for the kind of field it is held against."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from cerebro_sdk.schemas.custom_values import clock, seconds
from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import Moment, Text, Value, Word
from cerebro_server.kernel import phones
from cerebro_server.kernel.errors import closest
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query.folding import fold
from cerebro_server.kernel.query.formatting import format_value
from cerebro_server.kernel.query.limits import UNSTORABLE
from cerebro_server.kernel.query.mistakes import refusal
from cerebro_server.kernel.query.moments import (
    Day,
    has_clock_steps,
    shift_date,
    shift_instant,
    whole_day,
)

TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.DOMAIN, Kind.URL, Kind.EMAIL, Kind.PHONE})


@dataclass(frozen=True, slots=True)
class Env:
    """What special values mean: the moment, the caller's time zone, and the caller."""

    now: datetime
    timezone: tzinfo = UTC
    me: UUID | None = None
    teams: tuple[str, ...] = ()
    region: str | None = None
    """The country of phone numbers that are written without one."""


@dataclass(frozen=True, slots=True)
class Several:
    """A value that stands for several: `my.teams`, a phone number and its normal form."""

    values: tuple[Any, ...]


def convert(value: Value, field: Field, env: Env) -> Any:
    """Return the value as the field's type has it; texts come folded, days against times as Day."""
    try:
        convert = _option if field.options else _CONVERTERS.get(field.kind, _text)
        return convert(value, field, env)
    except (OverflowError, ValueError) as error:
        raise _refused(value, field, f"that is out of range ({error})") from None


def _refused(value: Value, field: Field, why: str, suggestion: str | None = None) -> Exception:
    shown = format_value(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
    detail = f"`{shown}` does not fit {field.name}: {why}."
    return refusal(detail, position=value.position, suggestion=suggestion)


def _typed(value: Value) -> str:
    """Return the text of a word or of a quoted value."""
    return value.text.strip() if isinstance(value, Text) else getattr(value, "word", "")


def _special(value: Value) -> str | None:
    """Return a bare word that may have a meaning of its own, in lower case."""
    if isinstance(value, Word) and (value.word.islower() or value.word.isupper()):
        return value.word.lower()
    return None


def _text(value: Value, field: Field, env: Env) -> str:
    if isinstance(value, Moment):
        raise _refused(value, field, "it holds text, not a time", f'"{format_value(value)}"')
    plain = value.text if isinstance(value, Text) else value.word
    if bad := UNSTORABLE.search(plain):
        raise refusal(f"U+{ord(bad[0]):04X} cannot stand in a value.", position=value.position)
    if not plain:
        raise _refused(value, field, "an empty text equals nothing", f"{field.name} is empty")
    return fold(plain)


def _phone(value: Value, field: Field, env: Env) -> str | Several:
    typed = _text(value, field, env)
    normal = phones.normal(typed, env.region)
    return typed if normal is None or normal == typed else Several((typed, normal))


def _integer(value: Value, field: Field, env: Env) -> int:
    number = _typed(value)
    if not re.fullmatch(r"[+-]?[0-9]+", number):
        raise _refused(value, field, "it holds whole numbers such as 42")
    if len(number) > 40:
        raise _refused(value, field, "the number has more than 40 digits")
    return int(number)


def _decimal(value: Value, field: Field, env: Env) -> Decimal:
    number = _typed(value)
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", number):
        raise _refused(value, field, "it holds numbers such as 42.5")
    result = Decimal(number)
    if len(number) > 60 or (result and abs(result.adjusted()) > 60):
        raise _refused(value, field, "the number has more than 60 digits")
    return result


def _boolean(value: Value, field: Field, env: Env) -> bool:
    known = {"true": True, "false": False}.get(_special(value) or "")
    if known is None:
        meant = _TRUTHS.get(_typed(value).lower())
        raise _refused(value, field, "it is true or false, without quotes", meant)
    return known


_TRUTHS = {
    "true": "true",
    "yes": "true",
    "1": "true",
    "false": "false",
    "no": "false",
    "0": "false",
}


def _uuid(value: Value, field: Field, env: Env) -> UUID:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", _typed(value)):
        raise _refused(value, field, "it holds full ids (UUIDs)")
    return UUID(_typed(value))


def _user(value: Value, field: Field, env: Env) -> UUID | Several:
    if _special(value) == "me":
        return env.me or Several(())
    return _uuid(value, field, env)


def _team(value: Value, field: Field, env: Env) -> str | Several:
    if _special(value) == "my.teams":
        return Several(env.teams)
    return _text(value, field, env)


def _date(value: Value, field: Field, env: Env) -> date:
    today = env.now.astimezone(env.timezone).date()
    if isinstance(value, Moment):
        if value.moment == "now" or has_clock_steps(value.shifts):
            raise _refused(value, field, "it holds days: count from today in d, w, mo or y")
        return shift_date(today, value.shifts)
    if _special(value) == "today":
        return today
    if not re.fullmatch(_DAY, _typed(value)):
        meant = "today" if _special(value) == "now" else None
        raise _refused(value, field, "it holds days such as 2026-01-31 or today", meant)
    return date.fromisoformat(_typed(value))


def _datetime(value: Value, field: Field, env: Env) -> datetime | Day:
    today = env.now.astimezone(env.timezone).date()
    if isinstance(value, Moment):
        if value.moment == "now":
            return shift_instant(env.now, value.shifts, env.timezone)
        if has_clock_steps(value.shifts):
            return shift_instant(whole_day(today, env.timezone).start, value.shifts, env.timezone)
        return whole_day(shift_date(today, value.shifts), env.timezone)
    special = _special(value)
    if special == "now":
        return env.now.astimezone(UTC)
    if special == "today":
        return whole_day(today, env.timezone)
    return _calendar(value, field, env)


def _option(value: Value, field: Field, env: Env) -> str:
    """Return the key of an option, which is called by its key or its label."""
    asked = _text(value, field, env)
    keys = [key for key, _ in field.options]
    labels = {fold(label): key for key, label in reversed(field.options)}
    found = asked if asked in keys else labels.get(asked)
    if found is None:
        why = f"there is no such option; there are {', '.join(keys)}"
        raise _refused(value, field, why, closest(asked, [*keys, *labels]))
    return found


def _clock(value: Value, field: Field, env: Env) -> str:
    found: str = _read(clock, value, field)
    return found


def _duration(value: Value, field: Field, env: Env) -> int:
    found: int = _read(seconds, value, field)
    return found


def _read(read: Callable[[str], Any], value: Value, field: Field) -> Any:
    try:
        return read(_typed(value))
    except ValueError as error:
        raise _refused(value, field, str(error)[:200]) from None


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = rf"{_DAY}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]{{1,9}})?)?"
_ZONE = r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def _calendar(value: Value, field: Field, env: Env) -> datetime | Day:
    typed = _typed(value).upper()
    if re.fullmatch(_DAY, typed):
        return whole_day(date.fromisoformat(typed), env.timezone)
    if re.fullmatch(_CLOCK, typed):
        raise _refused(value, field, "a time needs its zone", f"{typed.replace(' ', 'T')}Z")
    if not re.fullmatch(_CLOCK + _ZONE, typed):
        examples = "2026-01-31, 2026-01-31T09:30Z or now - 30d"
        raise _refused(value, field, f"it holds times such as {examples}")
    plain = typed.replace(" ", "T", 1) if "T" not in typed else typed
    return datetime.fromisoformat(plain.replace(" ", "")).astimezone(UTC)


_CONVERTERS: dict[Kind, Callable[[Value, Field, Env], Any]] = {
    Kind.PHONE: _phone,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.UUID: _uuid,
    Kind.USER: _user,
    Kind.TEAM: _team,
    Kind.KEYS: _team,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TIME: _clock,
    Kind.DURATION: _duration,
}
