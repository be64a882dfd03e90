"""Opportunities: the deals that are open, read as any other records."""

from __future__ import annotations

from pydantic_core import from_json

from cerebro_sdk.schemas.query import And, Node
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.query import parse
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.writer import Written

_OPEN = parse("status = open")


def among(where: str | Node | None) -> Node:
    """Return a filter on deals with the condition that they are open."""
    if not where:
        return _OPEN
    return And(of=(parse(where) if isinstance(where, str) else where, _OPEN))


async def get(context: Context, reference: str) -> Written:
    """Return an open deal. Raises `NotFound` for one that is won or lost."""
    found = await reader.get(context, deals, reference, deleted_too=False)
    if from_json(found.json).get("status", "open") != "open":
        raise NotFound(f"The deal {reference} is not open, and so no opportunity any more.")
    return found
