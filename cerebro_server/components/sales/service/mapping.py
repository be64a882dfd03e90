"""The lead mapping of a workspace: read, and set as a whole."""

from __future__ import annotations

from typing import Final, NamedTuple

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_server.components.sales.rules import lead_mapping as rules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.ids import uuid7

_NOUNS: Final = ("companies", "contacts", "deals")
_SET: Final = """
insert into lead_mapping as m (id, companies, contacts, deals)
values (%s, %s::jsonb, %s::jsonb, %s::jsonb)
on conflict ((true)) do update set companies = excluded.companies, contacts = excluded.contacts,
    deals = excluded.deals, deleted_at = null, version = m.version + 1, updated_at = now()
where m.deleted_at is not null or (m.companies, m.contacts, m.deals)
    <> (excluded.companies, excluded.contacts, excluded.deals)
"""


class Mapped(NamedTuple):
    """One custom field of leads and where its values go."""

    record_type: str
    target_field: str
    lead_field: str


async def mapped(context: Context) -> list[Mapped]:
    """Return what is mapped, in a stable order."""
    rows = await context.read(
        Sql("select companies, contacts, deals from lead_mapping where deleted_at is null")
    )
    return [
        Mapped(noun, *pair)
        for row in rows
        for noun, fields in zip(_NOUNS, row, strict=True)
        for pair in sorted(from_json(fields).items())
    ]


async def read(context: Context) -> LeadMapping:
    """Return the mapping of the workspace."""
    found = LeadMapping()
    for each in await mapped(context):
        getattr(found, each.record_type)[each.target_field] = each.lead_field
    return found


async def replace(context: Context, asked: LeadMappingSet) -> LeadMapping:
    """Set the mapping. Raises `ValidationFailed` where a field is not there or does not fit."""
    rows = [
        Mapped(noun, target, of_lead)
        for noun, fields in asked.model_dump().items()
        for target, of_lead in fields.items()
    ]
    errors = [
        {"pointer": f"/{row.record_type}/{row.target_field}", "code": code, "detail": said}
        for row in rows
        for code, said in rules.wrong(context, *row)
    ]
    if errors:
        raise ValidationFailed("; ".join(each["detail"] for each in errors), errors=errors)
    said = asked.model_dump()
    await (await context.write()).rows(
        Sql(_SET, (uuid7(), *(to_json(said[noun]).decode() for noun in _NOUNS)))
    )
    return LeadMapping(**asked.model_dump())
