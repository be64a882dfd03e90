"""Changes lead to their jobs exactly once, in whatever order transactions end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest

from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.journal.subscriber import Change, Subscriber, Wish
from cerebro_server.kernel.worker import Work
from tests.server.jobs.conftest import Desk, until

INSERT = "insert into companies (id, name) values (%s, %s)"


def told(changes: Sequence[Change]) -> list[Wish]:
    return [
        Wish("told", None, {"name": change.diff["name"][1], "seq": change.seq})
        for change in changes
    ]


NEWS = Subscriber("news", told, frozenset({"companies"}), frozenset({"created"}))


class Hall:
    """Where what was told is written down, each on the row of the job that told it."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def told(self, work: Work) -> None:
        async with work.finishing():
            self.names.append(work.payload["name"])


@pytest.fixture
def hall() -> Hall:
    return Hall()


def writer(desk: Desk) -> psycopg.Connection[object]:
    connection = psycopg.connect(desk.installation.url)
    connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
    connection.commit()
    return connection


class TestRelay:
    async def test_leads_from_a_change_to_its_job(self, desk: Desk, hall: Hall) -> None:
        async with desk.working({"told": hall.told}, [NEWS]):
            with writer(desk) as connection:
                connection.execute(INSERT, (uuid7(), "Acme"))
            await until(lambda: hall.names == ["Acme"], "it is told")

    async def test_a_transaction_that_began_early_and_ended_late_is_not_lost(
        self, desk: Desk, hall: Hall
    ) -> None:
        early, late = writer(desk), writer(desk)
        async with desk.working({"told": hall.told}, [NEWS]):
            early.execute(INSERT, (uuid7(), "Early"))
            late.execute(INSERT, (uuid7(), "Late"))
            late.execute(INSERT, (uuid7(), "Later"))
            late.commit()  # its rows have larger numbers, and are there first
            await asyncio.sleep(0.5)
            early.commit()
            await until(lambda: len(hall.names) == 3, "all are told")
            await asyncio.sleep(0.5)
        assert sorted(hall.names) == ["Early", "Late", "Later"]
        early.close()
        late.close()

    async def test_what_lies_beyond_is_looked_up_and_not_searched_for(self, desk: Desk) -> None:
        with writer(desk) as connection:
            every = "select gen_random_uuid(), n::text from generate_series(1, 3000) n"
            connection.execute(f"insert into companies (id, name) {every}")
            connection.execute("analyze changes")
            plan = "\n".join(str(row) for row in connection.execute(f"explain {reading.BEHIND}"))
            assert "Index Only Scan Backward" in plan
            assert "Seq Scan on changes_0" not in plan

    async def test_one_that_acts_is_shown_neither_silent_changes_nor_undos(
        self, desk: Desk, hall: Hall
    ) -> None:
        acting = Subscriber("workflows", told, NEWS.nouns, NEWS.actions, acts=True)
        operation = str(uuid7())
        made = (
            "insert into operations (id, kind, state, actor, input, options, rights) "
            "values (%s, 'companies.import', 'applied', 'system', '{}', '{\"silent\": true}', '')"
        )
        async with desk.working({"told": hall.told}, [acting]):
            with writer(desk) as connection:
                connection.execute(made, (operation,))
                for setting, name in (("operation", "Silent"), ("undoes", "Undo"), (None, "Loud")):
                    if setting:
                        connection.execute(f"set local cerebro.{setting} = '{operation}'")
                    connection.execute(INSERT, (uuid7(), name))
                    connection.commit()
            await until(lambda: hall.names, "something is told")
            await asyncio.sleep(0.5)
        assert hall.names == ["Loud"]

    async def test_a_change_that_was_rolled_back_leads_to_nothing(
        self, desk: Desk, hall: Hall
    ) -> None:
        connection = writer(desk)
        async with desk.working({"told": hall.told}, [NEWS]):
            connection.execute(INSERT, (uuid7(), "Never"))
            connection.rollback()
            connection.execute(INSERT, (uuid7(), "Always"))
            connection.commit()
            await until(lambda: hall.names, "the other is told")
        assert hall.names == ["Always"]
        connection.close()

    async def test_several_relays_tell_once(self, desk: Desk, hall: Hall) -> None:
        with writer(desk) as connection:
            for number in range(2_500):  # more than one chunk
                connection.execute(INSERT, (uuid7(), f"C{number}"))
        handlers = {"told": hall.told}
        async with desk.working(handlers, [NEWS]), desk.working(handlers, [NEWS]):
            await until(lambda: len(hall.names) >= 2_500, "all are told")
            await until(lambda: desk.states() == {}, "nothing is left")
        assert sorted(hall.names) == sorted(f"C{number}" for number in range(2_500))

    async def test_what_a_subscriber_failed_on_is_shown_again(self, desk: Desk, hall: Hall) -> None:
        tries = iter([True, False])

        def unsteady(changes: Sequence[Change]) -> list[Wish]:
            if next(tries):
                raise LookupError("not today")
            return told(changes)

        subscribers = [Subscriber("unsteady", unsteady, NEWS.nouns), NEWS]
        async with desk.working({"told": hall.told}, subscribers):
            with writer(desk) as connection:
                connection.execute(INSERT, (uuid7(), "Acme"))
            await until(lambda: hall.names == ["Acme", "Acme"], "both were told")

    async def test_nothing_from_before_an_era_that_ended_is_lost(
        self, desk: Desk, hall: Hall
    ) -> None:
        """After a restore transaction ids begin anew: those of before may be larger."""
        with writer(desk) as connection:
            connection.execute(INSERT, (uuid7(), "Before"))
        desk.rows("select 1")
        desk.owner.execute(
            "alter table changes disable trigger user; "
            "update changes set xid = '900000000000000' where record_type = 'companies'; "
            "alter table changes enable trigger user; "
            "alter table changes alter column era set default 2"
        )
        with writer(desk) as connection:
            connection.execute(INSERT, (uuid7(), "After"))
        async with desk.working({"told": hall.told}, [NEWS]):
            await until(lambda: sorted(hall.names) == ["After", "Before"], "both are told")

    async def test_where_nobody_subscribes_history_is_forgotten(
        self, desk: Desk, hall: Hall
    ) -> None:
        with writer(desk) as connection:
            connection.execute(INSERT, (uuid7(), "Old"))
        async with desk.working({}):
            cursor = "select xid > '0' from relay_cursor"
            await until(lambda: desk.rows(cursor) == [(True,)], "the cursor moves on")
        async with desk.working({"told": hall.told}, [NEWS]):
            with writer(desk) as connection:
                connection.execute(INSERT, (uuid7(), "New"))
            await until(lambda: hall.names, "the new one is told")
        assert hall.names == ["New"]
