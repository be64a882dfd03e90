"""Filters that follow relations and look into lists: SQL against predicate, and what they mean."""

from __future__ import annotations

import json
import os
import random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import And, Comparison, HasWhere, In, IsEmpty, Node, Not, Or, Text
from cerebro_server.kernel.errors import InvalidQuery
from cerebro_server.kernel.fields import Field, Relation, Via
from cerebro_server.kernel.query import (
    Subject,
    compile_predicate,
    compile_sql,
    format_query,
    parse,
)
from cerebro_server.kernel.query.subject import Related, listed_parts, related_records

from .kinds import ENV

EXAMPLES = 10_000 if os.environ.get("CEREBRO_TORTURE") else 300
NAMES = ["a", "A", "b", "É", "", None]
TABLES = """
create table firms (id uuid primary key, name text, size integer, parent_id uuid, deleted_at date);
create table people
    (id uuid primary key, name text, firm_id uuid, mails jsonb not null, deleted_at date);
create table links (id uuid primary key, person_id uuid, firm_id uuid, is_current boolean not null,
    deleted_at date);
"""


def field(name: str, kind: Kind, sql_type: str = "text") -> Field:
    return Field(
        name=name,
        kind=kind,
        label=name,
        description="",
        sql_type=sql_type,
        nullable=True,
        required=False,
        writable=True,
    )


FIRM_FIELDS = {
    "id": field("id", Kind.UUID, "uuid"),
    "name": field("name", Kind.TEXT),
    "size": field("size", Kind.INTEGER, "integer"),
}
PERSON_FIELDS = {
    "id": field("id", Kind.UUID, "uuid"),
    "name": field("name", Kind.TEXT),
    "mails": field("mails", Kind.MAP, "jsonb"),
}
PARTS = {"address": Kind.EMAIL, "type": Kind.TEXT, "is_valid": Kind.BOOLEAN}


def _to(name: str, relation: Relation, table: str, subject: Any) -> Related:
    link = "links" if relation.via else None
    return related_records(
        name, relation, table=table, link_table=link, subject=subject, limit=None
    )


def firms() -> Subject:
    parent = _to("parent", Relation("firms", here="parent_id"), "firms", firms)
    staff = _to("staff", Relation("people", there="firm_id"), "people", people)
    return Subject(FIRM_FIELDS, {"parent": parent, "staff": staff})


def people() -> Subject:
    via = Via("links", here="person_id", there="firm_id", only="is_current")
    return Subject(
        PERSON_FIELDS,
        {
            "firm": _to("firm", Relation("firms", here="firm_id"), "firms", firms),
            "jobs": _to("jobs", Relation("firms", via=via), "firms", firms),
            "mails": listed_parts(PERSON_FIELDS["mails"], PARTS),
        },
    )


class World:
    """People, firms and links at random, some of them deleted."""

    def __init__(self) -> None:
        chance = random.Random(11)
        ids = [UUID(int=number << 64) for number in range(1, 61)]
        self.firms = {
            i: {
                "id": i,
                "name": chance.choice(NAMES),
                "size": chance.choice([None, 1, 2, 3]),
                "parent_id": chance.choice([None, *ids[:12]]),
                "deleted_at": chance.choice([None, None, None, "2026-01-01"]),
            }
            for i in ids[:12]
        }
        self.people = {
            i: {
                "id": i,
                "name": chance.choice(NAMES),
                "firm_id": chance.choice([None, *ids[:14]]),
                "mails": [
                    {
                        "address": chance.choice(["a@x.example", "B@x.example"]),
                        "type": chance.choice(["work", None]),
                        "is_valid": chance.choice([True, False]),
                    }
                    for _ in range(chance.randrange(3))
                ],
                "deleted_at": chance.choice([None, None, "2026-01-01"]),
            }
            for i in ids[:40]
        }
        self.links = [
            {
                "id": UUID(int=number),
                "person_id": chance.choice(ids[:40]),
                "firm_id": chance.choice(ids[:12]),
                "is_current": chance.choice([True, True, False]),
                "deleted_at": chance.choice([None, None, None, "2026-01-01"]),
            }
            for number in range(60)
        ]

    def store(self, connection: psycopg.Connection) -> None:
        connection.execute(TABLES)
        for table, rows in (
            ("firms", self.firms.values()),
            ("people", self.people.values()),
            ("links", self.links),
        ):
            for row in rows:
                given = {k: json.dumps(v) if k == "mails" else v for k, v in row.items()}
                marks = ", ".join(["%s"] * len(given))
                connection.execute(
                    f"insert into {table} ({', '.join(given)}) values ({marks})",
                    tuple(given.values()),
                )

    def person(self, i: UUID, depth: int = 3) -> dict[str, Any]:
        row = dict(self.people[i])
        if depth:
            row["firm"] = self._firms([row["firm_id"]], depth)
            jobs = [
                link["firm_id"]
                for link in self.links
                if link["person_id"] == i and link["is_current"] and not link["deleted_at"]
            ]
            row["jobs"] = self._firms(jobs, depth)
        return row

    def _firms(self, ids: list[UUID | None], depth: int) -> list[dict[str, Any]]:
        living = [i for i in ids if i in self.firms and not self.firms[i]["deleted_at"]]
        return [self.firm(i, depth - 1) for i in living if i is not None]

    def firm(self, i: UUID, depth: int) -> dict[str, Any]:
        row = dict(self.firms[i])
        if depth:
            row["parent"] = self._firms([row["parent_id"]], depth)
            row["staff"] = [
                self.person(j, depth - 1)
                for j, other in self.people.items()
                if other["firm_id"] == i and not other["deleted_at"]
            ]
        return row


