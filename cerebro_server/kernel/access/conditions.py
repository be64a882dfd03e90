"""Which rows: an actor's ways as a condition that stands inside every statement."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog

from cerebro_server.kernel.access import elsewhere
from cerebro_server.kernel.access.actor import Actor, Way
from cerebro_server.kernel.access.seeing import seen
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType, Relation
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query import Env, Subject, compile_sql, parse
from cerebro_server.kernel.query.subject import Related, listed_parts, related_records

_NOTHING = Sql("false")
_MEMBERS = "select m.id from users m where m.teams && %s::text[]"
_TERRITORIES = (
    "with recursive below(id) as (select m.id from {table} m "
    "where m.manager_id = %s and m.deleted_at is null union select c.id from {table} c "
    "join below b on c.parent_id = b.id where c.deleted_at is null) select id from below"
)
"""The territories that somebody manages, and all below: looked up once in each statement."""
_log = structlog.get_logger("cerebro.access")


def condition(
    actor: Actor,
    record_type: RecordType,
    action: str,
    env: Env,
    catalog: Mapping[str, RecordType],
) -> Sql | None:
    """Return what the table's row `t` must fulfil for an action; None where every row will do.

    It is true or not true, never to be negated without `is not true`.
    """
    if record_type.elsewhere is None or action == "create":
        action = record_type.right(action)
    # a link may be asked about as if it joined nothing
    asked = (record_type.name, f"{action} {len(record_type.ends)}")
    if asked not in actor.limits:
        actor.limits[asked] = _compiled(actor, record_type, action, env, catalog)
    return actor.limits[asked]


def condition_ever(
    actor: Actor, record_type: RecordType, env: Env, catalog: Mapping[str, RecordType]
) -> Sql | None:
    """Return the same for reading rows of another time: those at the ends of a link need not live
    any more, and must still be such as the actor may read."""
    limits = {
        column: condition(actor, target, "read", env, catalog)
        for column, target in record_type.ends.items()
    }
    if record_type.elsewhere is not None:
        by_ends = [limit for limit in [elsewhere.of_one(record_type, limits)] if limit]
    else:
        by_ends = [
            _if_there(record_type, column, _within(column, record_type.ends[column], limit))
            for column, limit in limits.items()
            if limit is not None
        ]
    by_ways = _by_ways(actor, record_type, "read", env, catalog)
    by_fields = _of_fields(actor, record_type, catalog)
    by_ends += _of_attached(actor, record_type, env, catalog)
    found = [each for each in (by_ways, *by_ends, by_fields) if each is not None]
    return Sql.both(*found) if found else None


def is_open(
    actor: Actor, record_type: RecordType, catalog: Mapping[str, RecordType], *actions: str
) -> bool:
    """Tell whether an actor may do these with every record that there is or was, and read every one
    that those hang on, all the way up: a line by its quote, and that by its deal. No rule about
    fields keeps rows from them either."""
    ways = (actor.ways(record_type.name, action) for action in actions)
    if not all(any(way.is_open for way in found) for found in ways):
        return False
    if _of_fields(actor, record_type, catalog) is not None:
        return False
    above = [catalog[record_type.refers[column]] for column in record_type.attached]
    above += record_type.ends.values()
    return all(is_open(actor, each, catalog, "read") for each in above)


def _compiled(
    actor: Actor,
    record_type: RecordType,
    action: str,
    env: Env,
    catalog: Mapping[str, RecordType],
) -> Sql | None:
    if record_type.elsewhere is not None:
        return _of_elsewhere(actor, record_type, action, env, catalog)
    by_ways = _by_ways(actor, record_type, action, env, catalog)
    by_ends = [
        _if_there(record_type, column, _of_end(actor, column, target, env, catalog))
        for column, target in record_type.ends.items()
    ]
    if record_type.part_of is not None and action != "read":
        whole = record_type.ends[record_type.part_of]
        if limit := condition(actor, whole, "update", env, catalog):
            by_ends.append(_within(record_type.part_of, whole, limit))
    if action == "read":
        by_ends += _of_attached(actor, record_type, env, catalog)
    by_fields = _of_fields(actor, record_type, catalog) if action == "read" else None
    found = [each for each in (by_ways, *by_ends, by_fields) if each is not None]
    return Sql.both(*found) if found else None


def _of_elsewhere(
    actor: Actor,
    record_type: RecordType,
    action: str,
    env: Env,
    catalog: Mapping[str, RecordType],
) -> Sql | None:
    """What is told of a record comes in and out by rights of its own, as far as the record may be
    read; it goes with the record for whoever may change that."""
    moves = action in ("update", "delete", "restore")
    needed = ("read", "update") if moves else ("read",)
    limits: dict[str, Sql | None] = {}
    for column, target in record_type.ends.items():
        of_target = (condition(actor, target, each, env, catalog) for each in needed)
        limits[column] = Sql.both(elsewhere.LIVES, *filter(None, of_target))
    by_ways = None if moves else _by_ways(actor, record_type, action, env, catalog)
    by_fields = _of_fields(actor, record_type, catalog) if action in ("read", "export") else None
    parts = (by_ways, elsewhere.of_one(record_type, limits), by_fields)
    found = [each for each in parts if each is not None]
    return Sql.both(*found) if found else None


def _of_fields(
    actor: Actor, record_type: RecordType, catalog: Mapping[str, RecordType]
) -> Sql | None:
    """Rows about fields that are hidden from somebody are not there for them."""
    if record_type.elsewhere is not None:
        return elsewhere.of_fields(actor, record_type)
    if record_type.tells_of is None:
        return None
    shown = {name: seen(actor, known) for name, known in catalog.items() if known.takes_custom}
    paths = [f"{name}.{field}" for name, known in shown.items() for field in known.hidden]
    wholly = [name for name, known in shown.items() if COLUMN in known.hidden]
    if not paths:
        return None
    column = f"t.{ident(record_type.tells_of)}"
    return Sql(
        f"({column} <> all(%s) and split_part({column}, '.', 1) <> all(%s))", (paths, wholly)
    )


def _of_end(
    actor: Actor, column: str, target: RecordType, env: Env, catalog: Mapping[str, RecordType]
) -> Sql:
    """A link is there for whoever may read the living record at each of its ends."""
    limit = condition(actor, target, "read", env, catalog)
    lives = Sql("t.deleted_at is null")
    return _within(column, target, Sql.both(lives, limit) if limit else lives)


def _if_there(record_type: RecordType, column: str, limit: Sql) -> Sql:
    """Ask nothing of an end that a link lacks."""
    if not record_type.may_lack(column):
        return limit
    return Sql(f"(t.{ident(column)} is null or {limit.text})", limit.params)


def _of_attached(
    actor: Actor, record_type: RecordType, env: Env, catalog: Mapping[str, RecordType]
) -> list[Sql]:
    """What is attached to records is there for whoever may read each of them, deleted or not."""
    found = []
    for column in record_type.attached:
        target = catalog[record_type.refers[column]]
        limit = condition(actor, target, "read", env, catalog)
        if limit is not None:
            found.append(_if_there(record_type, column, _within(column, target, limit)))
    return found


def _within(column: str, target: RecordType, limit: Sql) -> Sql:
    # the inner `t` hides the outer one, which the rules of the target know nothing of
    there = f"select t.id from {ident(target.table_name)} t where {limit.text}"
    return Sql(f"t.{ident(column)} in ({there})", limit.params)


def _by_ways(
    actor: Actor,
    record_type: RecordType,
    action: str,
    env: Env,
    catalog: Mapping[str, RecordType],
) -> Sql | None:
    ways = actor.ways(record_type.name, action)
    if any(way.is_open for way in ways):
        return None
    parts = [_of(actor, way, record_type, env, catalog) for way in dict.fromkeys(ways)]
    if not parts:
        return _NOTHING
    text = " or ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(param for part in parts for param in part.params))


def _of(
    actor: Actor, way: Way, record_type: RecordType, env: Env, catalog: Mapping[str, RecordType]
) -> Sql:
    parts = []
    if way.scope != "all":
        parts.append(_of_scope(actor, way.scope, record_type, env, catalog))
    if way.rule is not None:
        # a rule may go by fields, and lead to records, that its role does not show
        subject = subject_of(actor, record_type, env, catalog, everything=True)
        try:
            parts.append(compile_sql(parse(way.rule), subject, env))
        except Invalid as error:  # it was right when it was made
            _log.warning(
                "a row rule fits the fields of its noun no longer, and shows nothing",
                role=way.role,
                noun=record_type.name,
                error=error.detail,
            )
            return _NOTHING
    return Sql.both(*parts)


def _of_scope(
    actor: Actor, scope: str, record_type: RecordType, env: Env, catalog: Mapping[str, RecordType]
) -> Sql:
    """Return whose records a scope means. To a team belong, for its manager, those of its members
    and of all teams below, and those of the territories that they manage."""
    if record_type.part_of is not None:
        whole = record_type.ends[record_type.part_of]
        limit = _of_scope(actor, scope, whole, env, catalog)
        return _within(record_type.part_of, whole, limit)
    if record_type.elsewhere is not None:
        scopes = {
            column: _of_scope(actor, scope, target, env, catalog)
            for column, target in record_type.ends.items()
        }
        return elsewhere.of_one(record_type, scopes) or _NOTHING
    if record_type.owner is None or env.me is None:
        return _NOTHING
    owner = f"t.{ident(record_type.owner)}"
    found = [Sql(f"{owner} = %s", (env.me,))]
    if scope != "own" and record_type.team is not None:
        teams = list(dict.fromkeys((*env.teams, *actor.managed)))
        if teams:
            found.append(Sql(f"t.{ident(record_type.team)} = any(%s)", (teams,)))
        if actor.managed:
            # arrays, so that indexes serve each part of the `or`
            found.append(Sql(f"{owner} = any(array({_MEMBERS}))", (list(actor.managed),)))
        if record_type.territory is not None:
            column = ident(record_type.territory)
            tree = catalog[record_type.refers[record_type.territory]]
            below = _TERRITORIES.format(table=ident(tree.table_name))
            found.append(Sql(f"t.{column} = any(array({below}))", (env.me,)))
    if len(found) == 1:
        return found[0]
    text = " or ".join(part.text for part in found)
    return Sql(f"({text})", tuple(param for part in found for param in part.params))


def subject_of(
    actor: Actor,
    record_type: RecordType,
    env: Env,
    catalog: Mapping[str, RecordType],
    *,
    everything: bool = False,
) -> Subject:
    """Return what a filter on a record type can be about, for an actor: fields and records that
    they may not see are as if they were not. `everything` there is, for rules."""
    shown = actor.definitions.whole(record_type) if everything else seen(actor, record_type)
    found: dict[str, Related] = {
        name: listed_parts(shown.fields[name], kinds)
        for name, kinds in shown.parts.items()
        if shown.shows(name)
    }
    for name, relation in shown.relations.items():
        target = catalog.get(relation.noun)
        if target is None or not (everything or _leads(actor, shown, relation, target, catalog)):
            continue
        link = catalog[relation.via.noun] if relation.via else None
        found[name] = related_records(
            name,
            relation,
            table=target.table_name,
            link_table=link.table_name if link else None,
            link_limit=None
            if link is None or everything
            else _by_ways(actor, link, "read", env, catalog),
            subject=partial(subject_of, actor, target, env, catalog, everything=everything),
            limit=None if everything else condition(actor, target, "read", env, catalog),
        )
    return Subject(shown.fields, found)


def _leads(
    actor: Actor,
    shown: RecordType,
    relation: Relation,
    target: RecordType,
    catalog: Mapping[str, RecordType],
) -> bool:
    """Whether an actor sees what joins two records: the columns of both, or the link between."""
    if not actor.may(f"{target.name}:read"):
        return False
    via = relation.via
    if via is None:
        return shown.shows(relation.here) and seen(actor, target).shows(relation.there)
    link = seen(actor, catalog[via.noun])
    columns = [via.here, via.there, *([via.only] if via.only else [])]
    return actor.may(f"{link.name}:read") and all(map(link.shows, columns))
