"""Which rows: an actor's ways as a condition that stands inside every statement."""

from __future__ import annotations

from cerebro_server.kernel.access.actor import Actor, Way
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import Env, compile_sql, parse

_NOTHING = Sql("false")


def condition(actor: Actor, record_type: RecordType, action: str, env: Env) -> Sql | None:
    """Return what the table's row `t` must fulfil for an action; None where every row will do.

    It is true or not true, never to be negated without `is not true`.
    """
    asked = (record_type.name, action)
    if asked not in actor.limits:
        actor.limits[asked] = _compiled(actor, record_type, action, env)
    return actor.limits[asked]


def _compiled(actor: Actor, record_type: RecordType, action: str, env: Env) -> Sql | None:
    ways = actor.ways(record_type.name, action)
    if any(way.is_open for way in ways):
        return None
    parts = [_of(way, record_type, env) for way in dict.fromkeys(ways)]
    if not parts:
        return _NOTHING
    text = " or ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(param for part in parts for param in part.params))


def _of(way: Way, record_type: RecordType, env: Env) -> Sql:
    parts = []
    if way.scope != "all":
        parts.append(_of_scope(way.scope, record_type, env))
    if way.rule is not None:
        # a rule may go by fields that its role does not show
        parts.append(compile_sql(parse(way.rule), record_type.plain.fields, env))
    return Sql.both(*parts)


def _of_scope(scope: str, record_type: RecordType, env: Env) -> Sql:
    if record_type.owner is None or env.me is None:
        return _NOTHING
    owned = Sql(f"t.{ident(record_type.owner)} = %s", (env.me,))
    if scope == "own" or record_type.team is None or not env.teams:
        return owned
    shared = f"t.{ident(record_type.team)} = any(%s)"
    return Sql(f"({owned.text} or {shared})", (*owned.params, list(env.teams)))
