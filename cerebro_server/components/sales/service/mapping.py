"""The lead mapping of a workspace: read, and set as a whole."""

from __future__ import annotations

from typing import NamedTuple

from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_server.components.sales.rules import lead_mapping as rules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import ValidationFailed


class Mapped(NamedTuple):
    """One custom field of leads and where its values go."""

    record_type: str
    target_field: str
    lead_field: str


async def mapped(context: Context) -> list[Mapped]:
    """Return what is mapped, in a stable order."""
    rows = await context.read(
        Sql("select record_type, target_field, lead_field from lead_mapping order by 1, 2")
    )
    return [Mapped(*row) for row in rows]


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
    transaction = await context.write()
    await transaction.batch(
        Sql("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.mapping', 0))"),
        Sql("delete from lead_mapping"),
        Sql(
            "insert into lead_mapping (record_type, target_field, lead_field) "
            "select m.n, m.t, m.l from unnest(%s::text[], %s::text[], %s::text[]) as m(n, t, l)",
            tuple([row[at] for row in rows] for at in range(3)),
        ),
    )
    return LeadMapping(**asked.model_dump())
