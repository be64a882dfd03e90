"""Why somebody may do something with a record, or may not; and who may do what at all."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cerebro_sdk.schemas.identity.access import Explanation, Matrix, MatrixRow, Reason
from cerebro_server.components.identity.rules import role_of_row
from cerebro_server.components.identity.service.sign_in import LIVING, USER_COLUMNS, actor_of_user
from cerebro_server.kernel.access import Actor, Role, Way, condition, restrictions
from cerebro_server.kernel.access.permissions import widest
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import Env
from cerebro_server.kernel.records import reader

_WHOSE = {
    "own": "the user's own",
    "team": "the user's own or of a team of theirs, or below one that they manage",
    "all": "any",
}


async def explain(
    context: Context, *, user: str, record: str, action: str, sentences: dict[str, str]
) -> Explanation:
    """Say whether a user may do something with a record, and what each of their roles says.

    About oneself anybody may ask; about others it needs `access:read`. The record is one that the
    caller may read: any other is not found. Raises `NotFound`, `Invalid`, `Forbidden`.
    """
    users = context.catalog["users"]
    user_id = context.actor.user_id
    if user not in ("me", str(user_id), context.actor.email):
        context.actor.require("access:read")
        user_id = (await reader.get(context, users, user, deleted_too=False)).id
    noun, _, reference = record.partition("/")
    record_type = _known(context, noun, action, sentences)
    found = await reader.get(context, record_type, reference or " ", deleted_too=True)
    [row] = await context.read(
        Sql(f"select {LIVING}, {USER_COLUMNS} from users u where u.id = %s", (user_id,))
    )
    may_sign_in, *columns = row
    actor = actor_of_user(tuple(columns))
    reasons = await _reasons(context, actor, record_type, found.id, action)
    sees = [reason for reason in reasons["read"] if reason.allows]
    does = [reason for reason in reasons[action] if reason.allows]
    allowed = bool(may_sign_in and sees and does)
    return Explanation(
        user_id=actor.user_id or found.id,
        record_type=noun,
        record_id=found.id,
        action=action,
        allowed=allowed,
        detail=_answer(actor, action, noun, signs_in=may_sign_in, sees=bool(sees), does=does),
        reasons=reasons[action],
        fields=dict(sorted(restrictions(actor, noun).items())),
    )


async def matrix(context: Context, sentences: dict[str, str]) -> Matrix:
    """Return every permission with the roles that have it, and in which scope."""
    context.actor.require("access:read")
    rows = await context.read(
        Sql(
            "select key, permissions, row_rules, field_rules from roles where deleted_at is null "
            "order by is_built_in desc, created_at, id"
        )
    )
    roles = [role_of_row(row) for row in rows]
    return Matrix(
        rows=[
            MatrixRow(permission=name, allows=sentence, roles=_scopes(name, roles))
            for name, sentence in sentences.items()
        ]
    )


def _scopes(permission: str, roles: Sequence[Role]) -> dict[str, str]:
    noun, _, action = permission.partition(":")
    found = ((role.key, widest(role.permissions, noun, action)) for role in roles)
    return {key: scope for key, scope in found if scope is not None}


async def _reasons(
    context: Context, actor: Actor, record_type: RecordType, record_id: UUID, action: str
) -> dict[str, list[Reason]]:
    """Return, for reading and for the action, what each role says; one statement for all of it."""
    env = Env(now=context.now, me=actor.user_id, teams=actor.teams)
    asked = [(name, role) for name in dict.fromkeys(("read", action)) for role in actor.roles]
    alone = {role.key: actor.with_roles(role) for role in actor.roles}
    limits = [
        condition(alone[role.key], record_type, name, env, context.catalog) or Sql("true")
        for name, role in asked
    ]
    values: Sequence[object] = ()
    if limits:
        text = ", ".join(f"({limit.text}) is true" for limit in limits)
        asked_of = Sql(text, tuple(param for limit in limits for param in limit.params))
        table = record_type.table_name
        [values] = await context.read(
            Sql(
                f"select {asked_of.text} from {ident(table)} t where t.id = %s",
                (*asked_of.params, record_id),
            )
        )
    reasons: dict[str, list[Reason]] = {"read": [], action: []}
    for (name, role), allows in zip(asked, values, strict=True):
        ways = alone[role.key].ways(record_type.name, name)
        detail = _said(ways[0] if ways else None, f"{record_type.name}:{name}", bool(allows))
        reasons[name].append(Reason(role=role.key, allows=bool(allows), detail=detail))
    return reasons


def _said(way: Way | None, permission: str, allows: bool) -> str:
    if way is None:
        return f"It does not have {permission}."
    said = f"It has {permission} for records that are {_WHOSE[way.scope]}"
    if way.rule is not None:
        said += f" and fit `{way.rule}`"
    return f"{said}, and this one {'is' if allows else 'is not'}."


def _answer(
    actor: Actor, action: str, noun: str, *, signs_in: bool, sees: bool, does: Sequence[Reason]
) -> str:
    if not signs_in:
        return f"No: {actor.name} is disabled or deleted, and may not sign in."
    if not actor.roles:
        return f"No: {actor.name} has no role."
    if not sees:
        return f"No: none of the roles of {actor.name} lets them read this record."
    if not does:
        return f"No: none of the roles of {actor.name} has {noun}:{action} for this record."
    through = ", ".join(reason.role for reason in does)
    return f"Yes: {actor.name} may {action} it through {through}."


def _known(context: Context, noun: str, action: str, sentences: dict[str, str]) -> RecordType:
    if noun not in context.catalog:
        known = ", ".join(sorted(context.catalog))
        raise Invalid(
            f"A record is named as noun/reference, such as companies/acme.com; nouns: {known}.",
            errors=[{"parameter": "record", "code": "unknown_noun", "detail": repr(noun)}],
            suggestion=closest(noun, context.catalog),
        )
    actions = [text.partition(":")[2] for text in sentences if text.startswith(f"{noun}:")]
    if action not in actions:
        raise Invalid(
            f"{noun} know no action {action!r}; they know {', '.join(actions)}.",
            errors=[{"parameter": "action", "code": "unknown_action", "detail": repr(action)}],
            suggestion=closest(action, actions),
        )
    return context.catalog[noun]
