"""Demo data: a believable small firm's customers and its last sales year, the same on every machine
on the same day.

It comes in as imports, through the SDK as any user's would, and goes as their undo.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import Any, NamedTuple

from cerebro_sdk import Cerebro, PlannedOperation
from cerebro_server import demo_activities, demo_quotes, demo_sales

_SEED = 1815
_COMPANIES = 40
_CONTACTS = 160
_FILE = "demo-{}.csv"
_NOUNS = (
    *("companies", "contacts", "exchange_rates", "deals", "deal_stages", "leads"),
    *("tasks", "activities", "notes", "products", "price_books", "prices"),
    *("quotes", "quote_lines", "quotas"),
)
_FILES = frozenset(map(_FILE.format, _NOUNS))
_FIRST = [
    "Ada",
    "Alan",
    "Amara",
    "Anders",
    "Aisha",
    "Barbara",
    "Beatriz",
    "Carlos",
    "Chen",
    "Chiara",
    "Claude",
    "Dana",
    "David",
    "Elena",
    "Emeka",
    "Emil",
    "Fatima",
    "Felix",
    "Grace",
    "Greta",
    "Hannah",
    "Hiro",
    "Ines",
    "Ivan",
    "Jamal",
    "Jana",
    "Jonas",
    "Kofi",
    "Lars",
    "Leila",
    "Lena",
    "Linus",
    "Lucia",
    "Maja",
    "Malik",
    "Marta",
    "Mei",
    "Miguel",
    "Mina",
    "Nadia",
    "Nils",
    "Noor",
    "Olga",
    "Omar",
    "Paula",
    "Petra",
    "Priya",
    "Rafael",
    "Rosa",
    "Samir",
    "Sara",
    "Sofia",
    "Sven",
    "Tariq",
    "Tess",
    "Tomas",
    "Vera",
    "Viktor",
    "Yara",
    "Yuki",
]
_LAST = [
    "Abel",
    "Adeyemi",
    "Andersen",
    "Bauer",
    "Becker",
    "Bianchi",
    "Braun",
    "Castillo",
    "Chen",
    "Costa",
    "Diallo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Fontana",
    "Garcia",
    "Haddad",
    "Hansen",
    "Hoffmann",
    "Ibrahim",
    "Ivanova",
    "Jansen",
    "Kim",
    "Klein",
    "Kowalski",
    "Larsen",
    "Lehmann",
    "Lopez",
    "Marino",
    "Mbeki",
    "Meyer",
    "Moreau",
    "Nakamura",
    "Nguyen",
    "Novak",
    "Okafor",
    "Olsen",
    "Park",
    "Patel",
    "Petrov",
    "Popescu",
    "Rahman",
    "Ricci",
    "Romano",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Svensson",
    "Tanaka",
    "Torres",
    "Vogel",
    "Wagner",
    "Walsh",
    "Weber",
    "Wolf",
    "Yilmaz",
    "Zhang",
]
_NAMES = (
    "Alder Amber Anchor Arbor Aurora Basalt Beacon Birch Blue Heron|Bright Harbor|Cedar Cobalt "
    "Copper Crane Delta Ember Fern Fjord Granite Harbor Heath Indigo Juniper Kestrel Larch Lark "
    "Linden Lumen Maple Meridian Mesa Mill North Oak Onyx Orchard Pebble Pine Quarry Quill Raven "
    "River Rowan Saffron Slate Sparrow Summit Tern Thistle Tidal Umber Vale Willow Wren"
).replace("|", " ")
_TRADES = {
    "Logistics": ("Logistics", "Freight", "Cargo"),
    "Manufacturing": ("Works", "Tools", "Machines"),
    "Software": ("Software", "Systems", "Labs"),
    "Healthcare": ("Health", "Clinics", "Care"),
    "Retail": ("Stores", "Trading", "Supply"),
    "Energy": ("Energy", "Power", "Solar"),
    "Finance": ("Capital", "Partners", "Finance"),
}
_PLACES = (
    ("London", "", "EC1A 1BB", "GB", "+44 20 7946 0{:03d}"),
    ("Berlin", "", "10115", "DE", "+49 30 23125 {:03d}"),
    ("Hamburg", "", "20095", "DE", "+49 40 66969 {:03d}"),
    ("New York", "NY", "10001", "US", "+1 212 555 0{:03d}"),
    ("Chicago", "IL", "60601", "US", "+1 312 555 0{:03d}"),
)
_STREETS = ("Station Road", "Mill Lane", "Market Street", "Canal Street", "Harbour View")
_TITLES = (
    ("Chief Executive", "Management"),
    ("Head of Sales", "Sales"),
    ("Account Manager", "Sales"),
    ("Head of Operations", "Operations"),
    ("Buyer", "Purchasing"),
    ("Finance Director", "Finance"),
    ("IT Manager", "IT"),
    ("Support Lead", "Support"),
)


class File(NamedTuple):
    """A file to be imported."""

    noun: str
    name: str
    content: bytes


def files(today: date | None = None) -> list[File]:
    """Return the firm's customers and its sales until today as files; each time the same."""
    chance = Random(_SEED)  # noqa: S311 - the same each time
    companies = list(_companies(chance))
    contacts = list(_contacts(chance, companies))
    today = today or datetime.now(UTC).date()
    deals, stays = demo_sales.deals(companies, today)
    people = [(first, last) for first in _FIRST for last in _LAST]
    leads = list(demo_sales.leads(people, today))
    done = demo_activities.told(deals, contacts, today)
    sold = (demo_quotes.products(), demo_quotes.price_books(), demo_quotes.prices())
    quoted = demo_quotes.quotes(deals, companies, contacts, today)
    rates = list(demo_sales.rates(today))
    quotas = list(demo_sales.quotas(deals, today))
    told = (companies, contacts, rates, deals, stays, leads, *done, *sold, *quoted, quotas)
    named = zip(_NOUNS, told, strict=True)
    return [File(noun, _FILE.format(noun), _csv(rows)) for noun, rows in named]


