"""Manifest of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.operations import (
    Operation,
    OperationApply,
    OperationCreate,
    OperationRedo,
    OperationRow,
    OperationUndo,
)
from cerebro_sdk.schemas.workspace.search import SearchResults
from cerebro_server.components.workspace import records
from cerebro_server.components.workspace.routes import changes, document, operations, search
from cerebro_server.kernel.component import Component

component = Component(
    name="workspace",
    record_types=(records.fields,),
    routers=(changes.router, document.router, search.router, operations.router),
    tables=("operations", "operation_rows", "uploads", "upload_pieces"),
    replies=(SearchResults, Operation, OperationRow),
    paged=(Operation, OperationRow),
    payloads=(OperationCreate, OperationApply, OperationUndo, OperationRedo),
    permissions={
        "changes:read": "See the journal: who changed what, and when.",
        "operations:read": "See the operations of others.",
        "operations:undo": "Take back operations of others.",
        "operations:cancel": "Stop operations of others.",
    },
)
