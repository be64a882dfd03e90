"""Two workspaces full of people and records, and what each caller is to each record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg

from cerebro_server import registry
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7
from tests.fixtures.people import People
from tests.fixtures.samples import joined, ladder, sample
from tests.proof.table import Holder

TYPES = {rt.name: rt for rt in registry.record_types()}
CANARY = "canary7f3a"
"""Stands in everything that belongs to the other workspace."""
OWN, TEAM, OTHERS, NOWHERE = 1, 2, 3, 4
_NOUNS = ("companies", "contacts")
SCOPED = (
    *(f"{noun}:{action}" for noun in _NOUNS for action in ("read:team", "create")),
    *(f"{noun}:{action}:own" for noun in _NOUNS for action in ("update", "delete")),
    *(f"{noun}:{action}" for noun in _NOUNS for action in ("lock:team", "unlock:own")),
    *("companies:restore:own", "companies:export:team", "changes:read", "users:read:own"),
    *("keys:read:own", "keys:revoke:own", "sessions:read:own"),
)


@dataclass(frozen=True)
class Principal:
    """Somebody who asks."""

    name: str
    token: str | None
    holder: Holder
    user_id: UUID | None = None
    teams: tuple[str, ...] = ()
    refused: bool = False
    """Nobody at all: anonymous, disabled."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class World:
    """Both workspaces, as the database's owner sees them."""

    main: People
    other: People
    foreign: dict[str, UUID] = field(default_factory=dict)
    """One record of the other workspace of each noun."""
    principals: list[Principal] = field(default_factory=list)
    seen: tuple[str, list[Any]] | None = None
    """The last snapshot, and which transactions there had been by then."""

    def related(self, noun: str, principal: Principal) -> dict[int, UUID]:
        """Make, for somebody, a record of their own, one of their team, and one of others, as far
        as the noun knows of such."""
        record_type, me = TYPES[noun], principal.user_id
        assert me is not None
        nobody = self.mate
        found = {OTHERS: self.make(noun, owner=nobody, team=None)}
        if noun == "users":
            return found
        if record_type.owner is not None:
            found[OWN] = self.make(noun, owner=me, team=None)
        if record_type.team is not None and principal.teams:
            found[TEAM] = self.make(noun, owner=nobody, team=principal.teams[0])
        return found

    @property
    def mate(self) -> UUID:
        """A user who is none of the principals."""
        row = self.connection.execute(
            "insert into ws_main.users (id, name, email, roles, teams) "
            "values (%s, 'Mate', %s, '{agent}', '{}') returning id",
            (uuid7(), f"{uuid7().hex}@cerebro.test"),
        ).fetchone()
        assert row is not None
        return UUID(str(row[0]))

    @property
    def connection(self) -> psycopg.Connection[Any]:
        return self.main.connection

    def make(self, noun: str, *, owner: UUID, team: str | None, name: str = "Thing") -> UUID:
        """Put a record of a noun into `main`."""
        self.main.enter()
        return put(self.main, noun, owner=owner, team=team, name=name)

    def delete(self, noun: str, record: UUID) -> None:
        """Delete a record of a noun of `main`, softly."""
        self.main.enter()
        table = TYPES[noun].table_name
        self.connection.execute(f"update {table} set deleted_at = now() where id = %s", (record,))

    def offer(self, verb: str, record: UUID) -> None:
        """Make a quote of `main` such that a verb can do something with it."""
        self.main.enter()
        if verb == "send":
            line = "(id, quote_id, description, quantity, unit_price, position)"
            self.connection.execute(
                f"insert into quote_lines {line} values (%s, %s, 'x', 1, 1, 1)", (uuid7(), record)
            )
        elif verb in ("accept", "decline", "revise"):
            self.connection.execute("update quotes set status = 'sent' where id = %s", (record,))

    def lock(self, noun: str, record: UUID) -> None:
        """Lock a record of a noun of `main`."""
        self.main.enter()
        table = TYPES[noun].table_name
        self.connection.execute(f"update {table} set locked_at = now() where id = %s", (record,))

    def ends(self, noun: str, home: People) -> dict[str, str]:
        """Make what a new record of this noun must name there."""
        if noun not in TYPES or not joined(TYPES[noun]):
            return {}
        home.enter()
        name = "Thing" if home is self.main else CANARY
        return {column: str(end) for column, end in _ends(home, TYPES[noun], name).items()}

    def snapshot(self) -> list[Any]:
        """Return, for each table of both workspaces, how many rows it has and the newest change."""
        row = self.connection.execute("select pg_current_snapshot()::text").fetchone()
        assert row is not None
        if self.seen is None or self.seen[0] != row[0]:  # somebody may have written since
            self.seen = row[0], self._of_tables("count(*), max(t.xmin::text::bigint)")
        return self.seen[1]

    def checksums(self) -> list[Any]:
        """Return a checksum of each table of both workspaces."""
        return self._of_tables("count(*), md5(string_agg(t::text, '' order by t::text))")

    def _of_tables(self, what: str) -> list[Any]:
        every = " union all ".join(f"select '{name}', {what} from {name} t" for name in self._names)
        # planned once: a hundred tables take longer to plan than to look at
        return self.connection.execute(f"{every} order by 1", prepare=True).fetchall()

    @cached_property
    def _names(self) -> list[str]:
        rows = self.connection.execute(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
            "where schemaname in ('ws_main', 'ws_other') and tablename <> 'changes' order by 1"
        )
        return [name for (name,) in rows]


