"""Which records are compared at all: those that have something in common, found in one pass.

PostgreSQL numbers the records by name, makes a key for each record and block, and sorts by it: what
that takes grows as sorting does, since in a block in which too many are each is compared with its
neighbours only. Whose names begin alike have numbers next to one another, and so have most pairs:
the values of a million records do not all have to be at hand.
"""

from __future__ import annotations

from array import array
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
_PART: Final = 1 << 12
"""Records whose pairs are sorted at a time."""
_OTHER: Final = (1 << 32) - 1

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


class Pairs:
    """The pairs of records that stand in one block, each once, by the numbers of the records: in
    eight bytes, so that those of a million records fit into memory."""

    def __init__(self) -> None:
        self.large = 0
        """How many blocks are larger than `MOST`."""
        self.ids: list[str] = []
        """The ids of the records, by their numbers."""
        self._key, self._block = "", list[int]()
        self._parts: dict[int, array[int]] = {}
        self._sorted = array("Q")

    def take(self, piece: bytes) -> None:
        """Take lines as `blocks` copies them, in their order."""
        for line in piece.decode().splitlines():
            key, number, record_id = line.split("\t")
            if record_id:
                self.ids.append(record_id)
                continue
            if key != self._key:
                self._pair()
                self._key = key
            self._block.append(int(number))

    def end(self) -> None:
        """Sort all that were taken, so that those of one record come together."""
        self._pair()
        for part in sorted(self._parts):
            self._sorted.extend(sorted({*self._parts.pop(part)}))

    def __len__(self) -> int:
        return len(self._sorted)

    def batch(self, start: int, count: int) -> list[tuple[int, int]]:
        """Return the numbers of the records of some pairs."""
        return [(pair >> 32, pair & _OTHER) for pair in self._sorted[start : start + count]]

    def _pair(self) -> None:
        block, self._block = self._block, []
        self.large += len(block) > MOST
        near = len(block) if len(block) <= MOST else NEAR
        for place, low in enumerate(block, start=1):  # numbers ascend
            others = block[place : place + near]
            if others:
                part = self._parts.setdefault(low // _PART, array("Q"))
                part.extend([low << 32 | high for high in others])


def blocks(context: Context, record_type: RecordType, rules: DuplicateRules) -> Sql:
    """Copy the records, in the order of their names: a line `\\N<tab>number<tab>id` each, counted
    from 0. Then the blocks with more than one of them, `key<tab>number<tab>`: by key, and by number
    in each."""
    table = ident(record_type.table_name)
    shown = context.seen(record_type)
    living = Sql.both(
        Sql("t.deleted_at is null"), *filter(None, [context.condition(record_type, "read")])
    )
    asked = [[key_of(text) for text in block] for block in rules.blocks]
    keys = list(dict.fromkeys(key for block in asked for key in block))
    title = shown.fields[record_type.noun.title].sql
    values = ", ".join(f"{_common(shown, key)} as k{n}" for n, key in enumerate(keys))
    arms = " union ".join(_arm(number, block, keys) for number, block in enumerate(asked))
    text = (
        f"copy (with r as materialized (select t.id, row_number() over (order by fold({title}), "
        f"t.id) - 1 as n, {values} from {table} t where {living.text}), "
        f"b as (select key, n, count(*) over (partition by key) as size from ({arms}) k) "
        "select null::bigint as key, n, id::text from r union all "
        "select key, n, '' from b where size > 1 order by key nulls first, n) to stdout"
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
        f"select hashtextextended({joined}, {number}) as key, r.n from r, {sources} where {filled}"
    )
