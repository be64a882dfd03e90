"""When deals may have been opened and closed: not in the future, and in this order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

_LEEWAY: Final = timedelta(minutes=5)
"""How far the clocks of those who send times may be ahead."""
_NAMES: Final = ("opened_at", "closed_at")


def moment(said: Any) -> datetime:
    """Return a time that may be text, as rows of plans have it."""
    found = datetime.fromisoformat(said) if isinstance(said, str) else said
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def opened(row: Mapping[str, Any], now: datetime) -> Any:
    """Return since when a new deal is worked on; one that says no more than when it was closed, or
    made elsewhere, since the earlier of both."""
    if row.get("opened_at"):
        return row["opened_at"]
    told = [row[name] for name in ("source_created_at", "closed_at") if row.get(name)]
    return min((*told, now.isoformat()), key=moment)


def check(context: Context, batch: Batch, number: int, before: Mapping[str, Any]) -> None:
    """Refuse times to come, and a deal that was closed on a day before it was opened; days, since
    many say no more than these. Files may say only when a deal was closed: it was opened then."""
    row = batch.rows[number]
    given = [name for name in _NAMES if row.get(name) and not _is_old(row, before, name)]
    for name in given:
        if moment(row[name]) > context.now + _LEEWAY:
            said = f"It lies in the future: it is {_to_the_minute(context.now)} now."
            batch.refuse(number, name, "in_the_future", said)
            return
    first, last = (row[n] if n in row else before.get(n) for n in _NAMES)
    if not given or first is None or last is None or _day(last) >= _day(first):
        return
    if context.planning is not None:
        row["opened_at"] = last
        return
    said = (
        f"The deal was opened on {_day(first)}, and would be closed on {_day(last)}, before that: "
        "change opened_at first, or with it, if it was opened earlier."
    )
    batch.refuse(number, given[-1], "closed_before_opened", said)


def _is_old(row: Mapping[str, Any], before: Mapping[str, Any], name: str) -> bool:
    held = before.get(name)
    return bool(held) and moment(held) == moment(row[name])


def _day(said: Any) -> str:
    return moment(said).astimezone(UTC).date().isoformat()


def _to_the_minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
