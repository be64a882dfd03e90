"""What is checked when assignment rules are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.query import compile_sql, parse

LEADS: Final = "leads"
_SOMEBODY: Final = UUID(int=1)
_LAST: Final = "select coalesce(max(position), 0) from assignment_rules where deleted_at is null"


async def assignment_rules(context: Context, batch: Batch) -> None:
    """Put new rules last, unless they say where; refuse filters that fit no leads."""
    [(last,)] = await context.read(Sql(_LAST))
    for row in batch.rows:
        if row.get("position") is None:
            last += 1
            row["position"] = last
    _check(context, batch)


async def changed_assignment_rules(context: Context, batch: Batch) -> None:
    """Refuse filters that fit no leads; of rules that come back, too: fields may have gone."""
    for row, before in zip(batch.rows, batch.before, strict=True):
        if "deleted_at" in row and row["deleted_at"] is None:
            row.setdefault("where", before["where"])
    _check(context, batch)


def fitting(context: Context, text: str | None) -> Sql:
    """Return the condition of a rule's filter on a lead `t`, whatever the caller sees; nobody is
    `me` in it. Raises `Invalid`."""
    if not text:
        return Sql("true")
    about = context.everything(context.catalog[LEADS])
    return compile_sql(parse(text), about, replace(context.env, me=None, teams=()))


def _check(context: Context, batch: Batch) -> None:
    for number, row in enumerate(batch.rows):
        if not row.get("where"):
            continue
        try:
            found = fitting(context, row["where"])
        except Invalid as error:
            batch.refuse(number, "where", error.code, error.detail)
            continue
        about = context.everything(context.catalog[LEADS])
        somebody = replace(context.env, me=_SOMEBODY, teams=("somebody",))
        if compile_sql(parse(row["where"]), about, somebody) != found:
            said = "A rule has nobody who asks: name the user or team instead of me or my.teams."
            batch.refuse(number, "where", "nobody_asks", said)
