"""Manifest of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.duplicates import (
    DuplicatePair,
    DuplicateRules,
    DuplicateRuleSet,
)
from cerebro_sdk.schemas.workspace.exports import (
    Export,
    ExportCreate,
    ExportLinkCreate,
    ExportLinks,
)
from cerebro_sdk.schemas.workspace.files import (
    BytesMissing,
    BytesNamed,
    FileLink,
    FileLinkCreate,
    StoredBytes,
)
from cerebro_sdk.schemas.workspace.jobs import Job, JobStats
from cerebro_sdk.schemas.workspace.mappings import (
    ImportMapping,
    ImportMappings,
    MappingSuggest,
    SuggestedMapping,
)
from cerebro_sdk.schemas.workspace.operations import (
    Operation,
    OperationApply,
    OperationCreate,
    OperationRedo,
    OperationRow,
    OperationUndo,
    Undo,
)
from cerebro_sdk.schemas.workspace.search import SearchResults
from cerebro_sdk.schemas.workspace.uploads import Upload
from cerebro_server.components.workspace import jobs as work
from cerebro_server.components.workspace import records
from cerebro_server.components.workspace.routes import (
    changes,
    documents,
    duplicates,
    exports,
    files,
    jobs,
    mappings,
    operations,
    search,
    uploads,
)
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.worker import Schedule

component = Component(
    name="workspace",
    record_types=(records.fields, records.files, records.import_mappings, records.duplicate_rules),
    first_routers=(files.router, files.public_router),
    routers=(
        changes.router,
        documents.router,
        duplicates.router,
        exports.router,
        exports.public_router,
        jobs.router,
        mappings.router,
        operations.router,
        operations.undo_router,
        search.router,
        uploads.router,
    ),
    tables=(
        *("jobs", "relay_cursor", "schedules", "operations", "operation_rows", "operation_writes"),
        *("uploads", "upload_pieces", "exports", "export_pieces", "duplicate_pairs"),
        *("blobs", "blob_pieces", "blob_senders"),
    ),
    replies=(
        *(SearchResults, Job, JobStats, Operation, OperationRow, Upload, Export, ExportLinks),
        *(SuggestedMapping, ImportMapping, ImportMappings, DuplicatePair, DuplicateRuleSet),
        *(StoredBytes, BytesMissing, FileLink),
    ),
    paged=(OperationRow, DuplicatePair),
    payloads=(
        *(OperationCreate, OperationApply, OperationUndo, OperationRedo, Undo),
        *(ExportCreate, ExportLinkCreate, MappingSuggest, DuplicateRules),
        *(BytesNamed, FileLinkCreate),
    ),
    jobs={
        "operation": work.operation,
        "export": work.export,
        "tidy": work.tidy,
        "operations": work.operations_left,
    },
    owner_jobs={"ddl": work.ddl},
    schedules=(
        Schedule("tidy", cron="17 3 * * *", kind="tidy"),
        Schedule("operations", cron="*/5 * * * *", kind="operations"),
    ),
    permissions={
        "changes:read": "See the journal: who changed what, and when.",
        "jobs:read": "See jobs: what happens later, and what failed.",
        "jobs:retry": "Run jobs again.",
        "jobs:cancel": "Cancel jobs.",
        "operations:read": "See the operations of others.",
        "operations:undo": "Take back what others did: operations and single changes.",
        "operations:cancel": "Stop operations of others.",
        "duplicates:configure": "Change the rules by which duplicates are found.",
    },
)
