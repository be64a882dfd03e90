"""Which fields: a record type as an actor sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from cerebro_server.kernel.access.actor import Actor
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN

LEVELS = ("read_only", "masked", "hidden")
"""What a field rule can say, from the mildest to the strictest."""
_PLAIN = -1


def restrictions(actor: Actor, noun: str) -> Mapping[str, str]:
    """Return the level of every field of a noun that is not plain for an actor.

    A role lifts what another one restricts only if it leads to every record: otherwise its fields
    would be plain for records that it does not show. A field is written through the roles that
    allow to write, so one that those restrict is at least `read_only`.
    """
    levels = {name: LEVELS[level] for name, level in _merged(actor, noun, "read").items()}
    is_reader = bool(actor.ways(noun, "read"))
    for action in ("update", "create"):
        for name, level in _merged(actor, noun, action).items():
            # who writes without reading gets what they wrote in the reply
            levels.setdefault(name, "read_only" if is_reader else LEVELS[level])
    return levels


def seen(actor: Actor, record_type: RecordType) -> RecordType:
    """Return the record type with the workspace's own fields, without the fields that are hidden,
    and with what rules of the others say; filters, sorts, replies, exports, imports and payloads
    all go by it."""
    whole = actor.definitions.whole(record_type)
    if not any(role.field_rules for role in actor.roles):
        return whole
    levels = levels_of(actor, record_type)
    if not levels:
        return whole
    by_level = (frozenset(n for n, held in levels.items() if held == level) for level in LEVELS)
    return _seen(whole, *by_level)


def levels_of(actor: Actor, record_type: RecordType) -> Mapping[str, str]:
    """Return the level of every field that is not plain for an actor, what follows from others
    among them: what holds a copy tells what the field tells that it was copied from."""
    found = dict(restrictions(actor, record_type.name))
    for name, (source, there) in record_type.copied.items():
        level = levels_of(actor, source).get(there, LEVELS[0])
        if level != LEVELS[0]:
            found[name] = max(level, found.get(name, level), key=LEVELS.index)
    return _with_parts(record_type, found)


def _with_parts(record_type: RecordType, levels: Mapping[str, str]) -> Mapping[str, str]:
    """Hold lists of parts, the columns that show their first ones, and what is derived to the same
    rules.

    A list is as closed as the strictest of its columns, and hidden where that is masked: it would
    tell what the mask covers. What is said of the list itself holds for each of its columns.
    """
    found = {name: LEVELS.index(level) for name, level in levels.items()}
    for short, primary in record_type.primaries.items():
        if primary.field in levels:
            found[short] = max(found.get(short, _PLAIN), LEVELS.index(levels[primary.field]))
        if short in levels:
            level = LEVELS.index(levels[short])
            found[primary.field] = max(found.get(primary.field, _PLAIN), level)
    masked = LEVELS.index("masked")
    for name in record_type.parts:
        if found.get(name) == masked:
            found[name] = LEVELS.index("hidden")
    for name, sources in record_type.derived.items():
        strictest = max(found.get(source, _PLAIN) for source in sources)
        if strictest >= masked:
            found[name] = max(found.get(name, _PLAIN), strictest)
    return {name: LEVELS[level] for name, level in found.items()}


def untold(shown: RecordType) -> list[str]:
    """Return the names of the fields of which somebody is told nothing, not even by its end."""
    closed = shown.hidden | shown.masked
    custom = {each.key for each in shown.custom} if COLUMN in closed else set()
    return sorted(closed | custom)


@lru_cache(1_000)
def _seen(
    record_type: RecordType,
    frozen: frozenset[str],
    masked: frozenset[str],
    hidden: frozenset[str],
) -> RecordType:
    return replace(record_type, base=record_type, frozen=frozen, masked=masked, hidden=hidden)


def _merged(actor: Actor, noun: str, action: str) -> dict[str, int]:
    """Return the strictest level that holds for each field through the roles that allow this."""
    ways = {way.role: way for way in actor.ways(noun, action)}
    open_: list[dict[str, int]] = []
    others: list[dict[str, int]] = []
    for role in actor.roles:
        if role.key in ways:
            found = {
                name.partition(".")[2]: LEVELS.index(level)
                for name, level in role.field_rules.items()
                if name.partition(".")[0] == noun and level in LEVELS
            }
            (open_ if ways[role.key].is_open else others).append(found)
    pick = min if open_ else max
    merged = {
        name: pick(rules.get(name, _PLAIN) for rules in open_ or others)
        for name in _names([*open_, *others])
    }
    return {name: level for name, level in merged.items() if level > _PLAIN}


def _names(rules: Iterable[Mapping[str, int]]) -> Iterable[str]:
    return {name for of_role in rules for name in of_role}
