"""Export, import into a new workspace, export again: the same, ids and all, but for
versions and what a workspace decides by itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from cerebro_sdk import Cerebro
from tests.fixtures.server import free_port, running
from tests.fixtures.stores import Installation, drop_database, make_database

Row = dict[str, Any]
OWN = {"version", "updated_at"}
"""What a workspace gives its records by itself."""
SETTINGS = (
    *("pipelines", "stages", "lost_reasons", "lead_statuses", "territories", "recurring_plans"),
)
SALES = (
    *("pipelines", "stages", "lost_reasons", "deals", "deal_contacts", "deal_stages"),
    *("lead_statuses", "leads", "earlier_changes", "territories", "recurring_plans"),
    *("products", "price_books", "prices", "deal_lines", "quotes", "quote_lines"),
)
EMPTIED = (
    *("positions", "contacts", "companies", "fields", "deals", "leads", "products"),
    *("tasks", "activities", "notes", "files"),
)
DOING = (
    *("deals", "leads", "quotes", "tasks", "activities", "attendees", "notes", "follows"),
    "files",
)
PEOPLE = ("ann@cerebro.test", "ben@cerebro.test")
"""Users of both workspaces, under other ids in each."""
_OF_FIELD = {"id", "created_at"}
FIELDS = {"tier": "select", "size": "decimal", "note": "long_text", "seen": "datetime"}

# texts as they are stored: trimmed, of a line, with whatever means something to somebody
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))
    | st.sampled_from(",;:|\\\"'=+-@[]{}<>%"),
    min_size=1,
    max_size=30,
).filter(lambda text: text == text.strip())
_MAYBE = st.none() | _TEXTS
_PHONES = st.lists(st.from_regex(r"\+4930[1-9][0-9]{6}", fullmatch=True), unique=True, max_size=2)
_CUSTOM = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from(["gold", "silver"]),
        "size": st.decimals(-1_000, 1_000, places=3).map(str),
        "note": _TEXTS.map(lambda text: f"{text}\n\n{text}"),
        "seen": st.just("2026-03-29T12:30:15.123456Z"),
    },
)
_COMPANY = st.fixed_dictionaries(
    {
        "name": _TEXTS,
        "description": _MAYBE,
        "annual_revenue": st.none() | st.decimals(0, 10**15, places=2).map(str),
        "tags": st.lists(_TEXTS, unique=True, max_size=3),
        "phones": _PHONES,
        "addresses": st.lists(
            st.fixed_dictionaries({"street": _TEXTS, "city": _TEXTS}), max_size=2
        ),
        "external_ids": st.dictionaries(st.just("crm"), _TEXTS, max_size=1),
        "custom": _CUSTOM,
    }
)
_CONTACT = st.fixed_dictionaries(
    {
        "last_name": _TEXTS,
        "first_name": _MAYBE,
        "job_title": _MAYBE,
        "birthday": st.none() | st.dates(date(2, 1, 1), date(9998, 12, 31)).map(str),
        "consent": st.sampled_from(["none", "given", "withdrawn"]),
        "tags": st.lists(_TEXTS, unique=True, max_size=2),
        "custom": _CUSTOM,
    }
)
_PAIRS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), _MAYBE),
    unique_by=lambda pair: pair[:2],
    max_size=4,
)


_ABOUT = st.sets(st.sampled_from(["contact", "company", "deal", "lead"]), min_size=1)
_WHEN = st.sampled_from(["2026-03-01T09:00:00Z", "2999-01-31T09:00:00.5Z"])
_ACTIVITY = st.fixed_dictionaries(
    {
        "subject": _TEXTS,
        "type": st.sampled_from(["call", "meeting", "other"]),
        "starts_at": _WHEN,
        "location": _MAYBE,
        "direction": st.sampled_from([None, "in"]),
    }
)
_ATTENDEES = st.dictionaries(
    st.sampled_from(["contact_id", "lead_id", "ann", "ben"]),
    st.fixed_dictionaries(
        {"role": _MAYBE, "acceptance": st.sampled_from(["none", "accepted", "tentative"])}
    ),
)
_DONE = st.fixed_dictionaries(
    {
        "activities": st.lists(st.tuples(_ACTIVITY, _ABOUT, _ATTENDEES), min_size=1, max_size=3),
        "tasks": st.lists(
            st.tuples(
                st.fixed_dictionaries(
                    {"subject": _TEXTS, "status": st.sampled_from(["open", "completed"])}
                ),
                _ABOUT,
                st.sampled_from(PEOPLE),
            ),
            max_size=2,
        ),
        "notes": st.lists(st.tuples(_TEXTS, _ABOUT, st.booleans()), max_size=2),
        "follows": st.dictionaries(
            st.tuples(
                st.sampled_from(PEOPLE), st.sampled_from(["contact", "company", "deal", "lead"])
            ),
            _MAYBE,
            min_size=1,
        ),
        "files": st.lists(
            st.tuples(st.binary(max_size=20), st.sets(st.sampled_from(["contact", "deal"]))),
            max_size=2,
        ),
    }
)


class Sides(NamedTuple):
    """Two workspaces of one server, and the way past it."""

    one: Cerebro
    other: Cerebro
    owner: psycopg.Connection[Any]

    def empty(self) -> None:
        """Take out what the example before has left."""
        for slug in ("main", "second"):
            tables = ", ".join(f"ws_{slug}.{name}" for name in (*EMPTIED, "price_books"))
            self.owner.execute(f"truncate {tables} cascade".encode())
            # what a workspace begins with keeps its keys
            self.owner.execute(
                f"delete from ws_{slug}.record_keys where record_type = any(%s)".encode(),
                ([*EMPTIED, "price_books", "quotes"],),
            )


@pytest.fixture(scope="module")
def sides(postgres: str, template: Installation) -> Iterator[Sides]:
    name = make_url(template.url).database
    assert name is not None
    installation = Installation(make_database(postgres, template=name), template.api_key)
    key = installation.add_workspace("second")
    # what is taken out behind the server's back is not to be remembered
    with running(installation, free_port(), CEREBRO_KEY_CACHE_SECONDS="0") as server:
        url = server.reached_by["CEREBRO_URL"]
        with (
            Cerebro(url, installation.api_key) as one,
            Cerebro(url, key) as other,
            psycopg.connect(installation.url, autocommit=True) as owner,
        ):
            one.users.update("owner@localhost", email="owner@main.test")
            owners = [user.email for crm in (one, other) for user in crm.users.list()]
            for crm in (one, other):
                there = {user.email for user in crm.users.list()}
                for email in {*PEOPLE, *owners} - there:
                    crm.users.create(name=email[:3], email=email)
            yield Sides(one, other, owner)
    drop_database(installation.url)


def filled(
    crm: Cerebro, companies: list[Row], contacts: list[Row], pairs: list[Any]
) -> dict[str, str]:
    """Make the records of an example; every company but the last has a later one as its parent.
    Return a contact and a company."""
    for key, kind in FIELDS.items():
        options = {"options": ["gold", "silver"]} if kind == "select" else {}
        for noun in ("companies", "contacts"):
            crm.fields.raw.create(record_type=noun, key=key, type=kind, **options)
    ids = []
    for number, row in enumerate(companies):
        ids_of = {f"{name}{number}": value for name, value in row["external_ids"].items()}
        made = crm.companies.raw.create(
            allow_duplicates=True, **{**row, "external_ids": ids_of, "domain": f"d{number}.example"}
        )
        ids.append(made["id"])
    for child, parent in pairwise(ids):
        crm.companies.raw.update(child, parent_id=parent)
    people = []
    for number, row in enumerate(contacts):
        emails = [f"p{number}@x.example", {"address": f"q{number}@x.example", "type": "home"}]
        made = crm.contacts.raw.create(allow_duplicates=True, **{**row, "emails": emails})
        people.append(made["id"])
    for contact, company, role in pairs:
        if contact < len(people) and company < len(ids):
            ends = {"contact_id": people[contact], "company_id": ids[company]}
            crm.positions.raw.create(**ends, role=role)
    return {"contact": people[0], "company": ids[0]}


def worked_on(crm: Cerebro, records: dict[str, str], done: Row) -> None:
    """Make what is done and to be done, with who takes part and who follows, and files: all about
    these records, a deal, a lead and a quote."""
    lead = crm.leads.create(last_name="Hopper", owner_id=PEOPLE[0])
    deal = crm.deals.create(name="Fleet", owner_id=PEOPLE[1])
    quote = crm.quotes.create(deal_id=str(deal.id))
    records = {**records, "deal": str(deal.id), "lead": str(lead.id)}

    def about(names: set[str]) -> Row:
        return {f"{name}_id": records[name] for name in sorted(names)}

    for values, names, attendees in done["activities"]:
        activity = crm.activities.raw.create(**values, **about(names))
        for who, more in attendees.items():
            field, named = {
                "contact_id": ("contact_id", records["contact"]),
                "lead_id": ("lead_id", records["lead"]),
            }.get(who, ("user_id", f"{who}@cerebro.test"))
            crm.attendees.raw.create(activity_id=activity["id"], **{field: named}, **more)
    for values, names, owner in done["tasks"]:
        crm.tasks.raw.create(**values, **about(names), owner_id=owner)
    for text, names, is_pinned in done["notes"]:
        crm.notes.raw.create(text=text, is_pinned=is_pinned, **about(names))
    for (who, name), note in done["follows"].items():
        crm.follows.raw.create(user_id=who, **about({name}), note=note)
    for number, (content, names) in enumerate(done["files"]):
        said = {name: records[name] for name in names}
        crm.files.raw.add(content, f"{number}.bin", quote=quote.number, **said)


def read(folder: Path, noun: str) -> list[Row]:
    return [json.loads(line) for line in (folder / f"{noun}.jsonl").read_bytes().splitlines()]


def compared(folder: Path, ids: Mapping[str, str]) -> dict[str, Row]:
    """Return all records of a folder by noun and id; users and settings by what they are called."""
    own = {*OWN, "last_stage_change_at"}
    found = {
        f"{noun}/{row['id']}": {k: ids.get(str(v), v) for k, v in row.items() if k not in own}
        for noun in ("companies", "contacts", "positions", *DOING)
        for row in read(folder, noun)
    }
    fields = json.loads((folder / "fields.json").read_text("utf-8"))
    return found | {
        f"fields/{field['path']}": {k: v for k, v in field.items() if k not in {*OWN, *_OF_FIELD}}
        for field in fields
    }


def called(folder: Path) -> dict[str, str]:
    """Return what users and settings of a folder are called, by their ids."""
    found = {row["id"]: row["email"] for row in read(folder, "people")}
    for noun in ("pipelines", "lead_statuses"):
        found |= {row["id"]: row["name"] for row in read(folder, noun)}
    return found | {row["id"]: row["key"] for row in read(folder, "stages")}


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    companies=st.lists(_COMPANY, min_size=1, max_size=4),
    contacts=st.lists(_CONTACT, min_size=1, max_size=4),
    pairs=_PAIRS,
    done=_DONE,
)
def test_export_and_import_are_identity(
    sides: Sides,
    tmp_path: Path,
    companies: list[Row],
    contacts: list[Row],
    pairs: list[Any],
    done: Row,
) -> None:
    sides.empty()
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        shutil.rmtree(folder, ignore_errors=True)
    worked_on(sides.one, filled(sides.one, companies, contacts, pairs), done)
    sides.one.export(first)
    for field in json.loads((first / "fields.json").read_text("utf-8")):
        names = ("record_type", "key", "type", "label", "options", "description")
        sides.other.fields.raw.create(**{name: field[name] for name in names if field[name]})
    op = sides.other.import_dump(first, keep_dates=True)
    assert (op.raw["plan"]["error"], op.raw["plan"]["skip"]) == (0, 0), list(op.errors())
    op.apply()
    sides.other.export(second)
    here, there = (compared(folder, called(folder)) for folder in (first, second))
    assert there == here
    assert len(here) >= len(companies) + len(contacts) + 2 * len(FIELDS) + len(done["follows"]) + 4
    assert {path.name for path in (first / "files").glob("*")} == {
        path.name for path in (second / "files").glob("*")
    }
    again = sides.other.import_dump(first, keep_dates=True)
    assert {again.raw["plan"][name] for name in ("create", "update", "error", "skip")} == {0}
    op.undo()
    assert not [row for noun in DOING for row in getattr(sides.other, noun).raw.list(limit=1)]


def sold(crm: Cerebro) -> None:
    """Make deals that went through stages, with their settings, and leads, one of it converted."""
    crm.pipelines.create(name="Renewals", position=3)
    for key, kind in (("trial", "open"), ("signed", "won"), ("gone", "lost")):
        crm.stages.create(pipeline_id="Renewals", key=key, label=key.title(), type=kind)
    crm.lost_reasons.create(name="Mars", needs_note=True)
    crm.lead_statuses.create(name="nurtured", label="Nurtured", type="ongoing")
    crm.companies.create(name="Acme", domain="acme.example")
    crm.contacts.create(last_name="Lovelace", email="ada@acme.example")
    crm.territories.create(name="World")
    crm.territories.create(name="Sea", parent_id="World", manager_id=PEOPLE[0])
    crm.recurring_plans.create(name="Fortnights", months=1, position=9)
    first = crm.deals.create(
        name="Fleet", company_id="acme.example", amount="1000.10", territory_id="Sea"
    )
    crm.deals.move(first.id, stage="proposal")
    crm.deals.update(first.id, probability=35)
    crm.deals.lose(first.id, lost_reason_id="Mars", lost_note="Too far")
    second = crm.deals.create(name="More", pipeline_id="Renewals", external_ids={"crm": "7"})
    crm.deals.win(second.id)
    third = crm.deals.create(
        name="Open",
        expected_close="2030-01-31",
        currency="CHF",
        amount="0.05",
        recurring_amount="3.10",
        recurring_plan_id="Fortnights",
    )
    fourth = crm.deals.create(name="Next")
    crm.deals.move(fourth.id, before=str(third.id))
    for deal, role, primary in ((first, "buyer", True), (second, "judge", False)):
        ends = {"deal_id": str(deal.id), "contact_id": "ada@acme.example"}
        crm.deal_contacts.create(**ends, role=role, is_primary=primary)
    crm.leads.create(last_name="Hopper", status_id="nurtured", territory_id="World", tags=["navy"])
    offered(crm, first.id)
    lead = crm.leads.create(last_name="Somerville", company_name="Moon", amount="3.50")
    crm.leads.convert(lead.id)
    crm.earlier_changes.import_(
        b"contact,deal,lead,field,old,new,changed_at,changed_by,external_ids.sf\n"
        b"ada@acme.example,,,Phone,1,2,2024-01-01T00:00:00Z,bob,1\n"
        b",Fleet,,Amount,10,1000.10,2024-01-02T00:00:00Z,,\n"
        + f",,{lead.id},Status,Open,Working,2024-01-03T00:00:00Z,,3\n".encode()
    )


def offered(crm: Cerebro, deal: object) -> None:
    """Make a price list, lines of a deal, and quotes: a draft, and one that was revised."""
    crm.products.create(sku="E-100", name="Engine", unit="piece", tax_rate="19")
    old = crm.products.create(sku="E-1", name="Old engine")
    crm.price_books.create(name="Retail", currency="EUR", is_default=True)
    for quantity, price in (("1", "100"), ("10", "89.9512")):
        crm.prices.create(
            price_book_id="Retail", product_id="E-100", price=price, min_quantity=quantity
        )
    sold = crm.deals.create(name="Sold", price_book_id="Retail")
    line = {"product_id": "E-100", "quantity": "12", "discount_percent": "5"}
    crm.deal_lines.create(deal_id=str(sold.id), **line)
    crm.deal_lines.create(deal_id=str(sold.id), product_id="E-1", unit_price="0.3333")
    crm.products.update(old.id, is_active=False)
    crm.deal_lines.create(deal_id=str(deal), description="Advice", unit_price="5")
    quote = crm.quotes.create(deal_id=str(sold.id), shipping="20", terms="Net 30", wins_deal=True)
    crm.quotes.send(quote.id)
    revised = crm.quotes.revise(quote.id)
    crm.quotes.send(revised.id)
    crm.quotes.accept(revised.id, name="Ada", email="ada@acme.example")
    crm.quotes.create(deal_id=str(sold.id), valid_until="2030-01-31")


def test_deals_leads_and_their_histories_come_in_again(sides: Sides, tmp_path: Path) -> None:
    sides.empty()
    first, second = tmp_path / "first", tmp_path / "second"
    sold(sides.one)
    sides.one.export(first)
    op = sides.other.import_dump(first, keep_dates=True)
    assert (op.raw["plan"]["error"], op.raw["plan"]["skip"]) == (0, 0), list(op.errors())
    op.apply()
    sides.other.export(second)
    # what both began with is there under its own ids, which what names it follows
    here, there = ({row["email"]: row["id"] for row in read(f, "people")} for f in (first, second))
    ids = {own: there[email] for email, own in here.items()}
    for noun in SETTINGS:
        here, there = ({_key(row): row["id"] for row in read(f, noun)} for f in (first, second))
        if noun == "stages":
            here = {(ids[pipeline], *rest): own for (pipeline, *rest), own in here.items()}
        assert here.keys() == there.keys(), noun
        ids |= {own: there[key] for key, own in here.items()}
    assert len({own for own, other in ids.items() if own != other}) >= 10
    for noun in (*SALES, "companies", "contacts", "positions"):
        assert not _apart(_told(first, noun, ids), _told(second, noun, {})), noun
    stays = read(second, "deal_stages")
    for deal in read(second, "deals"):
        of_deal = [stay for stay in stays if stay["deal_id"] == deal["id"]]
        now = max(of_deal, key=lambda stay: str(stay["entered_at"]))
        assert (now["left_at"], now["to_stage_id"]) == (None, deal["stage_id"])
        assert now["entered_at"] == deal["last_stage_change_at"]
    again = sides.other.import_dump(first, keep_dates=True)
    planned = again.raw["plan"]
    assert (planned["create"], planned["update"], planned["error"]) == (0, 0, 0), planned
    op.undo()
    assert not list(sides.other.territories.list())
    for noun in (sides.other.deals, sides.other.deal_stages, sides.other.leads):
        assert not list(noun.list())
    assert [each.name for each in sides.other.pipelines.list()] == ["Sales"]


def _key(row: Row) -> Any:
    return (row["pipeline_id"], row["key"]) if "pipeline_id" in row else row["name"]


def _apart(here: list[Row], there: list[Row]) -> list[Any]:
    """Return what differs."""
    both = list(zip_longest(here, there, fillvalue={}))
    names = [(name, row.get(name), other.get(name)) for row, other in both for name in row | other]
    return [each for each in names if each[1] != each[2]]


def _told(folder: Path, noun: str, ids: Mapping[str, str]) -> list[Row]:
    """Return the rows of a noun with the ids that they have in the other workspace, but for what
    each workspace decides by itself."""
    own = {*OWN, "last_stage_change_at", "origin"}
    if noun in SETTINGS:
        own |= {"created_at"}  # most were there
    rows = [
        {k: ids.get(str(v), v) for k, v in row.items() if k not in own}
        for row in read(folder, noun)
    ]
    return sorted(rows, key=lambda row: str(row["id"]))