def put(people: People, noun: str, *, owner: UUID, team: str | None, name: str) -> UUID:
    """Put a record into a workspace, past the API."""
    record_id = uuid7()
    ends = _ends(people, TYPES[noun], name)
    values = {"id": record_id, **_columns(TYPES[noun], owner, team, name), **ends}
    values |= ladder(people.connection, noun)
    listed = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    people.connection.execute(
        f"insert into {TYPES[noun].table_name} ({listed}) values ({marks})", tuple(values.values())
    )
    return record_id


def _ends(people: People, record_type: RecordType, name: str) -> dict[str, UUID]:
    """Make the records that a link joins: of somebody else, as far as anybody is concerned."""
    return {
        column: put(people, target.name, owner=people.owner, team=None, name=name)
        for column, target in joined(record_type).items()
    }


def _of_offers(noun: str, owner: UUID, team: str | None, name: str) -> dict[str, Any] | None:
    match noun:
        case "assignment_rules":
            return {"name": f"{name} {uuid7().hex}", "position": 1, "method": "round_robin"}
        case "quotas":
            whose = {"user_id": uuid7(), "currency": "EUR", "amount": 1}
            return {"period_start": "2026-01-01", "period": "year", **whose}
        case "assignment_members":
            return {"user_id": uuid7()}
        case "products":
            return {"sku": uuid7().hex, "name": name}
        case "price_books":
            return {"name": f"{name} {uuid7().hex}", "currency": "EUR"}
        case "prices":
            return {"price": 1, "min_quantity": 1}
        case "deal_lines" | "quote_lines":
            return {"description": name, "quantity": 1, "unit_price": 1, "position": 1}
        case "activities":
            return {"subject": name, "type": "call", "owner_id": owner, "team": team}
        case "attendees":
            return {"role": name}
        case "follows":
            return {"user_id": owner, "note": name}
        case "quotes":
            whose = {"owner_id": owner, "team": team}
            return {"status": "draft", "currency": "EUR", "revision": 1, "terms": name, **whose}
    return None


def _of_settings(noun: str, name: str) -> dict[str, Any] | None:
    words = {"field": "name", "new_value": name, "source": "crm", "changed_at": "now"}
    return {
        "import_mappings": {"record_type": "contacts", "name": name, "mapping": "{}"},
        "duplicate_rules": {"record_type": "contacts", "rules": "{}"},
        "lead_mappings": {"name": name},
        "earlier_changes": words,
    }.get(noun)


