"""The journal tells of what its reader may get, whatever that hangs on, and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import httpx

from tests.fixtures.people import bearer
from tests.proof.world import TYPES, World

READ = {name: rt for name, rt in TYPES.items() if "get" in rt.noun.verbs and not rt.is_history}
_HELD = {
    noun
    for rt in READ.values()
    for noun in (*(end.name for end in rt.ends.values()), *map(rt.refers.get, rt.attached))
}
ROOTS = [name for name, rt in READ.items() if name in _HELD and rt.owner is not None]
"""What other records hang on, and belongs to somebody."""
HANGING = [name for name, rt in READ.items() if (rt.ends or rt.attached) and name not in ROOTS]


def _records(world: World) -> dict[UUID, str]:
    """Make a record of each noun that is somebody else's, and one for each record that a noun can
    hang on; return the nouns by id."""
    found: dict[UUID, str] = {}
    for noun in (*ROOTS, *HANGING):
        record_type = READ[noun]
        found[world.make(noun, owner=world.mate, team=None)] = noun
        loose = [column for column in record_type.ends if record_type.may_lack(column)]
        for column in {*record_type.attached, *loose}:
            record = world.make(noun, owner=world.mate, team=None)
            end = world.make(record_type.refers[column], owner=world.mate, team=None)
            is_one_of = column not in record_type.attached
            others = [each for each in loose if each != column] if is_one_of else []
            values = ", ".join([f"{column} = %s", *(f"{other} = null" for other in others)])
            table = record_type.table_name
            world.connection.execute(f"update {table} set {values} where id = %s", (end, record))
            found[record] = noun
    return found


def _readers(world: World) -> dict[str, dict[str, str]]:
    """Make somebody for each noun with owners who may read all but those of others; and one from
    whom a field is hidden."""
    world.main.enter()
    found = {}
    for root in ROOTS:
        held = [f"{noun}:read" for noun in READ if noun != root]
        role = world.main.role(f"own_{root}", [*held, f"{root}:read:own", "changes:read"])
        found[root] = world.main.signed(f"own.{root}", role)
    rules = {"contacts.name": "hidden"}
    role = world.main.role("blinkered", ["*:read"], field_rules=rules)
    found["a field"] = world.main.signed("blinkered", role)
    return {**found, "nothing": bearer(world.main.key("*"))}


async def _listed(
    server: httpx.AsyncClient, headers: dict[str, str], nouns: set[str], since: str
) -> set[UUID]:
    """Return the ids of the records made since then that somebody finds in lists."""
    query: dict[str, str | int] = {"limit": 200, "where": f"created_at >= {since}"}
    found: set[UUID] = set()
    for noun in nouns:
        page = (await server.get(f"/v1/{noun}", params=query, headers=headers)).json()
        found |= {UUID(item["id"]) for item in page["items"]}
        assert page["next_cursor"] is None
    return found


async def test_everybody_is_told_of_what_they_may_get(
    world: World, server: httpx.AsyncClient
) -> None:
    began = datetime.now(UTC).isoformat()
    records = _records(world)
    kept = dict.fromkeys(ROOTS, 0)
    for name, headers in _readers(world).items():
        told: set[UUID] = set()
        query: dict[str, str | int] = {"limit": 500, "since": began}
        while not records.keys() <= told:
            page = (await server.get("/v1/changes", params=query, headers=headers)).json()
            told |= {UUID(item["record_id"]) for item in page["items"]}
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        got = await _listed(server, headers, set(records.values()), began)
        for record, noun in records.items():
            assert (record in got) is (record in told), (name, noun, record in told)
        if name in kept:
            kept[name] = len(records.keys() - got)
    assert min(kept.values()) >= 1, kept
    assert kept["deals"] > len([rt for rt in READ.values() if "deal_id" in rt.ends])
