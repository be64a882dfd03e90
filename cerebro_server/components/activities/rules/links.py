"""What is checked of the records that something is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cerebro_server.kernel.fields import Batch

LINKS: Final = ("contact_id", "company_id", "deal_id", "lead_id")
"""What tasks, activities and notes may be about, and what may be followed."""


def require_link(batch: Batch, what: str) -> None:
    """Refuse rows that are about nothing; those that change only if they name records anew."""
    for number, row in enumerate(batch.rows):
        before = batch.before[number] if batch.before else None
        if before is not None and row.keys().isdisjoint(LINKS):
            continue
        if not _named({**(before or {}), **row}, LINKS):
            said = f"Say what the {what} is about: a contact, a company, a deal or a lead."
            batch.refuse(number, LINKS[0], "link_missing", said)


def require_one(batch: Batch, names: Sequence[str], said: str) -> None:
    """Refuse new rows that name none, or several, of what they are to name one of."""
    for number, row in enumerate(batch.rows):
        named = _named(row, names)
        if len(named) != 1:
            where = named[1] if named else names[0]
            batch.refuse(number, where, "exactly_one", said)


def keep_links(batch: Batch, names: Sequence[str]) -> None:
    """Refuse rows that would join other records than they do, unless a merge makes them one."""
    if batch.relinks:
        return
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        for name in names:
            if name in row and str(row[name]) != str(before.get(name)):
                said = "What it joins never changes: delete this one, and add another."
                batch.refuse(number, name, "links_never_change", said)
                break


def _named(held: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [name for name in names if held.get(name) is not None]
