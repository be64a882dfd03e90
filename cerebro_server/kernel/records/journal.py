"""The journal as a caller may see it: who did it, and differences without what is not theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.fields import Field, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.projection import MASK

ACTIONS: Final = ("created", "updated", "deleted", "restored", "destroyed", "merged")
"""What the journal says can happen to a record."""
ACTOR_JOINS: Final = (
    "left join keys k on "
    "k.id = case when starts_with(c.actor, 'key:') then substr(c.actor, 5)::uuid end "
    "left join users u on u.id = k.user_id left join users p on "
    "p.id = case when starts_with(c.actor, 'user:') then substr(c.actor, 6)::uuid end"
)
"""What `actor` needs beside the journal's row `c`."""
_ACTOR = (
    "json_build_object('type', split_part(c.actor, ':', 1), "
    "'id', nullif(split_part(c.actor, ':', 2), ''), 'name', {name})"
)
_NAMED: Final = {Kind.USER: ("users", "id"), Kind.TEAM: ("teams", "key")}
"""Where what a field names is called by a name, and by what it is referred to."""


def actor(context: Context) -> str:
    """Return who did it as JSON: a person, or a key with the person behind it."""
    name = "coalesce(u.name || ' (' || k.name || ')', p.name, c.actor)"
    return _ACTOR.format(name=name if tells_name(context, "users") else "c.actor")


def shown_diff(context: Context, record_types: Iterable[RecordType], diff: str = "c.diff") -> Sql:
    """Return the difference without fields that the caller does not see, and with masks."""
    cases = []
    params: list[Any] = []
    for record_type in record_types:
        shown = context.seen(record_type)
        if not (shown.hidden or shown.masked):
            continue
        masks = " ".join(
            f"|| case when {diff} ? %s then %s::jsonb else '{{}}' end" for _ in shown.masked
        )
        custom = _shown_custom(shown, diff) if record_type.takes_custom else Sql("")
        closed = [*sorted(shown.hidden), *([COLUMN] if custom.text else [])]
        cases.append(
            f"when {literal(record_type.name)} then ({diff} - %s::text[]) {masks} {custom.text}"
        )
        params.append(closed)
        for field in sorted(shown.masked):
            primary = shown.primaries.get(field)
            params += [primary.field if primary else field, to_json({field: [MASK, MASK]}).decode()]
        params += custom.params
    if not cases:
        return Sql(diff)
    return Sql(f"case c.record_type {' '.join(cases)} else {diff} end", tuple(params))


def _shown_custom(shown: RecordType, diff: str) -> Sql:
    """Return what is seen of the workspace's own fields: rules are about each, or about all."""
    if COLUMN in shown.hidden:
        return Sql("")
    inner = f"({diff} -> {literal(COLUMN)})"
    # rules outlive the fields that they are about, and so does what the journal tells of those
    closed = shown.hidden | {each.key for each in shown.custom if each.key not in shown.defined}
    masks = {key: [MASK, MASK] for key in sorted(shown.masked - closed)}
    masked = (
        "(select coalesce(jsonb_object_agg(m.key, m.value), '{}') "
        f"from jsonb_each(%s::jsonb) m where {inner} ? m.key)"
    )
    text = f"(({inner} - %s::text[]) || {masked})"
    return Sql(
        f"|| case when {text} <> '{{}}' "
        f"then jsonb_build_object({literal(COLUMN)}, {text}) else '{{}}' end",
        (sorted(closed), to_json(masks).decode()) * 2,
    )


def names(context: Context, record_type: RecordType) -> str:
    """Return, as a JSON object, what the users and teams in a difference are called."""
    found = []
    keys: set[str] = set()
    for kind, (noun, key) in _NAMED.items():
        fields = [
            field
            for field in context.seen(record_type).fields.values()
            if field.kind is kind
            and (field.of_custom or field.name in record_type.plain.journaled.fields)
        ]
        if not fields or not tells_name(context, noun):
            continue
        known = context.catalog[noun]
        kept = known.table.columns[key].type.python_type is UUID
        read = "as_uuid({})" if kept else "{}"  # the field may have been of another type once
        values = ", ".join(
            read.format(f"{_changed(field)} ->> {side}") for field in fields for side in (0, 1)
        )
        keys |= {COLUMN if field.of_custom else field.name for field in fields}
        found.append(
            f"select n.{ident(key)}::text as key, n.name from {ident(known.table_name)} n "
            f"where n.{ident(key)} in ({values})"
        )
    if not found:
        return "null::json"
    listed = ", ".join(map(literal, sorted(keys)))
    told = f"select json_object_agg(n.key, n.name) from ({' union all '.join(found)}) n"
    return f"case when c.diff ?| array[{listed}] then ({told}) end"


def _changed(field: Field) -> str:
    if field.of_custom is None:
        return f"c.diff -> {literal(field.name)}"
    return f"c.diff -> {literal(COLUMN)} -> {literal(field.of_custom)}"


def happened(text: str | None, *, parameter: str, also: Sequence[str] = ()) -> Sql | None:
    """Return the condition for changes of these kinds, comma-separated; None for all of them. What
    else could have been asked for is told with the refusal of others."""
    if text is None:
        return None
    asked = [part.strip() for part in text.split(",") if part.strip()]
    for action in asked or [text]:
        if action not in ACTIONS:
            known = ", ".join((*ACTIONS, *also))
            raise Invalid(
                f"Nothing is {action!r} in the journal; what happens: {known}.",
                errors=[
                    {"parameter": parameter, "code": "unknown_action", "detail": f"Known: {known}."}
                ],
                suggestion=closest(action, (*ACTIONS, *also)),
            )
    return Sql("c.action = any(%s)", (asked,))


def columns(names: Sequence[str]) -> str:
    """Return columns of the journal's row `c`, comma-separated."""
    return ", ".join(f"c.{ident(name)}" for name in names)


def tells_name(context: Context, noun: str) -> bool:
    """Whether no field rule keeps the names of users, or of teams, from the caller."""
    if noun not in context.catalog:
        return False
    shown = context.seen(context.catalog[noun])
    return "name" not in shown.hidden | shown.masked
