"""Manifest of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.jobs import Job, JobStats
from cerebro_sdk.schemas.workspace.search import SearchResults
from cerebro_server.components.workspace import jobs as work
from cerebro_server.components.workspace import records
from cerebro_server.components.workspace.routes import changes, documents, jobs, search
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.worker import Schedule

component = Component(
    name="workspace",
    record_types=(records.fields,),
    routers=(changes.router, documents.router, jobs.router, search.router),
    replies=(SearchResults, Job, JobStats),
    tables=("jobs", "relay_cursor", "schedules"),
    jobs={"tidy": work.tidy},
    owner_jobs={"ddl": work.ddl},
    schedules=(Schedule("tidy", cron="17 3 * * *", kind="tidy"),),
    permissions={
        "changes:read": "See the journal: who changed what, and when.",
        "jobs:read": "See jobs: what happens later, and what failed.",
        "jobs:retry": "Run jobs again.",
        "jobs:cancel": "Cancel jobs.",
    },
)
