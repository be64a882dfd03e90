"""Searching: strictly first, and loosely for what the strict way leaves of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cerebro_server.kernel import phones
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, settings
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query.limits import UNSTORABLE
from cerebro_server.kernel.records.searching.statement import Search, statement
from cerebro_server.kernel.records.searching.words import after_hits, attempts

Hit = dict[str, Any]
_SETTINGS: Final = settings(
    plan_cache_mode="force_generic_plan", enable_seqscan="off", max_parallel_workers_per_gather="0"
)
"""Planning nine nouns anew takes 15 ms, more than most searches. What a plan does not know of the
words it need not: the indexes are there for any, and nothing else is ever quicker."""
_COLUMNS = ("record_type", "record_id", "title", "subtitle", "score")


async def search(
    context: Context, record_types: Sequence[RecordType], query: str, *, limit: int
) -> list[Hit]:
    """Return the records that have every word of a query in fields that the caller sees, best
    first. Record types that the caller may not read, or sees nothing searched of, give none."""
    query = UNSTORABLE.sub(" ", query).strip()
    number = phones.normal(query, context.settings.default_region)
    hits: list[Hit] = []
    for way in attempts(query):
        words = after_hits(way) if hits else way
        asked = [
            Search(
                shown,
                context.condition(record_type, "read"),
                query,
                words,
                limit,
                number,
            )
            for record_type in record_types
            if context.actor.may(f"{record_type.name}:read")
            for shown in [context.seen(record_type)]
        ]
        asked = [each for each in asked if each.fields]
        if not asked:
            return []
        known = {(hit["record_type"], hit["record_id"]) for hit in hits}
        found = [_hit(row) for row in await context.read(_SETTINGS, _together(asked, limit))]
        hits += [hit for hit in found if (hit["record_type"], hit["record_id"]) not in known]
        if len(hits) >= limit:
            break
    return hits[:limit]


def _together(asked: Sequence[Search], limit: int) -> Sql:
    parts = [statement(each) for each in asked]
    if len(parts) == 1:
        return parts[0]
    text = " union all ".join(f"({part.text})" for part in parts)
    return Sql(
        f"{text} order by score desc limit {int(limit)}",
        tuple(param for part in parts for param in part.params),
    )


def _hit(row: Sequence[Any]) -> Hit:
    *values, field, text = row
    hit = dict(zip(_COLUMNS, values, strict=True))
    return {
        **hit,
        "score": round(hit["score"], 3),
        "matched": {"field": field, "text": text} if field else None,
    }
