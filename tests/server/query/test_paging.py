"""Pages: each row once and in order, off the index."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.query import Signing, Sort, decode_cursor, encode_cursor, parse_sort
from cerebro_server.kernel.records.paging import page_statement

from .generated import rows
from .kinds import COLUMNS, FIELDS, INSERT, SORTABLE, fill

SIGNING = Signing(key=b"k" * 32, now=datetime(2026, 1, 1, tzinfo=UTC), max_age_seconds=60)
sorts = st.lists(st.sampled_from(SORTABLE), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names)).map(",".join)
)


def page(
    connection: psycopg.Connection,
    sort: Sort,
    after: Any,
    limit: int,
    where: str = "true or t.name is null",
) -> list[Any]:
    statement = page_statement(
        table="things",
        columns="t.id",
        projection="t.id",
        where=Sql(where),
        sort=sort,
        after=after,
        limit=limit,
    )
    return connection.execute(statement.text, statement.params).fetchall()


def step(connection: psycopg.Connection, sort: Sort, cursor: str | None, limit: int) -> Any:
    """Return the ids of a page and the cursor of the next, as a list's route does."""
    after = decode_cursor(cursor, bound=[], signing=SIGNING) if cursor else None
    found = page(connection, sort, after, limit + 1)
    more = len(found) > limit
    found = found[:limit]
    cursor = encode_cursor(found[-1][1:], bound=[], signing=SIGNING) if more else None
    return [row[0] for row in found], cursor


def walk(connection: psycopg.Connection, sort: Sort, limit: int) -> list[UUID]:
    ids, cursor = step(connection, sort, None, limit)
    while cursor:
        more, cursor = step(connection, sort, cursor, limit)
        ids += more
        assert len(ids) <= 100, "the walk runs in circles"
    return ids


class TestWalk:
    @settings(max_examples=250, deadline=None)
    @given(rows=rows(), text=sorts, limit=st.integers(1, 4))
    def test_returns_each_row_once_in_order(self, connection, rows, text, limit):
        fill(connection, rows)
        sort = parse_sort(text, FIELDS)
        ordered = connection.execute(f"select t.id from things as t order by {sort.order_by}")
        assert walk(connection, sort, limit) == [row[0] for row in ordered]

    @settings(max_examples=120, deadline=None)
    @given(
        rows=rows(),
        text=sorts,
        limit=st.integers(1, 3),
        moves=st.lists(st.integers(0, 11), max_size=8),
    )
    def test_returns_what_stays_once_while_others_come_and_go(
        self, connection, rows, text, limit, moves
    ):
        """Half of the rows come or go during the walk; the others are seen once, in order."""
        fluid = {row["id"]: row for row in rows[::2]}
        fill(connection, rows)
        sort = parse_sort(text, FIELDS)
        ordered = connection.execute(f"select t.id from things as t order by {sort.order_by}")
        staying = [row[0] for row in ordered if row[0] not in fluid]
        seen, cursor = step(connection, sort, None, limit)
        for move in itertools.chain(moves, itertools.repeat(None)):
            if move is not None and fluid:
                row = list(fluid.values())[move % len(fluid)]
                gone = connection.execute("delete from things where id = %s", (row["id"],)).rowcount
                if not gone:
                    connection.execute(INSERT, [row[name] for name in COLUMNS])
            if cursor is None:
                break
            more, cursor = step(connection, sort, cursor, limit)
            seen += more
        assert [one for one in seen if one not in fluid] == staying
        assert len(seen) == len(set(seen))

    def test_puts_empty_last_ascending_and_first_descending(self, connection):
        blank = dict.fromkeys(COLUMNS)
        values = [None, 1, None, 2]
        fill(
            connection,
            [
                {**blank, "id": UUID(int=number), "name": "x", "employees": value}
                for number, value in enumerate(values)
            ],
        )
        for text, expected in {"employees": [1, 3, 0, 2], "-employees": [2, 0, 3, 1]}.items():
            found = walk(connection, parse_sort(text, FIELDS), 1)
            assert [one.int for one in found] == expected


@pytest.fixture(scope="module")
def many(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute("delete from things")
    connection.execute(
        "insert into things (id, name, employees) select gen_random_uuid(), "
        "'Thing ' || i * 7919 % 100003, case when i % 10 > 2 then i % 5000 end "
        "from generate_series(1, 100000) as i"
    )
    connection.execute("create index by_name on things (fold(name), id)")
    connection.execute("create index by_employees on things (employees, id)")
    connection.execute("analyze things")
    return connection


class TestPlans:
    @pytest.mark.parametrize("text", ["name", "-name", "employees", "-employees", "id"])
    @pytest.mark.parametrize("nulls", [False, True])
    def test_reads_a_page_off_the_index_at_any_depth(self, many, text, nulls):
        name = text.removeprefix("-")
        if nulls and name != "employees":
            return
        plan = self.plan(many, text, empty=name if nulls else None)
        assert "Seq Scan" not in plan
        assert all(int(count) <= 51 for count in self.read(plan)), plan

    @pytest.mark.parametrize(
        "text", ["-employees,name", "employees,-name", "-employees,name,-domain"]
    )
    def test_reads_little_more_than_a_page_in_mixed_directions(self, many, text):
        plan = self.plan(many, text)
        assert "Seq Scan" not in plan
        assert all(int(count) <= 250 for count in self.read(plan)), plan

    def plan(self, connection: psycopg.Connection, text: str, *, empty: str | None = None) -> str:
        sort = parse_sort(text, FIELDS)
        part = f"t.{empty} is null" if empty else f"t.{sort.keys[0].field.name} is not null"
        after = page(connection, sort, None, 20_000, part)[-1][1:]
        statement = page_statement(
            table="things",
            columns="t.id",
            projection="t.id",
            where=Sql("true"),
            sort=sort,
            after=after,
            limit=51,
        )
        plan = connection.execute(
            "explain (analyze, timing off, summary off) " + statement.text, statement.params
        )
        return "\n".join(row[0] for row in plan)

    def read(self, plan: str) -> list[str]:
        """Return how many rows each node gave; a scan that was cut short gave few."""
        return [count.split(".")[0] for count in re.findall(r"actual rows=([\d.]+)", plan)]
