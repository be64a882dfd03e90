"""Demo data of a sales year: leads, deals with the stages they were in, rates of currencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

_SEED: Final = 1843
_DEALS: Final = 120
_LEADS: Final = 48
_DAYS: Final = 365
_STAGES: Final = ("prospecting", "qualification", "proposal", "negotiation")
_GOES_ON: Final = {"prospecting": 85, "qualification": 75, "proposal": 70, "negotiation": 75}
"""How many of a hundred deals leave a stage for the next one; the others are lost there."""
_STAYS: Final = {"prospecting": 12, "qualification": 18, "proposal": 24, "negotiation": 16}
"""About how many days a deal is in a stage."""
_CURRENCIES: Final = {"GB": "GBP", "DE": "EUR", "US": "USD"}
_RATES: Final = {"GBP": 1.16, "USD": 0.91}
WANTED: Final = {
    "Logistics": "Fleet tracking",
    "Manufacturing": "Line monitoring",
    "Software": "Support desk",
    "Healthcare": "Appointment portal",
    "Retail": "Stock planning",
    "Energy": "Grid analytics",
    "Finance": "Reporting suite",
}
_SOURCES: Final = ("web", "fair", "referral", "outbound")
_REASONS: Final = ("Price", "Competitor", "No budget", "Bad timing", "No answer")
_STEPS: Final = ("Call back", "Send the offer", "Show it to the board", "Ask for references")
_CATEGORIES: Final = {"negotiation": "commit", "proposal": "best_case"}
"""Where an open deal stands in the forecast, but for the few that somebody knows better."""
_PLANS: Final = (("Monthly", 12), ("Yearly", 1))
"""How deals that come in again do so, and how many times a year."""
_QUOTAS: Final = ("0.8", "1.0", "1.1", "1.3")
"""What is to be sold in each quarter, of the average that was."""
_SMALL: Final = 100
_WORTH: Final = (900, 90)
"""What a deal is worth for each employee of a small company, and of one that is not."""

Row = dict[str, Any]


def rates(today: date) -> Iterator[Row]:
    """Yield a rate for each currency and month of the year."""
    chance = Random(_SEED)  # noqa: S311 - the same each time
    for number in range(13):
        month = today.year * 12 + today.month - 13 + number
        day = date(month // 12, month % 12 + 1, 1)
        for currency, rate in _RATES.items():
            moved = rate * (1 + chance.uniform(-0.03, 0.03))
            yield {"currency": currency, "day": day.isoformat(), "rate": f"{moved:.4f}"}


def deals(companies: Sequence[Mapping[str, Any]], today: date) -> tuple[list[Row], list[Row]]:
    """Return a year's deals, as they are today, and the stages they were in until then."""
    chance = Random(_SEED + 1)  # noqa: S311 - the same each time
    doubt = Random(_SEED + 3)  # noqa: S311 - the same each time
    found: list[Row] = []
    stays: list[Row] = []
    for number in range(_DEALS):
        company = chance.choice(companies)
        began = today - timedelta(days=chance.randrange(1, _DAYS))
        deal = _deal(chance, number, company, began)
        way = _way(chance, began, today)
        _ends(chance, deal, way, today)
        stays += _stays(doubt, deal, way)
        found.append(deal)
    return found, stays


def _deal(chance: Random, number: int, company: Mapping[str, Any], began: date) -> Row:
    size = int(company["employees"])
    each = _WORTH[size >= _SMALL]
    return {
        "external_ids.demo": f"deal-{number}",
        "name": f"{WANTED[company['industry']]} for {company['name']}",
        "company.domain": company["domain"],
        "amount": f"{size * each * chance.uniform(0.5, 1.5):.2f}",
        "currency": _CURRENCIES[company["country"]],
        "source": chance.choice(_SOURCES),
        "opened_at": _moment(began, chance),
    }


def _way(chance: Random, began: date, today: date) -> list[tuple[str, str]]:
    """Return the stages that a deal has come through by today, with when it came into each."""
    way: list[tuple[str, str]] = []
    day = began
    for stage in _STAGES:
        if day >= today:
            break
        way.append((stage, _moment(day, chance)))
        day += timedelta(days=1 + round(_STAYS[stage] * chance.uniform(0.3, 2.0)))
        if day < today and chance.randrange(100) >= _GOES_ON[stage]:
            return [*way, ("lost", _moment(day, chance))]
    if day < today and way[-1][0] == _STAGES[-1]:
        way.append(("won", _moment(day, chance)))
    return way


