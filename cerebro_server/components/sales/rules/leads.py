"""What is checked and derived when leads are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from cerebro_server.components.sales.errors import LeadConverted
from cerebro_server.components.sales.rules import handing_out
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import planned

LINKS: Final = ("converted_contact_id", "converted_company_id", "converted_deal_id")
"""What a lead became; the server keeps them."""
ASSIGNED: Final = ("assigned_at", "assignment_rule_id")
"""When and by which rule a lead came to its owner; the server keeps them."""
KEPT: Final = ("converted_at", *LINKS, *ASSIGNED)
_FREE: Final = frozenset({*LINKS, "deleted_at", "locked_at"})
"""What may change of a lead that was converted: what it became may be merged into another."""
_NAMES: Final = ("first_name", "last_name", "company_name")
_STATUSES: Final = (
    "select id::text, type from lead_statuses where deleted_at is null order by position, id"
)


class _Statuses(NamedTuple):
    """The statuses of a workspace."""

    types: Mapping[str, str]
    """By id, in their order."""

    def first_of(self, kind: str) -> str | None:
        """Return the first of a type."""
        return next((one for one, type_ in self.types.items() if type_ == kind), None)


async def leads(context: Context, batch: Batch) -> None:
    """Give new leads the first open status; refuse those that say nothing of who it is, or that
    are converted from the start."""
    statuses = await _statuses(context)
    for number, row in enumerate(batch.rows):
        was_converted = row.get("converted_at") is not None  # where the file is from
        first = statuses.first_of("won") if was_converted else statuses.first_of("open")
        row["status_id"] = row.get("status_id") or first
        _check_name(batch, number, row)
        if not was_converted:
            _check_status(batch, number, row, statuses)


async def changed_leads(context: Context, batch: Batch) -> None:
    """Refuse changes of leads that were converted, and statuses that only a conversion gives; what
    is given to somebody by hand is no rule's any more."""
    statuses = None
    await handing_out.still_right(context, batch)
    for number, row in enumerate(batch.rows):
        before = batch.before[number]
        if "converted_at" in row:  # a conversion, or its undo
            continue
        if before["converted_at"] is not None and _changes(row, before):
            said = (
                f"The lead was converted on {str(before['converted_at'])[:10]} and is kept as it "
                "was: change what it became, or undo the conversion."
            )
            batch.refuse(number, None, "lead_converted", said)
            continue
        if "owner_id" in row and str(row["owner_id"]) != str(before["owner_id"]):
            row |= {name: None for name in ASSIGNED if before[name] and name not in row}
        if not row.keys().isdisjoint((*_NAMES, "emails")):
            _check_name(batch, number, {**before, **row})
        if row.get("status_id") and row["status_id"] != before["status_id"]:
            statuses = statuses or await _statuses(context)
            _check_status(batch, number, row, statuses)


def takes_no_part(name: str) -> LeadConverted:
    """Return why a lead that was converted is merged with none."""
    return LeadConverted(
        f"The lead {name} was converted and takes no part in a merge: convert the other one into "
        "the same contact, or undo the conversion first."
    )


async def _statuses(context: Context) -> _Statuses:
    made = await planned.made(context, "lead_statuses")
    found: dict[str, str] = dict(await context.read(Sql(_STATUSES)))
    return _Statuses({**found, **{each["id"]: each["type"] for each in made}})


def _changes(row: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Tell whether a row has anything new besides what may change."""
    plain = from_json(to_json(dict(row)))
    return any(value != before.get(name) for name, value in plain.items() if name not in _FREE)


def _check_name(batch: Batch, number: int, row: Mapping[str, Any]) -> None:
    if not any(row.get(name) for name in (*_NAMES, "emails", "email")):
        said = "Say who it is: a last name, a company name or an e-mail address."
        batch.refuse(number, "last_name", "missing", said)


def _check_status(batch: Batch, number: int, row: Mapping[str, Any], statuses: _Statuses) -> None:
    if statuses.types.get(str(row.get("status_id"))) == "won":
        said = "Only a conversion gives this status: convert the lead."
        batch.refuse(number, "status_id", "only_by_convert", said)


async def lead_statuses(context: Context, batch: Batch) -> None:
    """Put new statuses last, unless they say where."""
    [(last,)] = await context.read(Sql("select coalesce(max(position), 0) from lead_statuses"))
    for row in batch.rows:
        if row.get("position") is None:
            last += 1
            row["position"] = last


async def changed_lead_statuses(context: Context, batch: Batch) -> None:
    """Refuse to delete statuses that leads have, or to change what those mean."""
    for number, row in enumerate(batch.rows):
        before = batch.before[number]
        goes = row.get("deleted_at") is not None
        if not goes and row.get("type", before["type"]) == before["type"]:
            continue
        transaction = await context.write()
        # whoever gives it to a lead at this moment holds the status by the foreign key
        await transaction.rows(
            Sql("select 1 from lead_statuses where id = %s for update", (before["id"],))
        )
        used = await transaction.rows(
            Sql(
                "select 1 from leads where status_id = %s and deleted_at is null limit 1",
                (before["id"],),
            )
        )
        if used:
            said = f"Leads have the status {before['label']}: give them another one first."
            batch.refuse(number, None if goes else "type", "in_use", said)


def type_by_words(label: str) -> str:
    """Return what a status of another product that is called so probably means."""
    words = set(fold(label).replace("-", " ").replace("_", " ").split())
    if words & {"converted", "won"}:
        return "won"
    if words & {"lost", "dead", "unqualified", "disqualified", "closed", "bad"}:
        return "lost"
    return "open" if words & {"new", "open"} else "ongoing"
