"""Several leads converted, each in a transaction of its own: one that is refused stops none."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from cerebro_sdk.schemas.sales.conversions import (
    LeadConvert,
    LeadConvertMany,
    LeadResult,
    LeadResults,
)
from cerebro_server.components.sales.service import converting
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import people, writer


async def convert(context: Context, asked: LeadConvertMany) -> LeadResults:
    """Convert leads one after the other; return what became of each.

    Each is a write of its own, which is taken back by itself. Needs what `converting.convert` does.
    Raises `ValidationFailed` where what is said for all of them cannot be.
    """
    await _check(context, asked)
    how = LeadConvert.model_validate(asked.model_dump(exclude={"leads"}, exclude_unset=True))
    results = [await _one(context, reference, how) for reference in dict.fromkeys(asked.leads)]
    refused = sum(each.problem is not None for each in results)
    return LeadResults(
        results=results,
        converted=len(results) - refused,
        refused=refused,
        dry_run=asked.dry_run,
    )


async def _check(context: Context, asked: LeadConvertMany) -> None:
    await converting.won_status(context, asked.status_id)
    batch = Batch([{"owner_id": asked.owner_id, "team": asked.team}])
    await people.resolve_users(context, batch, ("owner_id",))
    await people.check_teams(context, batch, ("team",))
    if batch.refusals:
        raise writer.refused(batch)


async def _one(context: Context, reference: str, how: LeadConvert) -> LeadResult:
    try:
        async with context.apart() as apart:
            found = from_json(await converting.convert(apart, reference, how))
    except Problem as problem:
        return LeadResult(lead=reference, problem=_said(problem))
    lead = found["lead"]
    return LeadResult(
        lead=reference,
        lead_id=lead["id"],
        contact_id=lead.get("converted_contact_id"),
        company_id=lead.get("converted_company_id"),
        deal_id=lead.get("converted_deal_id"),
        made=found["made"],
    )


def _said(problem: Problem) -> dict[str, Any]:
    said = {"code": problem.code, "detail": problem.detail, "errors": problem.errors}
    return {name: value for name, value in {**said, **problem.members}.items() if value}