PATHS = {
    "name": Kind.TEXT,
    "firm.name": Kind.TEXT,
    "firm.size": Kind.INTEGER,
    "firm.parent.name": Kind.TEXT,
    "firm.staff.name": Kind.TEXT,
    "firm.parent.staff.name": Kind.TEXT,
    "jobs.name": Kind.TEXT,
    "jobs.size": Kind.INTEGER,
    "jobs.parent.parent.size": Kind.INTEGER,
    "mails.address": Kind.EMAIL,
    "mails.type": Kind.TEXT,
    "mails.is_valid": Kind.BOOLEAN,
    "firm.staff.mails.address": Kind.EMAIL,
}
_VALUES = {
    Kind.TEXT: st.sampled_from(["a", "b", "é", "work"]),
    Kind.INTEGER: st.sampled_from(["1", "2", "3"]),
    Kind.EMAIL: st.sampled_from(["A@x.example", "b@x.example"]),
}


@st.composite
def conditions(draw: st.DrawFn, paths: tuple[str, ...] = tuple(PATHS)) -> Any:
    path = draw(st.sampled_from(paths))
    kind = PATHS[path]
    empty: Any = draw(st.sampled_from(["is empty", "is not empty", ""]))
    if empty:
        name = path if "." not in path or draw(st.booleans()) else path.rpartition(".")[0]
        return IsEmpty(op=empty, field=name)
    if kind is Kind.BOOLEAN:
        return parse(f"{path} {draw(st.sampled_from(['=', '!=']))} true")
    value = _VALUES[kind].map(lambda text: Text(text=text))
    orders = ["<", ">="] if kind is Kind.INTEGER else ["contains", "starts with", "<", ">="]
    op: Any = draw(st.sampled_from(["=", "!=", *orders, "in"]))
    if op == "in":
        return In(field=path, values=tuple(draw(st.lists(value, min_size=1, max_size=2))))
    return Comparison(op=op, field=path, value=draw(value))


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(And, of=several) | st.builds(Or, of=several) | st.builds(Not, of=inner)


_of_firms = st.recursive(
    st.sampled_from(["name = a", "size > 1", "parent.name = b", "staff has (name = a)"]).map(parse),
    _nested,
    max_leaves=3,
)
_having = st.builds(HasWhere, field=st.sampled_from(["firm", "jobs"]), where=_of_firms) | st.builds(
    HasWhere,
    field=st.just("mails"),
    where=st.just(parse("address = a@x.example and is_valid = true")),
)
filters = st.recursive(conditions() | _having, _nested, max_leaves=4)


@pytest.fixture(scope="module")
def world(connection: psycopg.Connection) -> World:
    made = World()
    made.store(connection)
    return made


def selected(connection: psycopg.Connection, node: Node) -> set[Any]:
    sql = compile_sql(node, people(), ENV)
    rows = connection.execute(f"select t.id from people as t where {sql.text}", sql.params)
    return {row[0] for row in rows}


class TestAgreement:
    @settings(max_examples=EXAMPLES, deadline=None)
    @given(node=filters)
    def test_selects_what_postgresql_selects(
        self, connection: psycopg.Connection, world: World, node: Node
    ) -> None:
        predicate = compile_predicate(node, people(), ENV)
        expected = {i for i in world.people if predicate(world.person(i))}
        assert selected(connection, node) == expected
        assert selected(connection, Not(of=node)) == set(world.people) - expected

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(node=filters)
    def test_formats_back_to_the_same(self, node: Node) -> None:
        assert parse(format_query(node)) == node


class TestMeaning:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("jobs.size != 2", "not jobs.size = 2"),
            ("jobs is empty", "not jobs is not empty"),
            ("jobs.name is empty", "not jobs.name is not empty"),
            ("jobs.size > 1", "jobs has (size > 1)"),
            ("firm.parent.name = a", "firm has (parent has (name = a))"),
            ("jobs.size in (1, 2)", "jobs.size = 1 or jobs.size = 2"),
        ],
    )
    def test_is_the_same(
        self, connection: psycopg.Connection, world: World, one: str, other: str
    ) -> None:
        found = selected(connection, parse(one))
        assert found == selected(connection, parse(other))
        assert found
        assert found != set(world.people)

    def test_has_is_about_one_and_the_same_record(
        self, connection: psycopg.Connection, world: World
    ) -> None:
        apart = selected(connection, parse("jobs.name = a and jobs.size = 2"))
        same = selected(connection, parse("jobs has (name = a and size = 2)"))
        assert same <= apart

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("frim.name = a", "Did you mean `firm`?"),
            ("firm.nmae = a", "Did you mean `name`?"),
            ("firm = a", "There is no field `firm`"),
            ("name.first = a", "There is no relation `name`"),
            ("name has (size = 1)", "`has` does not apply to name"),
            ("firm.parent.parent.parent.name = a", "more than 3 relations deep"),
            ("firm has (parent has (parent has (parent has (name = a))))", "more than 3 relations"),
            ("mails.adress = a@b.example", "Did you mean `address`?"),
            ("firm.parent has (nmae = a)", "There is no field `nmae`"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, said: str) -> None:
        with pytest.raises(InvalidQuery) as caught:
            compile_sql(parse(text), people(), ENV)
        assert said in caught.value.detail
