"""Many leads converted by one operation: a plan of all that is made, which the kernel applies.

Each lead comes to the same as alone (`converting`); what differs is said in docs/leads.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cerebro_sdk.schemas.sales.conversions import LeadsConvert
from cerebro_server.components.sales.service import converting, mapping
from cerebro_server.components.sales.service.meant_leads import named, one_way
from cerebro_server.components.sales.service.planned_leads import Batch, Lead, Made
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch as Rows
from cerebro_server.kernel.fields import ManyVerb
from cerebro_server.kernel.records import (
    carrying,
    drafting,
    locking,
    people,
    reader,
)
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.inputs import read
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.planned import FORBIDDEN
from cerebro_server.kernel.records.refusals import refused

_OPEN: Final = Sql("t.converted_at is null")
_CONVERTED: Final = (
    "select id, converted_at from leads where id = any(%s) and converted_at is not null"
)
_BECAME: Final = (
    "select converted_contact_id, converted_company_id, converted_deal_id from leads where id = %s"
)
_NOUNS: Final = ("contacts", "companies", "deals")
_CHUNK: Final = 1_000
_START: Final = UUID(int=0)
_NEEDS: Final = ("read", "bulk", "convert", "update")
_ROWS: Final = 5
"""About how many rows a lead comes to: contact, company, deal, links and its own."""


async def check(context: Context, asked: Mapping[str, Any]) -> int:
    """Refuse what cannot be asked for; return about how many rows there are.

    Raises `ValidationFailed`, `InvalidQuery`, `Forbidden`.
    """
    said = read(LeadsConvert, asked)
    await _check(context, said)
    where = reader.filtered(context, context.catalog["leads"], reader.Selection(said.where))
    rows = await context.read(
        Sql(
            f"select count(*) from (select from leads t where {where.text} limit %s) s",
            (*where.params, _CHUNK),
        )
    )
    return _ROWS * (len(said.leads) if said.leads is not None else int(rows[0][0]))


async def _check(context: Context, said: LeadsConvert) -> UUID:
    """Check what holds for all leads; return the status that they get."""
    for action in _NEEDS:
        context.actor.require(f"leads:{action}")
    one_way(said.where, said.leads)
    batch = Rows([{"owner_id": said.owner_id, "team": said.team}])
    await people.resolve_users(context, batch, ("owner_id",))
    await people.check_teams(context, batch, ("team",))
    if batch.refusals:
        raise refused(batch)
    return UUID(await converting.won_status(context, said.status_id))


async def plan(making: Plan) -> None:
    """Plan the conversion of leads: input is `LeadsConvert`."""
    said = read(LeadsConvert, making.operation.input)
    made = Made()
    ids: list[UUID] | None = None
    async with making.begin() as context:
        status = await _check(context, said)
        if said.leads is not None:
            ids, missing = await named(context, said.leads)
            await making.add(context, missing)
            made.refused += len(missing)
    after = _START
    while True:
        async with making.begin() as context:
            found = await _leads(context, said, ids, after)
            work = Batch(context, said, await mapping.mapped(context), status, made)
            await making.add(context, await work.rows(found))
        if len(found) < _CHUNK:
            break
        after = found[-1].id
    making.report |= {"converts": made.leads, "refuses": made.refused, "takes": made.taken}


async def _leads(
    context: Context, said: LeadsConvert, ids: list[UUID] | None, after: UUID
) -> list[Lead]:
    """Return the next leads in the order of their ids, with why they are not converted. A filter
    passes over leads that are; one that is named says so."""
    record_type = context.catalog["leads"]
    which = _OPEN if ids is None else Sql("t.id = any(%s)", (ids,))
    where = Sql.both(reader.filtered(context, record_type, reader.Selection(said.where)), which)
    chosen = await drafting.choose(
        context, record_type, where, "update", "convert", after=after, limit=_CHUNK
    )
    rows = await context.read(Sql(_CONVERTED, ([each.id for each in chosen],)))
    converted: dict[UUID, datetime] = dict(rows)
    found = []
    for one in chosen:
        problem = None
        if one.id in converted:
            told = f"The lead was converted on {converted[one.id]:%Y-%m-%d}."
            problem = {"code": "lead_converted", "message": told}
        elif one.locked_at is not None:
            told = locking.said(context, record_type, "The lead", one.locked_at)
            problem = {"code": locking.CODE, "message": told}
        elif not one.may:
            problem = {"code": "forbidden", "message": FORBIDDEN}
        found.append(Lead(one.id, one.version, problem, one.values))
    return found


async def part(context: Context, target: Operation, record_id: UUID) -> list[UUID]:
    """Return what an operation wrote for one lead: the lead, what it became unless another of its
    leads became the same, the links between those, and what went along."""
    wrote = stored.changes_of(target)
    rows = await context.read(Sql(_BECAME, (record_id,)))
    became = dict(zip(_NOUNS, rows[0], strict=True)) if rows else {}
    went = {noun: one for noun, one in became.items() if one is not None}
    along = await carrying.written(context, "leads", record_id, went)
    rows = await context.read(
        Sql(
            "with mine as (select l.id, l.converted_contact_id as contact, "
            "l.converted_company_id as company, l.converted_deal_id as deal from leads l "
            "where l.id = %s), own as (select m.id from mine m union all "
            "select x.id from mine m, lateral (values (m.contact, 'converted_contact_id'), "
            "(m.company, 'converted_company_id'), (m.deal, 'converted_deal_id')) as x(id, col) "
            "where x.id is not null and not exists (select from leads o where o.id <> m.id "
            "and x.id in (o.converted_contact_id, o.converted_company_id, o.converted_deal_id) "
            "and o.deleted_at is null)), "
            "links as (select p.id from positions p join mine m on p.contact_id = m.contact "
            "union all select d.id from deal_contacts d join mine m on d.deal_id = m.deal "
            "union all select unnest(%s::uuid[])) "
            "select w.id from (select id from own union select id from links) w where exists "
            f"(select from changes c where c.record_id = w.id and {wrote.text})",
            (record_id, along, *wrote.params),
        )
    )
    return [found for (found,) in rows]


VERB: Final = ManyVerb(check, plan, part)
