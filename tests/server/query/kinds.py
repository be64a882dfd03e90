"""Fields of every kind, the table that has them, and values for each that lie close together."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query import Env

from . import custom


def _field(name: str, kind: Kind, sql_type: str = "text", *, nullable: bool = True) -> Field:
    return Field(
        name=name,
        kind=kind,
        label=name.capitalize(),
        description="",
        sql_type=sql_type,
        nullable=nullable,
        required=not nullable,
        writable=True,
    )


FIELDS = {
    field.name: field
    for field in (
        _field("id", Kind.UUID, "uuid", nullable=False),
        _field("name", Kind.TEXT, nullable=False),
        _field("note", Kind.LONG_TEXT),
        _field("domain", Kind.DOMAIN),
        _field("employees", Kind.INTEGER, "integer"),
        _field("amount", Kind.DECIMAL, "numeric"),
        _field("active", Kind.BOOLEAN, "boolean"),
        _field("founded", Kind.DATE, "date"),
        _field("seen", Kind.DATETIME, "timestamptz"),
        _field("owner", Kind.UUID, "uuid"),
        _field("agent_id", Kind.USER, "uuid"),
        _field("team", Kind.TEAM),
        _field("tags", Kind.KEYS, "text[]"),
        _field("external_ids", Kind.MAP, "jsonb"),
    )
}
COLUMNS = tuple(name for name in FIELDS if name != "external_ids")
FIELDS |= custom.FIELDS
CREATE_TABLE = "create table things ({}, primary key (id))".format(
    ", ".join(
        f'"{field.name}" {field.sql_type}' + ("" if field.nullable else " not null")
        for field in FIELDS.values()
        if field.of_custom is None
    )
    + ", custom jsonb not null default '{}'"
)
INSERT = "insert into things ({}) values ({})".format(
    ", ".join(f'"{name}"' for name in COLUMNS), ", ".join("%s" for _ in COLUMNS)
)
INSERT_ALL = INSERT.replace(") values (", ", custom) values (")[:-1] + ", %s)"
SORTABLE = tuple(name for name in COLUMNS if FIELDS[name].kind is not Kind.KEYS)
ENV = Env(
    now=datetime(2026, 3, 29, 12, 30, 15, 123456, UTC),
    timezone=ZoneInfo("Europe/Berlin"),
    me=UUID(int=1),
    teams=("red", "blue"),
)

TEXTS = [
    *(
        "",
        " ",
        "a",
        "A",
        "ab",
        "aB",
        "a b",
        "b",
        "a%b",
        "a_b",
        "axb",
        "%",
        "_",
        "\\",
        "a\\b",
        "'",
        '"',
    ),
    *(
        "é",
        "É",
        "e\u0301",
        "E\u0301",
        "éa",
        "aÉ",
        "e",
        "ß",
        "ẞ",
        "ss",
        "SS",
        "i",
        "I",
        "ı",
        "İ",
        "aİ",
    ),
    *("Σ", "σ", "ς", "ΑΣ", "ας", "ασ", "\u212a", "k", "\u212b", "Å", "å", "ﬁ", "fi", "Ǆ", "ǅ", "ǆ"),
    *("한", "\u1112\u1161\u11ab", "😀", "\n", "a\nb", "\t", "\x01", "\uffff", "\U0010ffff", "zz"),
    *("now", "or", "NOT", "42", "true", "null", "now - 3d", "2026-03-29"),
]
_BERLIN_DAY = datetime(2026, 3, 28, 23, tzinfo=UTC)
_STEP = timedelta(microseconds=1)
TIMES = [
    *(ENV.now, ENV.now - _STEP, ENV.now - timedelta(days=1), ENV.now + timedelta(hours=1)),
    *(_BERLIN_DAY, _BERLIN_DAY - _STEP, _BERLIN_DAY + timedelta(hours=23)),
    *(_BERLIN_DAY + timedelta(hours=23) - _STEP, _BERLIN_DAY - timedelta(days=1)),
    *(datetime(2026, 2, 27, 23, tzinfo=UTC), datetime(2025, 3, 29, 12, tzinfo=UTC)),
]
POOLS: dict[Kind, list[Any]] = {
    Kind.TEXT: TEXTS,
    Kind.LONG_TEXT: TEXTS,
    Kind.DOMAIN: TEXTS,
    Kind.INTEGER: [-(2**31), -1, 0, 1, 2, 41, 42, 43, 2**31 - 1],
    Kind.DECIMAL: [
        Decimal(text)
        for text in ("0", "-0", "0.10", "0.1", "-42.5", "42.5", "42", "1e3", "1000", "1e-30")
    ],
    Kind.BOOLEAN: [True, False],
    Kind.DATE: [date(2026, 3, day) for day in range(27, 32)] + [date(2026, 2, 28)],
    Kind.DATETIME: TIMES,
    Kind.UUID: [UUID(int=number) for number in (0, 1, 2**64, 2**127, 2**128 - 1)],
    Kind.USER: [UUID(int=number) for number in (0, 1, 2**64)],
    Kind.TEAM: ["red", "blue", "green"],
    Kind.KEYS: [[], ["red"], ["red", "blue"], ["É", "green"], ["a%b", ""]],
}


def fill(connection: psycopg.Connection, rows: list[dict[str, Any]]) -> None:
    """Make these the only rows."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("delete from things")
        cursor.executemany(
            INSERT_ALL,
            [[*(row[name] for name in COLUMNS), json.dumps(row.get("custom", {}))] for row in rows],
        )


def rows_at_random(server_version: int, count: int = 300) -> list[dict[str, Any]]:
    """Return rows of values from the pools, the same at every call.

    Before PostgreSQL 17 the database's collation maps case, so that only plain letters are stored.
    """
    chance = random.Random(7)
    pools = {name: POOLS[FIELDS[name].kind] for name in COLUMNS if name != "id"}
    if server_version < 170_000:
        plain = [text for text in TEXTS if text.isascii()]
        pools |= dict.fromkeys(("name", "note", "domain"), plain)
    return [
        {
            "id": UUID(int=number << 64),
            **{
                name: None
                if FIELDS[name].nullable and chance.random() < 0.25
                else chance.choice(pool)
                for name, pool in pools.items()
            },
            "custom": custom.values_at_random(chance),
        }
        for number in range(1, count + 1)
    ]
