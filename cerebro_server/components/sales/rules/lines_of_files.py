"""Which lines of deals and quotes the rows of a file are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, Making
from cerebro_server.kernel.ids import read_id


class _Line(NamedTuple):
    """A line that is there."""

    id: str
    position: int
    product_id: str | None
    description: str


async def of_deals(context: Context, batch: Batch, making: Making) -> None:
    """Find the lines of deals that rows are about which say neither id nor external id."""
    await _find(context, batch, "deal_lines", "deal_id")


async def of_quotes(context: Context, batch: Batch, making: Making) -> None:
    """Find the lines of quotes that rows are about which say neither id nor external id."""
    await _find(context, batch, "quote_lines", "quote_id")


async def _find(context: Context, batch: Batch, table: str, column: str) -> None:
    """Let a row be about the line in its place; one that says no place about the first line with
    its product and description that no row before it is about."""
    rows = [
        row
        for row in batch.rows
        if not row.get("id") and not row.get("external_ids") and read_id(str(row.get(column)))
    ]
    if not rows:
        return
    found = await context.read(
        Sql(
            f"select {ident(column)}::text, id::text, position, product_id::text, description "
            f"from {ident(table)} where {ident(column)} = any(%s::uuid[]) and deleted_at is null "
            "order by position, id",
            ([read_id(str(row[column])) for row in rows],),
        )
    )
    free: dict[str, list[_Line]] = {}
    for home, *values in found:
        free.setdefault(home, []).append(_Line(*values))
    for row in rows:
        of_home = free.get(str(row[column]), [])
        if (line := next(_fitting(row, of_home), None)) is not None:
            row["id"] = line.id
            of_home.remove(line)


def _fitting(row: dict[str, Any], lines: list[_Line]) -> Iterator[_Line]:
    place, product, said = row.get("position"), row.get("product_id"), row.get("description")
    for line in lines:
        if place is not None:
            if line.position == place:
                yield line
        elif line.product_id == (product and str(product)) and said in (None, line.description):
            yield line
