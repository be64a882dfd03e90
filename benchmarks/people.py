"""Contacts and companies by the hundred thousand, written past the API, triggers and all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.stand import Stand
from cerebro_server.kernel.ids import uuid7

_SYLLABLES = (
    "al an ar ba bel ben bor bra car cha da del den do ed el en er fa fer fon gar gra ha hel hor "
    "il in jo ka kel kin la lan le lin lo lu ma mar mel min mo na nel no ol or pa per pol ra ren "
    "ri ro sa sel son sta ta tel thor to ul ur va ver vin wa wel win ya zel"
)
_PARTS = _SYLLABLES.split()
STATES = ("CO", "CA", "NY", "TX", "WA", "OR", "IL", "MA", "FL", "GA")
DEPARTMENTS = ("Sales", "Support", "Finance", "Legal", "Research")
TITLES = ("Agent", "Manager", "Director")
CODES = 250
"""Values of the workspace's own field `account_code`; one contact in so many has each."""
_COLUMNS = (
    *("id", "first_name", "last_name", "emails", "phones", "addresses"),
    *("job_title", "department", "source", "team", "custom"),
)


def word(chance: random.Random, least: int, most: int) -> str:
    """Return a name of some syllables."""
    return "".join(chance.choice(_PARTS) for _ in range(chance.randint(least, most))).title()


def fill(here: Stand, numbers: range, *, last_names: int = 20_000) -> list[str]:
    """Write contacts, and a tenth as many companies; return some of the contacts' names."""
    chance = random.Random(7 + numbers.start)
    pool = random.Random(7)
    firsts = [word(pool, 2, 3) for _ in range(800)]
    lasts = [word(pool, 2, 4) for _ in range(last_names)]
    names: list[str] = []
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}; set cerebro.actor = 'system'")
        with _without_search(connection), connection.transaction():
            copied = connection.cursor()
            with copied.copy(f"copy contacts ({', '.join(_COLUMNS)}) from stdin") as rows:
                for n in numbers:
                    first, last = chance.choice(firsts), chance.choice(lasts)
                    rows.write_row(_contact(chance, n, first, last, chance.choice(lasts)))
                    if n % 997 == 0:
                        names.append(f"{first} {last}")
            with copied.copy("copy companies (id, name, domain, addresses) from stdin") as rows:
                for n in range(numbers.start // 10, numbers.stop // 10):
                    name = f"{chance.choice(lasts)} {chance.choice(lasts)}"
                    address = json.dumps([{"city": f"City {n % 500}"}])
                    rows.write_row((uuid7(), name, f"c{n}.example", address))
        connection.execute("vacuum analyze")
    return names


def _contact(chance: random.Random, n: int, first: str, last: str, host: str) -> tuple[object, ...]:
    return (
        uuid7(),
        first,
        last,
        json.dumps([{"address": f"{first}.{last}{n}@{host}.example".lower()}]),
        json.dumps([{"number": f"+4930{n:09d}", "is_valid": True}]),
        json.dumps([{"city": f"City {n % 500}", "state": chance.choice(STATES)}]),
        chance.choice(TITLES),
        chance.choice(DEPARTMENTS),
        chance.choice(("web", "fair")),
        chance.choice(("sellers", None)),
        json.dumps({"account_code": f"A-{n * 7_919 % CODES}"}),
    )


@contextmanager
def _without_search(connection: psycopg.Connection) -> Iterator[None]:
    """Let go of the trigram indexes while much is written; build them anew afterwards."""
    found = connection.execute(
        "select indexname, indexdef from pg_indexes where schemaname = current_schema() "
        "and indexname in ('contacts_search', 'companies_search')"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"drop index {name}")
    yield
    for _, definition in found:
        connection.execute(definition)
