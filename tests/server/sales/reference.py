"""Reports worked out slowly, in plain Python, from deals and from the stages they were in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

Deal = dict[str, Any]
Row = dict[str, Any]
_CATEGORIES = ("closed", "commit", "best_case", "pipeline", "omitted")
_LATER = "9"


@dataclass
class World:
    """What there is at a moment."""

    deals: Mapping[str, Deal]
    """Deals by id, deleted ones, too."""
    stays: Mapping[str, Sequence[Row]]
    """By deal, the stages it was in, in order; the last has not ended."""
    pushes: Mapping[str, Sequence[int]]
    """By deal, by how many days its close was moved each time, back or forth."""
    stages: Sequence[Row]
    """Open ones, then won ones, in order."""

    @property
    def living(self) -> list[Deal]:
        """The deals that are there."""
        return [deal for deal in self.deals.values() if deal["deleted_at"] is None]


def rounded(value: Fraction | Decimal | int, places: int) -> str:
    """Return a fraction as text, halves away from zero."""
    exact = Fraction(value)
    with localcontext() as settings:
        settings.prec = 60
        found = Decimal(exact.numerator) / Decimal(exact.denominator)
        return str(found.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def share(part: int, whole: int) -> str | None:
    """Return a share to four places; of nothing, none."""
    return rounded(Fraction(part, whole), 4) if whole else None


def worth(deals: Iterable[Deal]) -> Decimal:
    """Return what deals are worth together."""
    return sum((Decimal(deal["amount"] or 0) for deal in deals), Decimal())


def weighted(deal: Deal) -> Decimal:
    """Return what a deal adds to a forecast."""
    if deal["amount"] is None or deal["status"] == "lost":
        return Decimal()
    likely = 100 if deal["status"] == "won" else deal["probability"] or 0
    return Decimal(deal["amount"]) * likely / 100


def grouped(deals: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    """Return things by a key."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for deal in deals:
        found[key(deal)].append(deal)
    return found


def month(moment: str, size: str = "month") -> str:
    """Return the month or quarter of a moment."""
    year, number = int(moment[:4]), int(moment[5:7])
    return f"{year}-{number:02}" if size == "month" else f"{year}-Q{(number + 2) // 3}"


def day(deal: Deal) -> str | None:
    """Return the day on which a forecast counts a deal."""
    found: str | None = deal["closed_at"] if deal["status"] == "won" else deal["expected_close"]
    return found and found[:10]


def seconds(deal: Deal) -> Fraction:
    """Return how long it took to close a deal."""
    took = datetime.fromisoformat(deal["closed_at"]) - datetime.fromisoformat(deal["opened_at"])
    exact = Fraction(took.days * 86400 + took.seconds) + Fraction(took.microseconds, 1_000_000)
    return max(exact, Fraction(0))


def counts(deals: Iterable[Deal], *statuses: str) -> int:
    """Count the deals of some statuses."""
    return sum(deal["status"] in statuses for deal in deals)


def pipeline(world: World) -> set[tuple[Any, ...]]:
    """Return stage, currency, count, without amount, without probability, amount, weighted."""
    groups = grouped(world.living, lambda deal: (deal["stage_id"], deal["currency"]))
    return {(*key, *_sums(group)) for key, group in groups.items()}


def _sums(group: Sequence[Deal]) -> tuple[int, int, int, str, str]:
    empty = sum(deal["amount"] is None for deal in group)
    unlikely = sum(
        deal["status"] == "open" and deal["amount"] is not None and deal["probability"] is None
        for deal in group
    )
    likely = sum(map(weighted, group), Decimal())
    return len(group), empty, unlikely, rounded(worth(group), 2), rounded(likely, 4)


def forecast(world: World, size: str) -> set[tuple[Any, ...]]:
    """Return period, category, currency, count, without amount, without probability, and sums."""
    live = [deal for deal in world.living if deal["status"] != "lost"]
    groups = grouped(live, lambda deal: cell(deal, size))
    return {(*key, *_sums(group)) for key, group in groups.items()}


def cell(deal: Deal, size: str) -> tuple[str | None, str, str]:
    """Return where a forecast counts a deal: period, category, currency."""
    on = day(deal)
    return on and month(on, size), deal["forecast_category"], deal["currency"]


