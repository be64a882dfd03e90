"""Which leads an operation on many of them means: those that are named, or that fit a filter."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, NotFound
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.planned import Row
from cerebro_server.kernel.records.references import resolve


def one_way(where: str | None, leads: Sequence[str] | None) -> None:
    """Refuse a filter beside names. Raises `Invalid`."""
    if where is not None and leads is not None:
        wrong = "Say `where` or `leads`, not both."
        errors = [{"pointer": "/input/leads", "code": "not_both", "detail": wrong}]
        raise Invalid(wrong, errors=errors)


async def named(context: Context, references: list[str]) -> tuple[list[UUID], list[Row]]:
    """Return the ids of leads, and rows that say which there are not."""
    shown = context.seen(context.catalog["leads"])
    found: dict[UUID, str] = {}
    missing: list[Row] = []
    for reference in dict.fromkeys(references):
        try:
            found[read_id(reference) or await resolve(context, shown, reference)] = reference
        except NotFound as error:
            missing.append(_missing(error.detail))
    where = reader.filtered(context, shown, reader.Selection())
    rows = await context.read(
        Sql(
            f"select t.id from leads t where t.id = any(%s) and {where.text}",
            (list(found), *where.params),
        )
    )
    there = {record_id for (record_id,) in rows}
    missing += [
        _missing(f"There is no lead {said}, or none that you may see.")
        for record_id, said in found.items()
        if record_id not in there
    ]
    return list(there), missing


def _missing(said: str) -> Row:
    return Row("leads", "error", problem={"code": "not_found", "message": said})