def load(crm: Cerebro) -> list[PlannedOperation]:
    """Import the demo data; return the operations. What is there already is left as it is."""
    found = []
    for file in files():
        content = io.BytesIO(file.content)
        content.name = file.name
        plan: PlannedOperation = getattr(crm, file.noun).import_plan(content, mode="create")
        found.append(plan.apply())
    return found


def clear(crm: Cerebro) -> list[tuple[str, PlannedOperation]]:
    """Take back every import of demo data, the newest first; return the undos by their files.

    What was changed since, or is named by other records, stays; the undos say what.
    """
    ours = [
        (operation.raw["report"]["file"], operation.id)
        for operation in crm.operations.list(state="applied")
        if operation.raw["report"].get("file") in _FILES and any(operation.raw["done"].values())
    ]
    return [(file, crm.operations.undo(operation_id)) for file, operation_id in ours]


def _companies(chance: Random) -> Iterator[dict[str, Any]]:
    for number, name in enumerate(chance.sample(_NAMES.split(), _COMPANIES)):
        industry = chance.choice(list(_TRADES))
        city, state, postal_code, country, phone = chance.choice(_PLACES)
        size = chance.choice((8, 15, 40, 90, 250, 600, 1800))
        yield {
            "external_ids.demo": f"company-{number}",
            "name": f"{name} {chance.choice(_TRADES[industry])}",
            "domain": f"{name.lower()}.example",
            "website": f"https://www.{name.lower()}.example",
            "industry": industry,
            "employees": size + chance.randrange(size // 4 + 1),
            "annual_revenue": 90_000 * size + 1_000 * chance.randrange(9_000),
            "phone": phone.format(100 + number),
            "street": f"{chance.randrange(1, 120)} {chance.choice(_STREETS)}",
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": country,
            "tags": chance.choice(("customer", "customer", "prospect", "partner")),
            "description": f"{industry}, {city}.",
        }


def _contacts(chance: Random, companies: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    names = [(first, last) for first in _FIRST for last in _LAST]
    for number, (first, last) in enumerate(chance.sample(names, _CONTACTS)):
        company = companies[number % len(companies)]
        title, department = chance.choice(_TITLES)
        yield {
            "external_ids.demo": f"contact-{number}",
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@{company['domain']}".lower(),
            "job_title": title,
            "department": department,
            "city": company["city"],
            "country": company["country"],
            "source": chance.choice(("web", "fair", "referral", "outbound")),
            "consent": chance.choice(("given", "given", "none")),
            "tags": chance.choice(("", "", "newsletter", "decision maker")),
            "company.domain": company["domain"],
        }


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()
