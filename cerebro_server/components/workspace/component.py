"""Manifest of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.search import SearchResults
from cerebro_server.components.workspace import records, routes
from cerebro_server.kernel.component import Component

component = Component(
    name="workspace",
    record_types=(records.fields,),
    routers=(routes.router, routes.document_router, routes.search_router),
    replies=(SearchResults,),
    tables=("jobs",),
    permissions={"changes:read": "See the journal: who changed what, and when."},
)
