"""Empty databases, and what a schema is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.fixtures.stores import drop_database, make_database

_CATALOG = """
select 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid)
from pg_attribute a join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = %(schema)s::text::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
    and not a.attisdropped
union all
select 'index', tablename, indexname, indexdef, null, null, null from pg_indexes
where schemaname = %(schema)s::text::name
union all
select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), null, null, null
from pg_constraint where connamespace = %(schema)s::text::regnamespace and contype <> 'n'
union all
select 'other', relname, relkind::text, null, null, null, null from pg_class
where relnamespace = %(schema)s::text::regnamespace and relkind not in ('r', 'i', 'I', 't')
union all
select 'function', proname, md5(prosrc), null, null, null, null from pg_proc
where pronamespace = %(schema)s::text::regnamespace and proname !~ '^_(journal|logins)_'
"""


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """A database that nothing was installed in."""
    url = make_database(postgres)
    yield url
    drop_database(url)


def catalog(url: str, schema: str) -> set[tuple[Any, ...]]:
    """Return what a schema is made of; what is derived from the record types is left out."""
    with psycopg.connect(url) as connection:
        # names in expressions are then written the same way whatever the caller's path is
        connection.execute(f"set search_path = {schema}")
        return set(connection.execute(_CATALOG, {"schema": schema}).fetchall())


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Run a query as the owner, in workspace `main`."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ws_main, public; set cerebro.actor = 'system'")
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []
