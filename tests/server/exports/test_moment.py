"""One moment: a full export, and all that came after it, make the final state."""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from cerebro_server.kernel.ids import uuid7
from tests.fixtures.stores import Installation

from .doing import URL, Copy, made, ready, rows

NOUNS = ("companies", "contacts", "positions")


class Writer:
    """A connection with records and transactions of its own, past the API."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.connection = psycopg.connect(url)
        self.connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        self.connection.commit()
        self._chance = chance
        self._ids: dict[str, list[str]] = {noun: [] for noun in NOUNS}
        self._open: list[tuple[str, str]] = []

    def step(self) -> None:
        """Write something, or end the transaction one way or the other."""
        what = self._chance.choice(
            ("add", "add", "add", "add", "change", "delete", "restore", "destroy", "end")
        )
        noun = self._chance.choice(NOUNS)
        if what == "end":
            self.end(commits=self._chance.random() < 0.7)
        elif what == "add":
            self._add(noun)
        elif self._ids[noun]:
            self._touch(what, noun, self._chance.choice(self._ids[noun]))

    def end(self, *, commits: bool) -> None:
        """End the transaction."""
        if commits:
            self.connection.commit()
        else:
            self.connection.rollback()
            for noun, record_id in self._open:
                self._ids[noun].remove(record_id)
        self._open = []

    def _add(self, noun: str) -> None:
        record_id = str(uuid7())
        named = {"companies": "name", "contacts": "last_name"}
        if noun in named:
            text = f"insert into {noun} (id, {named[noun]}) values (%s, 'New')"
            self.connection.execute(text.encode(), (record_id,))
        else:
            if not (self._ids["contacts"] and self._ids["companies"]):
                return
            ends = (self._chance.choice(self._ids[each]) for each in ("contacts", "companies"))
            self.connection.execute(
                "insert into positions (id, role, contact_id, company_id) select %s, %s, "
                "c.id, o.id from contacts c, companies o where c.id = %s and o.id = %s",
                (record_id, record_id, *ends),
            )
        self._ids[noun].append(record_id)
        self._open.append((noun, record_id))

    def _touch(self, what: str, noun: str, record_id: str) -> None:
        name = {"companies": "name", "contacts": "last_name", "positions": "role"}[noun]
        deleted = "deleted_at" if what == "change" else {"delete": "now()"}.get(what, "null")
        if what == "destroy":
            ends = {"companies": "company_id", "contacts": "contact_id"}
            if noun in ends:
                text = f"delete from positions where {ends[noun]} = %s"
                self.connection.execute(text.encode(), (record_id,))
            self.connection.execute(f"delete from {noun} where id = %s".encode(), (record_id,))
            return
        text = f"update {noun} set {name} = %s, deleted_at = {deleted} where id = %s"
        self.connection.execute(text.encode(), (str(self._chance.random()), record_id))


@pytest.fixture(params=range(2))
def writers(request: pytest.FixtureRequest, installation: Installation) -> Iterator[list[Writer]]:
    chance = random.Random(request.param)
    made = [Writer(installation.url, chance) for _ in range(3)]
    yield made
    for writer in made:
        writer.connection.close()


async def test_a_full_export_and_what_came_after_it_make_the_final_state(
    api: httpx.AsyncClient, writers: list[Writer]
) -> None:
    chance, copy, cursor = random.Random(1), Copy(), None
    for number in range(6):
        for _ in range(40):
            chance.choice(writers).step()
        # transactions are open on all sides, begun before and after one another
        cursor = await copy.take(api, await ready(api, nouns=list(NOUNS), since=cursor))
        if number == 4:
            for writer in writers:
                writer.end(commits=True)
    for writer in writers:
        writer.end(commits=True)
    await copy.take(api, await ready(api, nouns=list(NOUNS), since=cursor))
    final = Copy()
    end = await final.take(api, await ready(api, nouns=list(NOUNS)))
    assert copy.nouns == final.nouns
    assert any(final.nouns["positions"]), "nothing came of it"
    last = await ready(api, since=end)
    assert (last["rows"], await rows(api, last, "deleted.jsonl")) == (0, [])


class TestSince:
    async def test_of_one_noun_and_a_filter(self, api: httpx.AsyncClient) -> None:
        first = await ready(api)
        for name, city in (("Ada", "Oslo"), ("Bob", "Rome")):
            reply = await api.post("/v1/contacts", json={"last_name": name, "city": city})
            assert reply.status_code == 201
        gone = reply.json()["id"]
        params = {"since": first["cursor"], "format": "csv", "columns": "last_name"}
        found = await api.get("/v1/contacts/export", params={**params, "where": "city = Oslo"})
        assert found.text == "last_name\nAda\n"
        await api.delete(f"/v1/contacts/{gone}")
        kept = found.headers["cerebro-cursor"]
        found = await api.get("/v1/contacts/export", params={**params, "since": kept})
        assert found.text == "last_name\n"
        found = await api.get("/v1/contacts/export", params={"since": kept, "part": "gone"})
        assert (found.json()["noun"], found.json()["id"]) == ("contacts", gone)
        second = await ready(api, nouns=["contacts"], where={"contacts": "city = Rome"})
        assert second["rows"] == 0

    async def test_what_is_wrong_is_said(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        other = installation.add_workspace("second")
        theirs = await ready(api, headers={"Authorization": f"Bearer {other}"})
        for cursor in ("nonsense", theirs["cursor"]):
            problem = await made(api, 422, since=cursor)
            assert problem["code"] == "invalid_cursor"
            assert "Export everything anew" in problem["detail"]
        with psycopg.connect(installation.url, autocommit=True) as owner:
            mine = (await ready(api))["cursor"]
            # as in a database of before, restored: nothing was ever written at that place
            owner.execute("alter table ws_main.changes alter column era set default 0")
        problem = await made(api, 422, since=mine)
        assert "ahead of the journal" in problem["detail"]
        reply = await api.get("/v1/contacts/export", params={"part": "gone"})
        assert reply.status_code == 422
        problem = await made(api, 422, nouns=["contact"])
        assert "companies, contacts, positions" in problem["detail"]
        assert "Did you mean contacts?" in problem["detail"]
        problem = await made(api, 422, where={"users": "x = 1"})
        assert problem["errors"][0]["pointer"] == "/where/users"
        assert (await made(api, 422, where={"contacts": "citty = 1"}))["code"] == "invalid_query"
        assert (await api.get(f"{URL}/nonsense")).status_code == 404