def win_rate(world: World, field: str) -> set[tuple[Any, ...]]:
    """Return value, open, won, lost, rate."""
    found = set()
    for value, group in grouped(world.living, lambda deal: deal[field]).items():
        won, lost = counts(group, "won"), counts(group, "lost")
        found.add((value, counts(group, "open"), won, lost, share(won, won + lost)))
    return found


def funnel(world: World) -> list[tuple[Any, ...]]:
    """Return stage, reached, conversion, entered, went on, rate, lost, won."""
    rank = {stage["id"]: number for number, stage in enumerate(world.stages)}
    ways = {
        deal["id"]: [rank.get(stay["to_stage_id"], -1) for stay in world.stays[deal["id"]]]
        for deal in world.living
    }
    status = {deal["id"]: deal["status"] for deal in world.living}
    opens = {rank[stage["id"]] for stage in world.stages if stage["type"] == "open"}
    found: list[tuple[Any, ...]] = []
    before: int | None = None
    for stage in world.stages:
        own = rank[stage["id"]]
        reached = sum(max(way) >= own for way in ways.values())
        entered = [deal for deal, way in ways.items() if own in way]
        on = sum(max(ways[deal][ways[deal].index(own) :]) > own for deal in entered)
        lost = sum(
            status[deal] == "lost"
            and next((each for each in reversed(way) if each in opens), -1) == own
            for deal, way in ways.items()
        )
        won = sum(status[deal] == "won" for deal in entered)
        rate = share(on, len(entered)) if stage["type"] == "open" else None
        conversion = None if before is None else share(reached, before)
        found.append((stage["id"], reached, conversion, len(entered), on, rate, lost, won))
        before = reached
    return found


def times(world: World) -> dict[str, tuple[Any, ...]]:
    """Return by stage: deals, here, stays, total, longest, won, lost."""
    stays = [stay for deal in world.living for stay in world.stays[deal["id"]]]
    status = {deal["id"]: deal["status"] for deal in world.living}
    found = {}
    for stage, group in grouped(stays, lambda stay: stay["to_stage_id"]).items():
        ended = [Decimal(s["duration_seconds"]) for s in group if s["left_at"] is not None]
        there = {stay["deal_id"] for stay in group}
        ends = [sum(status[deal] == word for deal in there) for word in ("won", "lost")]
        longest = max(ended) if ended else None
        total = sum(ended, Decimal())
        found[stage] = (len(there), len(group) - len(ended), len(ended), total, longest, *ends)
    return found


def velocity(world: World) -> set[tuple[Any, ...]]:
    """Return currency, open, won, lost, win rate, average amount, average days, velocity."""
    found = set()
    for currency, group in grouped(world.living, lambda deal: deal["currency"]).items():
        won = [deal for deal in group if deal["status"] == "won"]
        priced = [deal for deal in won if deal["amount"] is not None]
        is_open, lost = counts(group, "open"), counts(group, "lost")
        took = sum(map(seconds, won), Fraction(0)) / 86400
        amount = Fraction(worth(priced)) / len(priced) if priced else None
        speed = None
        if amount is not None and took:
            rate = Fraction(len(won), len(won) + lost)
            speed = rounded(is_open * amount * rate / (took / len(won)), 2)
        average = None if amount is None else rounded(amount, 2)
        days = rounded(took / len(won), 2) if won else None
        rates = share(len(won), len(won) + lost), average, days, speed
        found.add((currency, is_open, len(won), lost, *rates))
    return found


def slipped(world: World, field: str) -> set[tuple[Any, ...]]:
    """Return value, currency, deals, slipped, rate, times, days, average, longest, and sums."""
    found = set()
    groups = grouped(world.living, lambda deal: (deal[field], deal["currency"]))
    for key, group in groups.items():
        late = {d["id"]: [n for n in world.pushes[d["id"]] if n > 0] for d in group}
        off = [deal for deal in group if late[deal["id"]]]
        each = [days for deal in off for days in late[deal["id"]]]
        mean = rounded(Fraction(sum(each), len(each)), 2) if each else None
        days = len(each), sum(each), mean, max(each) if each else None
        empty = sum(deal["amount"] is None for deal in off)
        sums = empty, rounded(worth(off), 2)
        found.add((*key, len(group), len(off), share(len(off), len(group)), *days, *sums))
    return found


