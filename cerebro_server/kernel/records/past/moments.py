"""A moment of the past as a place in the journal: what has a larger number came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import bounds

PARAMETER: Final = "as_of"
_LEEWAY: Final = timedelta(seconds=10)
"""By how much the clocks of the server and of the database may differ."""
_NEAR: Final = 5_000
_SEEK: Final = """
with recursive seek(low, high) as (
    select min(seq), max(seq) from changes
    union all
    select case when f.fits then s.middle else s.low end,
        case when f.fits then s.high else f.seq - 1 end
    from (select low, high, (low + high + 1) / 2 as middle from seek where low < high) s,
        lateral (select c.seq, {} as fits from changes c where c.seq <= s.middle
            order by c.seq desc limit 1) f)
select c.seq, c.at, (select max(seq) from changes), {} from seek s,
    lateral (select c.seq, c.at from changes c where c.seq <= s.low order by c.seq desc limit 1) c
where s.low >= s.high
"""
"""The journal is halved again and again: times have no index, and grow with the numbers."""
_PLACE: Final = """
select c.seq, c.at, (select max(seq) from changes) from changes c where c.seq <= %s
order by c.seq desc limit 1
"""


class Moment(NamedTuple):
    """A place in the journal."""

    seq: int
    """The number of the last change up to then."""
    at: datetime
    """When that was."""
    last: int
    """The number of the last change that there is."""
    told: datetime | None = None
    """The time that was asked for, where histories tell what records were then that were not here
    yet; None where the journal alone does."""
    is_before_all: bool = False
    """Whether it lies before the journal begins."""

    @property
    def is_near(self) -> bool:
        """Whether so little has changed since that reading all of it costs nothing."""
        return self.last - self.seq <= _NEAR

    def is_after(self, other: Moment) -> bool:
        """Whether it lies after another one."""
        if self.told is not None and other.told is not None:
            return self.told > other.told
        return self.seq > other.seq

    @property
    def text(self) -> str:
        """The moment as people read it."""
        if self.is_before_all:
            return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC (before the journal begins)"
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC (change {self.seq})"


async def moment(context: Context, record_type: RecordType, text: str) -> Moment:
    """Return the place in the journal from which records are read; a day counts whole.

    Raises `Invalid` for what is no moment, for the future, and for times before the journal.
    """
    found = await place(context, text)
    if found.is_before_all:
        raise await before_journal(context, text, PARAMETER, _further(context, record_type))
    return found._replace(told=None)


async def before_journal(context: Context, text: str, parameter: str, more: str = "") -> Invalid:
    """Return what is said of a time before the journal."""
    [(seq,)] = await context.read(Sql("select min(seq) from changes"))
    first = await found_before(context, seq)
    said = f"The journal begins at {first.text}; {text} is before that.{more}"
    return _refused(said, "before_journal", parameter)


def _further(context: Context, record_type: RecordType) -> str:
    """Say of records that reports look further back, where histories tell what was before."""
    told = {each.stays.noun for each in context.catalog.values() if each.stays and each.stays.holds}
    return " Reports can look further back." if record_type.name in told else ""


async def place(context: Context, text: str, parameter: str = PARAMETER) -> Moment:
    """Return the place in the journal that a moment means, with the time that was asked for; of one
    before the journal the place before all of it.

    Raises `Invalid` for what is no moment, for the future, and where nothing was ever changed.
    """
    bound = bounds.bound(context, text, parameter)
    begins = bound.begins or bound.value
    if isinstance(begins, datetime) and begins > context.now + _LEEWAY:
        raise _refused(
            f"{text} lies in the future; records are known up to now.", "future", parameter
        )
    fits = bound.condition
    rows = await context.read(Sql(_SEEK.format(fits.text, fits.text), fits.params * 2))
    if not rows:
        raise _refused("The journal is empty: there is no past yet.", "before_journal", parameter)
    *where, is_there = rows[0]
    found = Moment(*where)
    if isinstance(bound.value, datetime):
        # of a day its last moment
        last = bound.value - timedelta(microseconds=1) if bound.begins else bound.value
        found = found._replace(told=last)
    if not is_there:
        return found._replace(seq=found.seq - 1, at=found.told or found.at, is_before_all=True)
    if isinstance(bound.value, int) and bound.value > found.last:
        said = f"There is no change {bound.value} yet; the last is {found.last}."
        raise _refused(said, "future", parameter)
    return found


async def found_before(context: Context, seq: int) -> Moment:
    """Return the moment that a cursor holds."""
    [place] = await context.read(Sql(_PLACE, (seq,)))
    return Moment(*place)


def _refused(said: str, code: str, parameter: str) -> Invalid:
    return Invalid(said, errors=[{"parameter": parameter, "code": code, "detail": said}])
