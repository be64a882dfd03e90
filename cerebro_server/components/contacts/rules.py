"""What the contacts component checks and derives on write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.fields.domain import domain_of
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import trees

_STRICTEST: Final = ("withdrawn", "none", "given")


async def companies(context: Context, batch: Batch) -> None:
    """Derive the domain of new companies from their web site, where it is free."""
    guesses = {
        number: domain
        for number, row in enumerate(batch.rows)
        if not row.get("domain") and (domain := domain_of(row.get("website")))
    }
    if not guesses:
        return
    rows = await context.read(
        Sql(
            "select value from record_keys where record_type = 'companies' and kind = 'domain' "
            "and value = any(select fold(d) from unnest(%s::text[]) d)",
            (list(guesses.values()),),
        )
    )
    taken = {value for (value,) in rows} | {row.get("domain") for row in batch.rows}
    for number, domain in guesses.items():
        if domain not in taken:
            batch.rows[number]["domain"] = domain
            taken.add(domain)


async def changed_companies(context: Context, batch: Batch) -> None:
    """Refuse parents that would close a circle."""
    said = "A company cannot be above itself."
    await trees.refuse_circles(context, batch, "companies", said=said)


async def contacts(context: Context, batch: Batch) -> None:
    """Keep since when a new contact's consent stands."""
    for row in batch.rows:
        row["consent"] = row.get("consent") or "none"
        row["consent_at"] = None if row["consent"] == "none" else _iso(context)


async def changed_contacts(context: Context, batch: Batch) -> None:
    """Keep when a contact's consent changed."""
    for row, before in zip(batch.rows, batch.before, strict=True):
        if row.get("consent") and row["consent"] != before["consent"]:
            row["consent_at"] = _iso(context)


def most_restrictive(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the consent that allows least of those of some contacts, and since when it stands."""
    strictest = min(rows, key=lambda row: _STRICTEST.index(row["consent"]))
    return {"consent": strictest["consent"], "consent_at": strictest["consent_at"]}


def is_same_position(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two positions of a contact in a company are one: both of today, in one role, or one
    of them in none that is known; or alike in all they say."""
    if first["is_current"] and second["is_current"]:
        roles = [fold(each["role"] or "") for each in (first, second)]
        return not all(roles) or roles[0] == roles[1]
    said = ("role", "is_current", "started_on", "ended_on")
    return all(first[name] == second[name] for name in said)


async def positions(context: Context, batch: Batch) -> None:
    """Refuse positions that end before they begin."""
    for number, row in enumerate(batch.rows):
        held = {**(batch.before[number] if batch.before else {}), **row}
        started, ended = held.get("started_on"), held.get("ended_on")
        if started and ended and str(ended) < str(started):
            batch.refuse(number, "ended_on", "ends_before_start", "It ends before it begins.")


def _iso(context: Context) -> str:
    return context.now.isoformat()