def cycle(world: World, field: str) -> set[tuple[Any, ...]]:
    """Return value, status, count, average, median, shortest, longest."""
    found = set()
    closed = [deal for deal in world.living if deal["status"] != "open"]
    for key, group in grouped(closed, lambda deal: (deal[field], deal["status"])).items():
        took = sorted(seconds(deal) / 86400 for deal in group)
        size = len(took)
        middle = (took[(size - 1) // 2] + took[size // 2]) / 2
        days = sum(took, Fraction(0)) / size, middle, took[0], took[-1]
        found.add((*key, size, *(rounded(each, 2) for each in days)))
    return found


def reasons(world: World, field: str) -> set[tuple[Any, ...]]:
    """Return value, status, reason, currency, count, without amount, amount, share."""
    found = set()
    closed = [deal for deal in world.living if deal["status"] != "open"]
    all_of = {value: len(group) for value, group in grouped(closed, lambda d: d[field]).items()}
    groups = grouped(closed, lambda d: (d[field], d["status"], d["lost_reason_id"], d["currency"]))
    for key, group in groups.items():
        count, empty, _, amount, _ = _sums(group)
        found.add((*key, count, empty, amount, share(count, all_of[key[0]])))
    return found


def cohort(world: World, size: str) -> set[tuple[Any, ...]]:
    """Return cohort, currency, months, deals, won, lost, amount, rate, rate so far."""
    found = set()
    groups = grouped(world.living, lambda d: (month(d["opened_at"], size), d["currency"]))
    for key, group in groups.items():
        for months, some in grouped(group, _months).items():
            won = [deal for deal in some if deal["status"] == "won"]
            before = [
                deal
                for deal in group
                if deal["status"] == "won" and (months is None or (_months(deal) or 0) <= months)
            ]
            sums = len(group), len(won), counts(some, "lost"), rounded(worth(won), 2)
            rates = share(len(won), len(group)), share(len(before), len(group))
            found.add((*key, months, *sums, *rates))
    return found


def _months(deal: Deal) -> int | None:
    if deal["closed_at"] is None:
        return None
    first, last = (date.fromisoformat(deal[name][:10]) for name in ("opened_at", "closed_at"))
    return max((last.year - first.year) * 12 + last.month - first.month, 0)


def changes(before: World, after: World, size: str) -> dict[Any, dict[str, tuple[Any, ...]]]:
    """Return by cell of the forecast, by cause: deals, and how count and both sums differ."""
    found: dict[Any, dict[str, list[Any]]] = defaultdict(dict)
    for deal in {*before.deals, *after.deals}:
        old, new = before.deals.get(deal), after.deals.get(deal)
        was, now = _counted(old), _counted(new)
        if was is None and now is None:
            continue
        why = _cause(old, new, size)
        for one, sign in ((was, -1), (now, 1)):
            if one is None:
                continue
            entry = found[cell(one, size)].setdefault(why, [set(), 0, Decimal(), Decimal()])
            entry[0].add(deal)
            entry[1] += sign
            entry[2] += sign * Decimal(one["amount"] or 0)
            entry[3] += sign * weighted(one)
    return {
        key: {why: (len(ids), *rest) for why, (ids, *rest) in causes.items() if why != "same"}
        for key, causes in found.items()
    }


def _counted(deal: Deal | None) -> Deal | None:
    is_there = deal is not None and deal["deleted_at"] is None and deal["status"] != "lost"
    return deal if is_there else None


def _cause(old: Deal | None, new: Deal | None, size: str) -> str:
    if old is None:
        return "new"
    if old["deleted_at"] is not None:
        return "entered"
    if new is None or new["deleted_at"] is not None:
        return "left"
    if new["status"] == "lost":
        return "lost"
    if new["status"] != old["status"]:
        return "won" if new["status"] == "won" else "reopened"
    was, now = cell(old, size), cell(new, size)
    if was[0] != now[0]:
        return "pulled_in" if (day(new) or _LATER) < (day(old) or _LATER) else "pushed_out"
    if was[2] != now[2]:
        return "currency"
    if was[1] != now[1]:
        return "category"
    amounts = Decimal(old["amount"] or 0), Decimal(new["amount"] or 0)
    if amounts[0] != amounts[1]:
        return "amount_up" if amounts[1] > amounts[0] else "amount_down"
    return "probability" if weighted(old) != weighted(new) else "same"
