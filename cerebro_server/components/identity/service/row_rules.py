"""Row rules of roles, and the fields that they go by."""

from __future__ import annotations

from dataclasses import replace

from pydantic_core import from_json

from cerebro_server.kernel.access import Actor, subject_of
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import Definitions
from cerebro_server.kernel.query import compile_sql, parse

_RULES = """
select key, row_rules from roles where deleted_at is null and row_rules <> '{}' order by key
"""


async def broken_by(context: Context, definitions: Definitions) -> list[str]:
    """Return the roles with a row rule that fits the workspace's own fields as they are, and would
    not fit them as in `definitions`."""
    actor = replace(context.actor, definitions=definitions)
    found = []
    for role, stored in await context.read(Sql(_RULES)):
        if any(
            _fits(context, context.actor, noun, text) and not _fits(context, actor, noun, text)
            for noun, text in from_json(stored).items()
        ):
            found.append(role)
    return found


def _fits(context: Context, actor: Actor, noun: str, text: str) -> bool:
    record_type = context.catalog.get(noun)
    if record_type is None:
        return False
    subject = subject_of(actor, record_type, context.env, context.catalog, everything=True)
    try:
        compile_sql(parse(text), subject, context.env)
    except Invalid:
        return False
    return True