def _columns(record_type: RecordType, owner: UUID, team: str | None, name: str) -> dict[str, Any]:
    match record_type.name:
        case "users":
            return sample(record_type) | {"name": name, "roles": ["agent"], "teams": []}
        case "lead_forms":
            whose = {"owner_id": owner, "team": team, "allowed_origins": []}
            return {"name": name, "key": f"none.{uuid7().hex}", **whose}
        case "lead_statuses":
            return sample(record_type) | {"label": name, "position": 1}
        case "fields":
            return sample(record_type) | {"label": name}
        case "files":
            whose = {"owner_id": owner, "team": team, "content_type": "text/plain"}
            return sample(record_type) | {"name": name, **whose}
        case "roles":
            empty = json.dumps({})
            return sample(record_type) | {
                "name": name,
                "permissions": ["companies:read"],
                "row_rules": empty,
                "field_rules": empty,
            }
        case "keys":
            word = uuid7().hex
            facts = {"prefix": word, "lookup": word, "secret_hash": b"none", "scopes": []}
            return {"name": name, "user_id": owner, **facts}
        case "sessions":
            now = "now"
            times = dict.fromkeys(("rotated_at", "expires_at", "last_seen_at"), now)
            return {"user_id": owner, "client": name, "seed": b"none", "counter": 1, **times}
        case "pipelines" | "lost_reasons" | "territories":
            return {"name": f"{name} {uuid7().hex}"}
        case "exchange_rates":
            found = sample(record_type)
            return found | {"key": f"{found['currency']}@{found['day']}", "source": name}
        case "recurring_plans":
            return {"name": f"{name} {uuid7().hex}", "months": 6}
        case "stages":
            words = {"key": f"k{uuid7().hex}", "label": name, "type": "open"}
            return words | {"position": 9, "default_forecast_category": "pipeline"}
        case "deal_stages":
            stay = {"to_stage": name, "to_stage_id": uuid7(), "to_status": "open"}
            stay |= dict.fromkeys(("entered_at", "left_at"), "now")
            more = {"actor": "system", "currency": "EUR", "forecast_category": "pipeline"}
            return {"pipeline_id": uuid7(), **stay, **more}
        case "deals":
            words = {"name": name, "status": "open", "currency": "EUR"}
            times = dict.fromkeys(("opened_at", "last_stage_change_at"), "now")
            whose = {"owner_id": owner, "team": team, "forecast_category": "pipeline"}
            return words | times | whose
    if (sold := _of_offers(record_type.name, owner, team, name)) is not None:
        return sold
    if (kept := _of_settings(record_type.name, name)) is not None:
        return kept
    named = sample(record_type)
    if record_type.name != "teams":
        named = dict.fromkeys(named, name)
    return named if record_type.owner is None else {**named, "owner_id": owner, "team": team}


def principals(main: People, other: People) -> list[Principal]:
    """Make everybody who asks; the permissions are read back from the database."""
    other.enter()
    stranger = other.user("stranger", "owner")
    strangers_key = other.key("*", user=stranger)
    main.enter()
    for team in ("red", "blue"):
        main.team(team)
    main.role("scoped", SCOPED)
    held = {
        key: tuple(permissions)
        for key, permissions in main.connection.execute("select key, permissions from roles")
    }
    found = [Principal("owner", main.key("*"), Holder((held["owner"],)), main.owner)]
    for role in ("admin", "manager", "agent", "read_only"):
        user = main.user(role, role, teams=["red"])
        holder = Holder((held[role],))
        found.append(Principal(role, main.key("*", user=user), holder, user, ("red",)))
    narrow = Holder((held["owner"],), ("companies:read:own", "contacts:*:own", "users:read"))
    found.append(Principal("narrow key", main.key(*narrow.scopes), narrow, main.owner))
    rival = main.user("rival", "scoped", teams=["blue"])
    scoped = Holder((held["scoped"],))
    found.append(Principal("other team", main.key("*", user=rival), scoped, rival, ("blue",)))
    several = main.user("several", "scoped", "read_only", teams=["blue"])
    both = Holder((held["scoped"], held["read_only"]))
    found.append(Principal("two roles", main.key("*", user=several), both, several, ("blue",)))
    nobody = Holder(())
    disabled = main.user("disabled", "admin")
    main.connection.execute("update users set disabled_at = now() where id = %s", (disabled,))
    found += [
        Principal("other workspace", strangers_key, Holder((("*",),)), stranger),
        Principal("disabled user", main.key("*", user=disabled), nobody, refused=True),
        Principal("anonymous", None, nobody, refused=True),
    ]
    return found


def strangers(other: People) -> dict[str, UUID]:
    """Plant records in the other workspace; return one id of each noun."""
    other.enter()
    other.team(CANARY)
    other.role(CANARY, ["companies:read"])
    owner = other.owner
    return {noun: put(other, noun, owner=owner, team=CANARY, name=CANARY) for noun in TYPES}
