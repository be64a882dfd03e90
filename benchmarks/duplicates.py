"""Duplicates: how well the rules for people find them, and how fast; merges and their split."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from math import log
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from benchmarks import people
from benchmarks.bulk import worker
from benchmarks.measure import Figure, at_most
from benchmarks.stand import Stand, stand

FOLDER = "CEREBRO_BENCH_FEBRL"
"""Where the files of FEBRL are: `dataset1.csv` to `dataset3.csv`."""
GOALS = {1: 0.99, 3: 0.97}
FEW, MANY = 10_000, 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 100_000
SECONDS, PER_SECOND, MERGES = 10.0, 200.0, 1_000
_HEADER = (
    *("first_name", "last_name", "street", "city", "postal_code", "state", "birthday"),
    "external_ids.febrl",
)
Pairs = set[tuple[str, str]]


def run() -> Iterator[Figure]:
    """Import each set alone, scan, and hold what was found to what is known; then all of them; and
    see how a scan grows."""
    yield from _growth()
    folder = os.environ.get(FOLDER)
    if not folder or not Path(folder, "dataset1.csv").exists():
        print(f"  duplicates: skipped, since {FOLDER} names no folder with FEBRL", file=sys.stderr)
        return
    for number in (1, 2, 3):
        with stand() as here, worker(here):
            _import(here, Path(folder), [number])
            _scan(here)
            yield from _accuracy(here, number)
    with stand() as here, worker(here):
        count = _import(here, Path(folder), [1, 2, 3])
        op, took = _scan(here)
        name = f"scan of {count:,} contacts, {op['report']['compared']:,} pairs compared"
        yield Figure(name, took, SECONDS, "s", f"< {SECONDS:.0f} s", took < SECONDS)
        yield from _merges(here)


def _growth() -> Iterator[Figure]:
    """Scan a few people and many, of whom as many share a name: the pairs that are compared grow as
    the people do, so the time should, too."""
    took = {}
    for count in (FEW, MANY):
        with stand() as here, worker(here):
            people.fill(here, range(count), last_names=count // 5)
            _, took[count] = _scan(here)
            print(f"  {count:,}: {took[count]:.1f} s", file=sys.stderr, flush=True)
    grown = took[FEW] * (MANY * log(MANY)) / (FEW * log(FEW))
    name = f"scan of {MANY:,} / of {FEW:,} by n log n"
    yield at_most(name, took[MANY], grown, unit="s", ratio=1.0)


def _accuracy(here: Stand, number: int) -> Iterator[Figure]:
    found, known = _found(here), _known(here)
    right = len(found & known)
    precision, recall = right / len(found), right / len(known)
    f1 = 2 * precision * recall / (precision + recall)
    goal = GOALS.get(number)
    said = f">= {goal}" if goal else "for information"
    print(
        f"  FEBRL {number}: {len(known):,} pairs, {len(found):,} found, {right:,} of them right; "
        f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}",
        file=sys.stderr,
        flush=True,
    )
    for name, value in (("precision", precision), ("recall", recall)):
        yield Figure(f"FEBRL {number}, {name}", value, 1.0, "", "for information", True)
    yield Figure(f"FEBRL {number}, pairwise F1", f1, goal or 1.0, "", said, f1 >= (goal or 0))


def _merges(here: Stand) -> Iterator[Figure]:
    """Merge the surest pairs in one operation, and split all of them."""
    listed = here.call("GET", "/v1/duplicates/contacts?limit=500")
    pairs: dict[str, str] = {}
    members: set[str] = set()
    while len(pairs) < MERGES:
        for item in listed["items"]:
            if not {item["one_id"], item["other_id"]} & members and len(pairs) < MERGES:
                pairs[item["one_id"]] = item["other_id"]
                members |= {item["one_id"], item["other_id"]}
        if listed["next_cursor"] is None:
            break
        after = quote(listed["next_cursor"])
        listed = here.call("GET", f"/v1/duplicates/contacts?limit=500&cursor={after}")
    _positions(here, list(pairs.values()))
    asked = {"pairs": [{"into": into, "records": [other]} for into, other in pairs.items()]}
    before = _checksum(here)
    op, took = _done(here, {"kind": "contacts.merge", "input": asked})
    rate = len(pairs) / took
    name = f"merge of {len(pairs):,} pairs with their positions, in one operation"
    yield Figure(name, rate, PER_SECOND, "/s", f"> {PER_SECOND:.0f}/s", rate > PER_SECOND)
    began = time.monotonic()
    undo = _post(here, f"/v1/operations/{op['id']}/undo", {"yes": True})
    _ended(here, undo)
    rate = len(pairs) / (time.monotonic() - began)
    yield Figure("their split", rate, PER_SECOND, "/s", f"> {PER_SECOND:.0f}/s", rate > PER_SECOND)
    is_same = _checksum(here) == before
    yield Figure("and all is as it was", float(is_same), 1.0, "", "yes", is_same)


def _import(here: Stand, folder: Path, numbers: list[int]) -> int:
    """Import sets as files of contacts; return how many there are."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    count = 0
    for number in numbers:
        with (folder / f"dataset{number}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                said = {name: (value or "").strip() for name, value in row.items()}
                writer.writerow((*_person(said), f"{number}-{said['rec_id']}"))
                count += 1
    binary = {"content_type": "application/octet-stream"}
    upload = here.call("PUT", "/v1/uploads", text.getvalue().encode(), **binary)
    asked = {"upload_id": upload["id"]}
    _done(here, {"kind": "contacts.import", "input": asked})
    return count


def _person(said: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a contact has a field for: no number of social security, and no date that there
    is not."""
    first, last = said["given_name"], said["surname"]
    if not last:
        first, last = "", first or "unknown"
    line = " ".join(filter(None, (said["street_number"], said["address_1"])))
    street = ", ".join(filter(None, (line, said["address_2"])))
    born = said["date_of_birth"]
    try:
        birthday = date(int(born[:4]), int(born[4:6]), int(born[6:])).isoformat()
    except ValueError:
        birthday = ""
    return first, last, street, said["suburb"], said["postcode"], said["state"], birthday


def _scan(here: Stand) -> tuple[dict[str, Any], float]:
    return _done(here, {"kind": "contacts.find_duplicates"})


def _found(here: Stand) -> Pairs:
    return _pairs_of(
        here,
        "select a.external_ids ->> 'febrl', b.external_ids ->> 'febrl' from duplicate_pairs d "
        "join contacts a on a.id = d.one_id join contacts b on b.id = d.other_id",
    )


def _known(here: Stand) -> Pairs:
    with _connected(here) as connection:
        rows = connection.execute("select external_ids ->> 'febrl' from contacts").fetchall()
    groups: dict[str, list[str]] = {}
    for (record,) in rows:
        groups.setdefault(record.split("-")[2], []).append(record)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def _pairs_of(here: Stand, statement: str) -> Pairs:
    with _connected(here) as connection:
        rows = connection.execute(statement).fetchall()
    return {(min(one, other), max(one, other)) for one, other in rows}


def _positions(here: Stand, contacts: list[str]) -> None:
    """Give each of these contacts a position."""
    said = {"name": "Bench Inc.", "domain": "bench.example"}
    body = json.dumps(said).encode()
    company = here.call("POST", "/v1/companies", body, content_type="application/json")["id"]
    with _connected(here) as connection:
        connection.execute("set cerebro.actor = 'system'")
        connection.execute(
            "insert into positions (id, contact_id, company_id, is_current, version, created_at, "
            "updated_at, external_ids) select gen_random_uuid(), c, %s, true, 1, now(), now(), "
            "'{}' from unnest(%s::uuid[]) c",
            (company, contacts),
        )
        connection.execute("analyze positions")


def _checksum(here: Stand) -> object:
    """Return a digest of all that is stored but for what no undo brings back."""
    found = []
    with _connected(here) as connection:
        for table in ("contacts", "positions"):
            row = connection.execute(
                "select count(*), sum(hashtextextended((to_jsonb(t) - "
                "'{version,updated_at}'::text[])::text, 0)) "
                f"from {table} t where deleted_at is null"
            ).fetchone()
            found.append(row)
    return found


def _connected(here: Stand) -> psycopg.Connection[Any]:
    connection = psycopg.connect(here.database_url)
    connection.execute(f"set search_path = {here.schema}")
    return connection


def _done(here: Stand, body: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Do an operation; return it, and the seconds until its end was seen."""
    began = time.monotonic()
    found = _ended(here, _post(here, "/v1/operations", {**body, "options": {"yes": True}}))
    return found, time.monotonic() - began


def _ended(here: Stand, found: dict[str, Any]) -> dict[str, Any]:
    while found["state"] in ("planning", "applying"):
        time.sleep(0.05)
        found = here.call("GET", f"/v1/operations/{found['id']}")
    if found["state"] != "applied":
        raise RuntimeError(f"{found['kind']}: {found['state']} {found['problem']}")
    print(
        f"  {found['kind']}: {found['done']}, {found['report']}"[:300], file=sys.stderr, flush=True
    )
    return found


def _post(here: Stand, path: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = here.call(
        "POST", path, json.dumps(body).encode(), content_type="application/json"
    )
    return found
