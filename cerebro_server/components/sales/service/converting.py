"""Leads become contacts, companies and deals: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.sales.conversions import LeadConvert
from cerebro_server.components.contacts import records as contacts
from cerebro_server.components.sales.errors import LeadConverted
from cerebro_server.components.sales.records import leads as records
from cerebro_server.components.sales.records.deal_contacts import deal_contacts
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.territories import territories
from cerebro_server.components.sales.service import handing_on, mapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RecordDeleted,
    ValidationFailed,
)
from cerebro_server.kernel.fields import Duplicates, RecordType
from cerebro_server.kernel.records import carrying, duplicates, reader, writer
from cerebro_server.kernel.records.validation import create_values, update_values

_LOCK: Final = "select 1 from {table} where id = %s for no key update"
_WON: Final = (
    "select id::text, type from lead_statuses where deleted_at is null and "
    "(%s::uuid is null or id = %s) order by type <> 'won', position, id limit 1"
)
_POSITION: Final = (
    "select id from positions where contact_id = %s and company_id = %s and is_current "
    "and deleted_at is null order by id limit 1"
)

_PART: Final = (
    "select 1 from deal_contacts where deal_id = %s and contact_id = %s and deleted_at is null"
)


@dataclass(slots=True)
class _Conversion:
    """A conversion under way."""

    context: Context
    asked: LeadConvert
    lead: Mapping[str, Any]
    """As the caller sees it: what is hidden from them is handed on to nobody."""
    mapped: list[mapping.Mapped]
    made: list[str] = field(default_factory=list)

    def offered(self, record_type: RecordType, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the lead has for a record, with the custom fields that are mapped to it."""
        own = handing_on.custom(self.context, self.mapped, record_type.name, self.lead)
        return {**values, **({"custom": own} if own else {})}


async def convert(context: Context, reference: str, asked: LeadConvert) -> bytes:
    """Convert a lead; return what it became as JSON.

    The second time it is refused. Needs `leads:convert`, and to create or change what it becomes.
    Everything is one write, which `undo` takes back whole. Raises `NotFound`, `LeadConverted`,
    `PossibleDuplicate`, `DuplicateKey`, `ValidationFailed`, `Forbidden`, `RecordLocked`.
    """
    context.is_dry = context.is_dry or asked.dry_run
    lead = await _held(context, reference)
    status = await won_status(context, asked.status_id)
    work = _Conversion(context, asked, lead, await mapping.mapped(context))
    company = await _company(work)
    contact = await _contact(work)
    if contact is None and company is None:
        said = "Say what it becomes: a contact or a company."
        raise ValidationFailed.at("contact", "missing", said)
    position = await _position(work, contact, company)
    deal = await _deal(work, contact, company)
    values = {
        "converted_at": context.now,
        "converted_contact_id": contact,
        "converted_company_id": company,
        "converted_deal_id": deal,
        "status_id": status,
    }
    done = await writer.change(context, records.leads, lead["id"], values, action="convert")
    became = {"contacts": contact, "companies": company, "deals": deal}
    went = {noun: one for noun, one in became.items() if one is not None}
    await carrying.carry(context, "leads", UUID(lead["id"]), went)
    shown = {
        "contact": (contacts.contacts, contact),
        "company": (contacts.companies, company),
        "deal": (deals, deal),
    }
    return await _reply(work, done.json, shown, position)


async def _read(context: Context, record_type: RecordType, reference: str) -> writer.Written:
    return await reader.get(context, record_type, reference, deleted_too=False)


async def _held(context: Context, reference: str) -> dict[str, Any]:
    """Take hold of a lead; return it as the caller sees it. Who comes second finds it converted."""
    shown = context.seen(records.leads)
    record_id = (await _read(context, records.leads, reference)).id
    await (await context.write()).rows(Sql(_LOCK.format(table="leads"), (record_id,)))
    lead: dict[str, Any] = from_json((await _read(context, records.leads, str(record_id))).json)
    [(converted_at, *became)] = await context.read(
        Sql(
            "select converted_at, converted_contact_id, converted_company_id, converted_deal_id "
            "from leads where id = %s",
            (record_id,),
        )
    )
    if converted_at is not None:
        contact, company, deal = (str(one) if one else None for one in became)
        raise LeadConverted(
            f"The lead was converted on {converted_at:%Y-%m-%d}; undo that to convert it again.",
            contact_id=contact,
            company_id=company,
            deal_id=deal,
        )
    masked = {name for name in shown.fields if not shown.shows(name)}
    return {name: value for name, value in lead.items() if name not in masked}


async def won_status(context: Context, reference: str | None) -> str:
    """Return the id of the status that a converted lead gets. Raises `ValidationFailed`."""
    wanted = None
    if reference is not None:
        wanted = await reader.named(context, records.lead_statuses, reference, "status_id")
    found = await context.read(Sql(_WON, (wanted, wanted)))
    if not found or found[0][1] != "won":
        said = "A lead is converted into a status of type won; choose or make one."
        raise ValidationFailed.at("status_id", "not_won", said)
    return str(found[0][0])


async def _contact(work: _Conversion) -> UUID | None:
    offered = work.offered(contacts.contacts, handing_on.contact(work.lead))
    asked = work.asked.contact
    if asked is None:
        asked = "last_name" in offered
    return await _become(work, contacts.contacts, asked, offered, rules=records.PERSONS)


