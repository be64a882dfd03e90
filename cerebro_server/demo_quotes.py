"""Demo data of what is sold: products with their prices, and the quotes of deals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from cerebro_server.demo_sales import WANTED

_SEED: Final = 1871
BOOK: Final = "Retail"
_SERVICES: Final = {"Onboarding": ("ONB", "day", 1100), "Training": ("TRN", "day", 900)}
_SEAT: Final = 120
"""What each employee's place costs a year, in EUR."""
_QUOTED: Final = ("proposal", "negotiation", "won", "lost")
_STATUS: Final = {"negotiation": "sent", "won": "accepted", "lost": "declined"}
_NOON: Final = time(12)
_ONBOARDING: Final = Decimal("0.12")
"""Which part of a deal is paid for bringing it in."""

Row = dict[str, Any]


def products() -> list[Row]:
    """Return what the firm sells."""
    seats = [{"sku": sku(name), "name": name, "unit": "seat"} for name in WANTED.values()]
    days = [
        {"sku": code, "name": name, "unit": unit} for name, (code, unit, _) in _SERVICES.items()
    ]
    return [
        {**row, "external_ids.demo": f"product-{row['sku']}", "tax_rate": "19"}
        for row in (*seats, *days)
    ]


def price_books() -> list[Row]:
    """Return the one list of prices that there is."""
    return [{"name": BOOK, "currency": "EUR", "external_ids.demo": "price-book"}]


def prices() -> list[Row]:
    """Return what each product costs in it; places cost less from a hundred on."""
    found = []
    for name in WANTED.values():
        for least, price in ((1, _SEAT), (100, _SEAT * 3 // 4)):
            found.append(_price(sku(name), least, price))
    found += [_price(code, 1, price) for code, _, price in _SERVICES.values()]
    return found


def sku(name: str) -> str:
    """Return the code that a product is ordered by: `FLE-T`."""
    first, second = name.split()
    return f"{first[:3]}-{second[0]}".upper()


def _price(code: str, least: int, price: int) -> Row:
    return {"price_book": BOOK, "product": code, "min_quantity": least, "price": price}


def quotes(
    deals: Sequence[Mapping[str, Any]],
    companies: Sequence[Mapping[str, Any]],
    contacts: Sequence[Mapping[str, Any]],
    today: date,
) -> tuple[list[Row], list[Row]]:
    """Return a quote, with its lines, for each deal that came far enough; its sum is the deal's."""
    chance = Random(_SEED)  # noqa: S311 - the same each time
    sizes = {company["domain"]: int(company["employees"]) for company in companies}
    people: dict[str, Mapping[str, Any]] = {}
    for contact in contacts:
        people.setdefault(contact["company.domain"], contact)
    found: list[Row] = []
    lines: list[Row] = []
    for deal in deals:
        if deal["stage"] not in _QUOTED or (deal["stage"] == "lost" and chance.randrange(3)):
            continue
        name = f"quote-{deal['external_ids.demo']}"
        found.append(_quote(chance, name, deal, people[deal["company.domain"]], today))
        lines += _lines(name, deal, sizes[deal["company.domain"]])
    return found, lines


def _quote(
    chance: Random, name: str, deal: Mapping[str, Any], who: Mapping[str, Any], today: date
) -> Row:
    status = _STATUS.get(deal["stage"]) or chance.choice(("draft", "sent"))
    decided = deal["closed_at"] if status in ("accepted", "declined") else ""
    until = datetime.fromisoformat(decided) if decided else datetime.combine(today, _NOON, UTC)
    opened = datetime.fromisoformat(deal["opened_at"])
    sent = max(until - timedelta(days=chance.randrange(1, 15)), opened)
    return {
        "external_ids.demo": name,
        "deal": f"demo:{deal['external_ids.demo']}",
        "company.domain": deal["company.domain"],
        "contact.email": who["email"],
        "currency": deal["currency"],
        "status": status,
        "valid_until": (until.date() + timedelta(days=30)).isoformat(),
        "sent_at": "" if status == "draft" else sent.isoformat(),
        "decided_at": decided,
        "decided_by_name": f"{who['first_name']} {who['last_name']}" if decided else "",
        "decline_reason": deal["lost_reason"] if status == "declined" else "",
    }


def _lines(name: str, deal: Mapping[str, Any], seats: int) -> list[Row]:
    """Return places for each employee and the work of bringing it in: the deal's amount in all."""
    amount = Decimal(deal["amount"])
    wanted = deal["name"].partition(" for ")[0]
    each = (amount * (1 - _ONBOARDING) / seats).quantize(Decimal("0.01"))
    parts = (
        (sku(wanted), f"{wanted}, a year", seats, each),
        (_SERVICES["Onboarding"][0], "Onboarding", 1, amount - each * seats),
    )
    return [
        {
            "external_ids.demo": f"{name}-{number}",
            "quote": f"demo:{name}",
            "position": number,
            "product": code,
            "description": text,
            "quantity": quantity,
            "unit_price": f"{price:.2f}",
        }
        for number, (code, text, quantity, price) in enumerate(parts, 1)
    ]
