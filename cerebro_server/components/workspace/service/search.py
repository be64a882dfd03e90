"""Searching all nouns at once."""

from __future__ import annotations

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.records import searching


async def records(context: Context, query: str, *, nouns: str | None, limit: int) -> bytes:
    """Return the records that a search finds, as JSON: of these nouns, else of all.

    Needs no permission of its own: every noun gives what the caller may read and see of it.
    Raises `Invalid` for a noun that is not searched.
    """
    searched = {name: rt for name, rt in context.catalog.items() if rt.searched}
    asked = [name.strip() for name in nouns.split(",")] if nouns else list(searched)
    for name in asked:
        if name not in searched:
            known = ", ".join(sorted(searched))
            raise Invalid(
                f"There is no search in {name!r}; there is in: {known}.",
                errors=[
                    {"parameter": "nouns", "code": "unknown_noun", "detail": f"Known: {known}."}
                ],
                suggestion=closest(name, searched),
            )
    types = [searched[name] for name in dict.fromkeys(asked)]
    return to_json({"items": await searching.search(context, types, query, limit=limit)})