async def _company(work: _Conversion) -> UUID | None:
    offered = work.offered(contacts.companies, handing_on.company(work.lead))
    asked = work.asked.company
    if asked is None:
        asked = "name" in offered
    return await _become(work, contacts.companies, asked, offered, rules=records.FIRMS)


async def _sees(context: Context, territory: str | None) -> bool:
    """Tell whether the caller may read a territory; what they may not, is not handed on."""
    if territory is None:
        return False
    try:
        await _read(context, territories, territory)
    except (Forbidden, NotFound, RecordDeleted):
        return False
    return True


async def _deal(work: _Conversion, contact: UUID | None, company: UUID | None) -> UUID | None:
    """Make or complete the deal, and give the contact a part in it."""
    said = handing_on.deal(work.lead, company)
    if not await _sees(work.context, said.get("territory_id")):
        said.pop("territory_id", None)
    offered = work.offered(deals, said)
    asked = True if work.asked.deal is None else work.asked.deal
    deal = await _become(work, deals, asked, offered)
    if deal is None or contact is None:
        return deal
    if not await work.context.read(Sql(_PART, (deal, contact))):
        part = {"deal_id": deal, "contact_id": contact, "is_primary": "deal" in work.made}
        row = create_values(work.context.seen(deal_contacts), to_json(part))
        await writer.create(work.context, deal_contacts, row)
        work.made.append("deal_contact")
    return deal


async def _become(
    work: _Conversion,
    record_type: RecordType,
    asked: bool | str | dict[str, Any],
    offered: dict[str, Any],
    *,
    rules: Duplicates | None = None,
) -> UUID | None:
    """Make a record, or complete the one that was chosen; return its id."""
    name = record_type.noun.singular
    if asked is False:
        return None
    if isinstance(asked, str):
        return await _completed(work, record_type, asked, offered)
    given = asked if isinstance(asked, dict) else {}
    lead = work.lead
    owner = {
        "owner_id": work.asked.owner_id or lead.get("owner_id"),
        "team": work.asked.team or lead.get("team"),
    }
    able = work.context.seen(record_type).writable
    values = {k: v for k, v in {**owner, **offered}.items() if k in able and v is not None}
    values |= handing_on.beside(record_type, values, given)
    try:
        row = create_values(work.context.seen(record_type), to_json(values))
        if rules is not None and not work.asked.allow_duplicates:
            await _check(work.context, record_type, values, rules)
        done = await writer.create(
            work.context,
            record_type,
            row,
            allow_invalid=not given,  # the lead's own numbers were told of when it came
        )
    except Invalid as error:
        raise _within(error, name) from None
    work.made.append(name)
    return done.id


async def _check(
    context: Context, record_type: RecordType, values: Mapping[str, Any], rules: Duplicates
) -> None:
    """Refuse to make what probably is there. Raises `PossibleDuplicate`."""
    row = handing_on.compared(record_type.name, values)
    [found] = await duplicates.find(context, record_type, [row], rules=rules)
    if found:
        raise duplicates.refusal(record_type, found)


async def _completed(
    work: _Conversion, record_type: RecordType, reference: str, offered: dict[str, Any]
) -> UUID:
    """Fill the empty fields of a record that was chosen; return its id."""
    context, name = work.context, record_type.noun.singular
    record_id = await reader.named(context, record_type, reference, name)
    lock = _LOCK.format(table=record_type.table_name)
    await (await context.write()).rows(Sql(lock, (record_id,)))
    held = from_json((await _read(context, record_type, str(record_id))).json)
    shown = context.seen(record_type)
    values = handing_on.missing(shown, held, offered)
    if work.asked.overwrite_source and offered.get("source") and "source" in shown.writable:
        values["source"] = offered["source"]
    if values:
        try:
            row = update_values(shown, to_json(values))
            await writer.update(
                context, record_type, str(record_id), row, version=None, allow_invalid=True
            )
        except Invalid as error:
            raise _within(error, name) from None
    return record_id


async def _position(work: _Conversion, contact: UUID | None, company: UUID | None) -> UUID | None:
    """Return the position of the contact in the company, which is made where there is none."""
    if contact is None or company is None:
        return None
    found = await work.context.read(Sql(_POSITION, (contact, company)))
    if found:
        return UUID(str(found[0][0]))
    values = {"contact_id": contact, "company_id": company, "role": work.lead.get("job_title")}
    row = create_values(work.context.seen(contacts.positions), to_json(values))
    done = await writer.create(work.context, contacts.positions, row)
    work.made.append("position")
    return done.id


def _within(error: Invalid, name: str) -> Invalid:
    """Return an error about the values of a record as one about the part of the body they are."""
    errors = [
        {**each, "pointer": f"/{name}{each['pointer']}"} if "pointer" in each else each
        for each in error.errors
    ]
    return type(error)(f"{name}: {error.detail}", errors=errors, **error.members)


async def _reply(
    work: _Conversion,
    lead: bytes,
    became: Mapping[str, tuple[RecordType, UUID | None]],
    position: UUID | None,
) -> bytes:
    """Return the reply as JSON, with records as PostgreSQL wrote them."""
    parts = [b'"lead":' + lead]
    for name, (record_type, record_id) in became.items():
        json = b"null"
        if record_id is not None and work.context.actor.may(f"{record_type.name}:read"):
            json = (await _read(work.context, record_type, str(record_id))).json
        parts.append(f'"{name}":'.encode() + json)
    rest: dict[str, Any] = {"position_id": position, "made": work.made}
    rest["dry_run"] = work.context.is_dry
    return b"{" + b",".join(parts) + b"," + to_json(rest)[1:]
