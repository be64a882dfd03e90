"""Times in filters: dates, instants, and steps from now or today in the caller's time zone."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"mo": 1, "y": 12}


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day against a field that holds instants: from `start` until just before `end`."""

    start: datetime
    end: datetime


def whole_day(day: date, zone: tzinfo) -> Day:
    """Return when a day begins and ends; it need not have 24 hours."""
    return Day(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def has_clock_steps(shifts: Sequence[str]) -> bool:
    """Whether a step is shorter than a day, so that the result is an instant."""
    return any(_parts(shift)[1] in _SECONDS for shift in shifts)


def shift_date(day: date, shifts: Sequence[str]) -> date:
    """Move a day by whole days and more; the 31st of a shorter month is its last day."""
    for shift in shifts:
        amount, unit = _parts(shift)
        if unit in _DAYS:
            day += timedelta(days=amount * _DAYS[unit])
        else:
            months = day.year * 12 + day.month - 1 + amount * _MONTHS[unit]
            year, month = divmod(months, 12)
            last = calendar.monthrange(year, month + 1)[1]
            day = date(year, month + 1, min(day.day, last))
    return day


def shift_instant(instant: datetime, shifts: Sequence[str], zone: tzinfo) -> datetime:
    """Move an instant; steps of a day or more keep the time of day in the caller's zone."""
    for shift in shifts:
        amount, unit = _parts(shift)
        if unit in _SECONDS:
            instant = instant.astimezone(UTC) + timedelta(seconds=amount * _SECONDS[unit])
        else:
            local = instant.astimezone(zone)
            moved = shift_date(local.date(), [shift])
            instant = datetime.combine(moved, local.time(), zone).astimezone(UTC)
    return instant.astimezone(UTC)


def _parts(shift: str) -> tuple[int, str]:
    sign, digits, unit = re.fullmatch(r"([+-])(\d+)([a-z]+)", shift).groups()  # type: ignore[union-attr]
    return int(sign + digits), unit