def _stays(chance: Random, deal: Row, way: Sequence[tuple[str, str]]) -> list[Row]:
    """Return the stages of a deal, with what was expected of it in each: on the way many are put
    off, and some get smaller."""
    amount, close = float(deal["amount"]), date.fromisoformat(deal["expected_close"])
    found: list[Row] = []
    for stage, since in reversed(way):
        stay = {"deal": f"demo:{deal['external_ids.demo']}", "to_stage": stage}
        worth = {"amount": f"{amount:.2f}", "currency": deal["currency"]}
        found.append({**stay, "entered_at": since, **worth, "expected_close": close.isoformat()})
        if stage not in ("won", "lost"):
            amount *= chance.choice((1, 1, 1, 1.1, 1.25))
        began = date.fromisoformat(since[:10])
        close = max(began, close - timedelta(days=chance.choice((0, 0, 7, 14, 30))))
    return found[::-1]


def _ends(chance: Random, deal: Row, way: Sequence[tuple[str, str]], today: date) -> None:
    """Say of a deal where it is, and how it ended, or when it probably will."""
    stage, since = way[-1]
    is_closed = stage in ("won", "lost")
    plan, times = chance.choice(_PLANS)
    comes_again = chance.randrange(3) > 0
    category = "" if is_closed or not chance.randrange(6) else _CATEGORIES.get(stage, "")
    close = today + timedelta(days=chance.randrange(5, 120))
    deal |= {
        "stage": stage,
        "closed_at": since if is_closed else "",
        "expected_close": since[:10] if is_closed else close.isoformat(),
        "lost_reason": chance.choice(_REASONS) if stage == "lost" else "",
        "next_step": "" if is_closed else chance.choice(_STEPS),
        "forecast_category": category,
        "recurring_plan": plan if comes_again else "",
        "recurring_amount": f"{float(deal['amount']) / times:.2f}" if comes_again else "",
    }


def quotas(deals: Sequence[Mapping[str, Any]], today: date) -> Iterator[Row]:
    """Yield what its owner is to sell in each quarter that the year touches."""
    won = sum((Decimal(d["amount"]) for d in deals if d["stage"] == "won"), Decimal())
    first = today.year * 4 + (today.month - 1) // 3 - len(_QUOTAS)
    for number, part in enumerate((*_QUOTAS, _QUOTAS[0])):
        year, quarter = divmod(first + number, 4)
        amount = round(won / 4 * Decimal(part), -3)
        yield {
            "user_id": "me",
            "period": "quarter",
            "period_start": date(year, quarter * 3 + 1, 1).isoformat(),
            "amount": f"{amount:.2f}",
        }


def leads(names: Sequence[tuple[str, str]], today: date) -> Iterator[Row]:
    """Yield people who may become customers, of firms that are none yet."""
    chance = Random(_SEED + 2)  # noqa: S311 - the same each time
    for number, (first, last) in enumerate(chance.sample(names, _LEADS)):
        firm = f"{last} {chance.choice(('& Sons', 'Group', 'Brothers', 'Works'))}"
        domain = f"{last.lower()}-{number}.example"
        yield {
            "external_ids.demo": f"lead-{number}",
            "first_name": first,
            "last_name": last,
            "email": f"{first}@{domain}".lower(),
            "company_name": firm,
            "website": f"https://www.{domain}",
            "job_title": chance.choice(("Buyer", "Head of Operations", "Owner", "IT Manager")),
            "source": chance.choice(_SOURCES),
            "utm_campaign": chance.choice(("", "spring", "autumn fair")),
            "amount": f"{chance.randrange(2, 60) * 500}.00",
            "currency": "EUR",
            "status": chance.choice(("new", "new", "assigned", "in_process", "recycled", "dead")),
            "source_created_at": _moment(today - timedelta(days=chance.randrange(90)), chance),
        }


def _moment(day: date, chance: Random) -> str:
    """Return a time of an office's day."""
    at = time(chance.randrange(8, 18), chance.randrange(60))
    return datetime.combine(day, at, UTC).isoformat()
