"""Routes of leads besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_sdk.schemas.sales.conversions import (
    LeadConversion,
    LeadConvert,
)
from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping, LeadMappingSet
from cerebro_server.components.sales.records import leads as records
from cerebro_server.components.sales.service import converting, mapping
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import REFERENCE
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.operations import json_body, json_reply, operation
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload

mapping_router = Router(prefix="/v1/lead_mapping", tags=["leads"], route_class=Route)
router = Router(prefix="/v1/leads", tags=["leads"], route_class=Route)


@of_noun(
    router,
    records.leads,
    "POST",
    "/{reference:path}/convert",
    "convert",
    reply=json_reply(LeadConversion.__name__),
    refusals=(404, 409, 413, 415, 422),
    parameters=[REFERENCE],
    body=json_body(LeadConvert.__name__),
)
async def convert(request: Request, context: Caller) -> Response:
    """Convert {a_one} to a contact, a company and a deal.
    They are made, or chosen among those there are and completed where they are empty; probable
    duplicates are refused with the candidates. The lead stays as it was and can only be read.
    All of it is one write: `undo` takes it back whole."""
    asked = parse_payload(LeadConvert, await read_json(request))
    found = await converting.convert(context, request.path_params["reference"], asked)
    return Response(found, media_type="application/json")


@operation(
    mapping_router,
    "GET",
    "",
    "leads.mapping",
    reply=json_reply(LeadMapping.__name__),
    refusals=(),
    needs="leads:read",
)
async def read_mapping(request: Request, context: Caller) -> Response:
    """Show which custom fields of leads become which of what they are converted to."""
    found = await mapping.read(context)
    return Response(found.model_dump_json(), media_type="application/json")


@operation(
    mapping_router,
    "PUT",
    "",
    "leads.set_mapping",
    reply=json_reply(LeadMapping.__name__),
    refusals=(413, 415, 422),
    needs="leads:map",
    body=json_body(LeadMappingSet.__name__),
)
async def set_mapping(request: Request, context: Caller) -> Response:
    """Say which custom fields of leads become which of what they are converted to.
    It replaces what was said before. Both fields must be there, and their types fit."""
    asked = parse_payload(LeadMappingSet, await read_json(request))
    found = await mapping.replace(context, asked)
    return Response(found.model_dump_json(), media_type="application/json")
