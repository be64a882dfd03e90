"""What may become of users and roles: nobody gives, or takes from others, more than they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic_core import from_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.components.identity.errors import FreshSignInNeeded
from cerebro_server.kernel import mail
from cerebro_server.kernel.access import LEVELS, Role, parse
from cerebro_server.kernel.access.permissions import expanded
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, Invalid, closest
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.mail import Message
from cerebro_server.kernel.query import compile_sql, fold
from cerebro_server.kernel.query import parse as parse_query
from cerebro_server.kernel.query.values import TEXTS
from cerebro_server.kernel.records import trees

OWNER = "owner"
_ALWAYS_SHOWN = ("id", "version", "created_at", "updated_at", "deleted_at")
_ROLES = """
select key, permissions, row_rules, field_rules from roles
where key = any(%s) and deleted_at is null
"""
_OTHER_OWNERS = """
select count(*) from users where 'owner' = any(roles) and id <> all(%s)
    and deleted_at is null and disabled_at is null
"""
END_SESSIONS: Final = """
update sessions set ended_at = now(), ended_because = %s, version = version + 1, updated_at = now()
where user_id = %s and ended_at is null and id is distinct from %s
"""
"""Ends the living sessions of a user, but for one or none; for whoever has the database, too."""
_FRESH = """
select exists (
    select from sessions where id = %s and created_at > now() - interval '15 minutes'
) or not exists (select from passwords where user_id = %s)
"""
_MOVED = "Your address for signing in to Cerebro was changed"


async def users(context: Context, batch: Batch) -> None:
    """Check users, new or changed: their roles and teams, and what a change does to sessions."""
    for row, before in zip(batch.rows, batch.before, strict=False):
        _only_once(row, before, "disabled_at")
    after = [
        {**before, **row}
        for before, row in zip(batch.before or [{}] * len(batch.rows), batch.rows, strict=True)
    ]
    held = [*after, *batch.before]
    known = await roles_of(context, {key for row in held for key in row.get("roles") or ()})
    for number, row in enumerate(batch.rows):
        before = batch.before[number] if batch.before else {}
        for key in dict.fromkeys(row.get("roles") or ()):
            if key not in known:
                batch.refuse(number, "roles", "unknown_role", f"There is no role {key}.")
        changed = set(after[number]["roles"]) ^ set(before.get("roles") or ())
        is_other = str(before.get("id")) != str(context.actor.user_id)
        concerned = changed | set(before.get("roles") or ()) if is_other else changed
        must_cover(context, [known[key] for key in concerned if key in known])
    await _check_teams(context, batch)
    await _keep_an_owner(context, batch, after)
    for number, before in enumerate(batch.before):
        await _guard_sign_in(context, before, after[number])


async def changed_teams(context: Context, batch: Batch) -> None:
    """Keep teams a tree: none is above itself, and none is deleted that others are below."""
    said = "A team cannot be above itself."
    await trees.refuse_circles(context, batch, "teams", said=said)
    said = "Teams are below this one: move or delete them first."
    await trees.keep_what_is_below(context, batch, "teams", said=said)


async def roles(context: Context, batch: Batch) -> None:
    """Check what roles allow, new or changed."""
    for number, row in enumerate(batch.rows):
        before = batch.before[number] if batch.before else {}
        if before.get("is_built_in"):
            batch.refuse(
                number,
                None,
                "built_in",
                "This role comes with Cerebro; make one of your own with what you need of it.",
            )
            return
        if "deleted_at" in row and row["deleted_at"] is not None:
            await _refuse_in_use(context, batch, number, str(before.get("key")))
        _check_permissions(context, batch, number, row.get("permissions") or ())
        is_back = "deleted_at" in row and row["deleted_at"] is None
        rules = (before if is_back else row).get("row_rules")  # fields may have gone meanwhile
        _check_row_rules(context, batch, number, rules or {})
        _check_field_rules(context, batch, number, row.get("field_rules") or {})
        empty = {"key": "", "permissions": [], "row_rules": {}, "field_rules": {}}
        must_cover(context, [Role.of({**empty, **before}), Role.of({**empty, **before, **row})])


async def belongings(context: Context, batch: Batch) -> None:
    """Check keys and sessions before they end: of nobody who holds more than the caller, and once
    only, so that the moment of the first time stays."""
    for row, before in zip(batch.rows, batch.before, strict=True):
        await must_cover_user(context, before["user_id"])
        _only_once(row, before, "revoked_at", "ended_at", "ended_because")


def _only_once(row: dict[str, Any], before: Mapping[str, Any], *names: str) -> None:
    """Leave what a verb has set as it was set first; it may still be emptied."""
    for name in names:
        if row.get(name) is not None and before.get(name) is not None:
            del row[name]


async def must_cover_user(context: Context, user_id: object) -> None:
    """Raise `Forbidden` for another user who holds more than the caller: nobody takes away what
    they could not give."""
    if str(user_id) == str(context.actor.user_id):
        return
    rows = await context.read(Sql("select roles from users where id = %s", (user_id,)))
    must_cover(context, (await roles_of(context, rows[0][0] if rows else ())).values())


async def roles_of(context: Context, keys: Iterable[str]) -> dict[str, Role]:
    """Return living roles by key."""
    rows = await context.read(Sql(_ROLES, (sorted(keys),)))
    return {row[0]: role_of_row(row) for row in rows}


def role_of_row(row: tuple[Any, ...]) -> Role:
    """Make a role of `(key, permissions, row_rules, field_rules)` as PostgreSQL answers."""
    names = ("key", "permissions", "row_rules", "field_rules")
    values = (from_json(value) if isinstance(value, bytes) else value for value in row)
    return Role.of(dict(zip(names, values, strict=True)))


def must_cover(context: Context, concerned: Iterable[Role]) -> None:
    """Raise `Forbidden` unless the caller holds all that these roles give."""
    for role in concerned:
        if not context.actor.covers(role.permissions, context.catalog):
            raise Forbidden(
                f"Role {role.key} allows more than you may: nobody gives or takes away what they "
                "do not hold themselves.",
            )


async def _check_teams(context: Context, batch: Batch) -> None:
    named = {key for row in batch.rows for key in row.get("teams") or ()}
    if not named:
        return
    rows = await context.read(
        Sql("select key from teams where key = any(%s) and deleted_at is null", (sorted(named),))
    )
    known = {key for (key,) in rows}
    for number, row in enumerate(batch.rows):
        for key in row.get("teams") or ():
            if key not in known:
                batch.refuse(number, "teams", "unknown_team", f"There is no team {key}.")


async def _keep_an_owner(context: Context, batch: Batch, after: list[dict[str, Any]]) -> None:
    leaving = [
        number
        for number, before in enumerate(batch.before)
        if _is_owner(before) and not _is_owner(after[number])
    ]
    if not leaving:
        return
    # two owners who disable each other at once: the second one waits, and then counts the first out
    await context.read(Sql("select pg_advisory_xact_lock(hashtextextended(current_schema(), 1))"))
    ids = [batch.before[number]["id"] for number in leaving]
    [(others,)] = await context.read(Sql(_OTHER_OWNERS.replace("%s", "%s::uuid[]"), (ids,)))
    if not others:
        for number in leaving:
            batch.refuse(
                number, None, "last_owner", "This is the last owner; make another one first."
            )


async def _guard_sign_in(
    context: Context, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """End the sessions of who moves to another address, or is deleted. Whoever changes their own
    address has to have signed in just now: it is where lost passwords are reset."""
    is_moved = fold(before["email"]) != fold(after["email"])
    if not is_moved and (after["deleted_at"] is None or before["deleted_at"] is not None):
        return
    if is_moved and str(before["id"]) == str(context.actor.user_id):
        await _require_fresh(context)
    transaction = await context.write()
    because = "email" if is_moved else "disabled"
    mine = context.actor.session_id
    await transaction.rows(Sql(END_SESSIONS, (because, before["id"], mine)))
    if is_moved:
        await mail.send(context, Message(before["email"], _MOVED, _moved(context)))


async def _require_fresh(context: Context) -> None:
    [(is_fresh,)] = await context.read(
        Sql(_FRESH, (context.actor.session_id, context.actor.user_id))
    )
    if not is_fresh:
        raise FreshSignInNeeded(
            "Your address is what you sign in with: sign in again with your password, and change "
            "it within a quarter of an hour."
        )


def _moved(context: Context) -> str:
    return (
        f"The address of your account in the workspace {context.workspace} was changed; messages "
        "go to the new one from now on, and sessions were ended. If it was not you, tell whoever "
        "runs the workspace.\n"
    )


def _is_owner(user: Mapping[str, Any]) -> bool:
    away = user.get("deleted_at") is not None or user.get("disabled_at") is not None
    return OWNER in (user.get("roles") or ()) and not away


async def _refuse_in_use(context: Context, batch: Batch, number: int, key: str) -> None:
    statement = "select count(*) from users where %s = any(roles) and deleted_at is null"
    [(holders,)] = await context.read(Sql(statement, (key,)))
    if holders:
        batch.refuse(number, None, "in_use", f"{holders} users have this role; take it from them.")


def _check_permissions(context: Context, batch: Batch, number: int, texts: Iterable[str]) -> None:
    for text in texts:
        if wrong := wrong_permission(context, text):
            batch.refuse(number, "permissions", "unknown_permission", wrong)


def wrong_permission(context: Context, text: str) -> str | None:
    """Return what is wrong with a permission or pattern as text; None where nothing is."""
    permission = parse(text)
    if permission is None:
        return f"{text!r} is no permission; write <noun>:<action>[:own|team|all], or a pattern."
    if "*" in permission[:2] and expanded(permission, context.catalog):
        return None
    known = context.known_permissions
    plain = f"{permission.noun}:{permission.action}"
    if plain in known:
        return None
    meant = closest(plain, known)
    return f"There is no permission {plain}." + (f" Did you mean {meant}?" if meant else "")


def _check_row_rules(
    context: Context, batch: Batch, number: int, by_noun: Mapping[str, str]
) -> None:
    for noun, text in by_noun.items():
        where = f"row_rules/{noun}"
        record_type = context.catalog.get(noun)
        if record_type is None:
            batch.refuse(number, where, "unknown_noun", f"There are no {noun}.")
            continue
        try:
            compile_sql(parse_query(text), context.everything(record_type), context.env)
        except Invalid as error:
            batch.refuse(number, where, error.code, error.detail)


def _check_field_rules(
    context: Context, batch: Batch, number: int, by_field: Mapping[str, str]
) -> None:
    for path, level in by_field.items():
        where = f"field_rules/{path}"
        noun, _, name = path.partition(".")
        record_type = context.catalog.get(noun)
        fields = context.whole(record_type).fields if record_type else {}
        field = fields.get(name)
        if field is None or name in _ALWAYS_SHOWN or field.of_custom not in (None, name):
            said = f"{path} is no field that a rule can be about; write <noun>.<field>."
            batch.refuse(number, where, "unknown_field", said)
        elif level not in LEVELS:
            said = f"{level!r} is none of {', '.join(LEVELS)}."
            batch.refuse(number, where, "unknown_level", said)
        elif level == "masked" and (
            field.kind not in TEXTS - {Kind.LONG_TEXT}
            or any(each.of_custom == name != each.name for each in fields.values())
        ):
            said = f"{path} is no line of text; hide it instead."
            batch.refuse(number, where, "not_maskable", said)
