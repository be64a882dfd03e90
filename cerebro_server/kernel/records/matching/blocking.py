"""Which records are compared at all: those that have something in common, found in one pass.

PostgreSQL makes a key for each record and block, and joins on it: what that takes grows as sorting
does, since a block in which too many are has each compared with its neighbours only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cerebro_sdk.schemas.workspace.duplicates import DuplicateRules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.duplicates import every
from cerebro_server.kernel.records.matching.rules import Key, key_of

MOST: Final = 50
"""Records of a block of which each is compared with each."""
NEAR: Final = 10
"""Those that come next by name, with which each is compared in a larger block."""
LARGE: Final = b"large"
"""Begins the last line, which says how many blocks are larger."""

_SOUNDS = "'bfpvcgjkqsxzdtlmnraeiouyhw', '111122222222334556'"
_CODE = f"regexp_replace(translate(substr(w, 2), {_SOUNDS}), '(.)\\1+', '\\1', 'g')"
_SQL: Final = {
    "": "w",
    "sound": f"left(w, 1) || left({_CODE}, 3)",  # Russell's, 1918: Knuth, TAOCP 3, chapter 6
    "number": "substring(w from '[0-9]+')",
    "word": "coalesce(substring(w from '[^ 0-9]{4,}'), w)",
    "digits": "right(regexp_replace(v, '[^0-9]+', '', 'g'), 9)",
    "year": "left(v, 4)",
    "domain": "regexp_replace(regexp_replace(lower(v), '^(.*@|[a-z]+://)(www[.])?', ''), "
    "'[/?#:].*$', '')",
}
_RAW: Final = ("digits", "year", "domain")
"""Ways that take a value as it is, not the words of it."""


def pairs(context: Context, record_type: RecordType, rules: DuplicateRules) -> Sql:
    """Copy the pairs that are to be compared, `one<tab>other`, in order; then a line that says how
    many blocks are larger than `MOST`."""
    table = ident(record_type.table_name)
    shown = context.seen(record_type)
    living = Sql.both(
        Sql("t.deleted_at is null"), *filter(None, [context.condition(record_type, "read")])
    )
    blocks = [[key_of(text) for text in block] for block in rules.blocks]
    keys = list(dict.fromkeys(key for block in blocks for key in block))
    title = shown.fields[record_type.noun.title].sql
    values = ", ".join(f"{_common(shown, key)} as k{n}" for n, key in enumerate(keys))
    arms = " union ".join(_arm(number, block, keys) for number, block in enumerate(blocks))
    text = (
        f"copy (with r as materialized (select t.id, fold({title}) as title, {values} "
        f"from {table} t where {living.text}), "
        f"b as (select k.key, r.id, r.title from ({arms}) k join r on r.id = k.id), "
        "p as materialized (select key, id, row_number() over (partition by key order by title, "
        "id) as place, count(*) over (partition by key) as size from b), "
        "f as (select distinct least(p.id, q.id) as one, greatest(p.id, q.id) as other from p "
        f"join p q on q.key = p.key and q.place > p.place "
        f"and (p.size <= {MOST} or q.place <= p.place + {NEAR})) "
        "(select one::text, other::text from f order by one, other) union all "
        f"select '{LARGE.decode()}', count(distinct key)::text from p where size > {MOST}) "
        "to stdout"
    )
    return Sql(text, living.params)


def values(
    context: Context, record_type: RecordType, fields: Sequence[str], ids: Iterable[object]
) -> Sql:
    """Select `(id, values of each field)` of records."""
    shown = context.seen(record_type)
    arrays = ", ".join(_texts(shown, name) for name in fields)
    return Sql(
        f"select t.id::text, {arrays} from {ident(record_type.table_name)} t "
        "where t.id = any(%s::uuid[]) and t.deleted_at is null",
        (list(ids),),
    )


def _texts(shown: RecordType, name: str) -> str:
    return f"({every(shown, name)})::text[]"


def _common(shown: RecordType, key: Key) -> str:
    """Return what a record has in common with others by one key: an array of texts."""
    way = f"left(w, {int(key.way)})" if key.way.isdigit() else _SQL[key.way]
    source = f"unnest({_texts(shown, key.field)}) v"
    if key.way not in _RAW:
        blanks = "replace(btrim(search_text(v)), ' ', '')"
        words = "btrim(search_text(v))" if key.way in ("", "word", "number") else blanks
        source += f", lateral (select {words} as w offset 0) as n"
    return f"array(select {way} from {source} where v <> '')"


def _arm(number: int, block: Sequence[Key], keys: Sequence[Key]) -> str:
    """Return the query for the keys of one block; a record without any of its values has none."""
    places = [keys.index(key) for key in block]
    sources = ", ".join(f"unnest(r.k{place}) as u{place}(v)" for place in places)
    filled = " and ".join(f"u{place}.v <> ''" for place in places)
    joined = " || ' ' || ".join(f"u{place}.v" for place in places)
    return (
        f"select hashtextextended({joined}, {number}) as key, r.id from r, {sources} where {filled}"
    )
