"""The one place that knows all components."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import psycopg

from cerebro_server.components.identity.service import owners
from cerebro_server.components.workspace.service import installing
from cerebro_server.kernel.access import ACTIONS
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import migrate, urls
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.auth import Authenticate

_BUILT_IN = (
    "cerebro_server.components.identity.component",
    "cerebro_server.components.workspace.component",
    "cerebro_server.components.contacts.component",
)


@cache
def components() -> tuple[Component, ...]:
    """Return the built-in components, then those of entry point group `cerebro.components`."""
    built_in = [import_module(name).component for name in _BUILT_IN]
    return (*built_in, *(point.load() for point in entry_points(group="cerebro.components")))


def record_types() -> list[RecordType]:
    """Return every record type."""
    return [rt for component in components() for rt in component.record_types]


def sign_in() -> Authenticate:
    """Return what turns a token into an actor."""
    return next(component.sign_in for component in components() if component.sign_in)()


def permissions() -> dict[str, str]:
    """Return every permission with the sentence that explains it."""
    return {
        f"{rt.name}:{action}": text.format(noun=rt.name)
        for rt in record_types()
        for action, text in ACTIONS.items()
    } | {"changes:read": "See the journal: who changed what, and when."}


def events() -> dict[str, str]:
    """Return every event with the sentence that explains it."""
    return {
        f"{rt.noun.singular}.{action}": f"A {rt.noun.singular} was {action}."
        for rt in record_types()
        for action in ("created", "updated", "deleted", "restored")
    }


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install` found and did."""

    revision: str
    applied: list[str]
    created: bool
    workspace: str
    owner: str
    api_key: str | None
    """The owner's first key; only when the workspace was made just now."""
    warnings: list[str]


def install(settings: Settings) -> Installed:
    """Migrate, and make workspace `main` with its owner if there is none; cheap the second time."""
    keys: list[str] = []

    def on_new(connection: psycopg.Connection[Any], workspace: installing.Workspace) -> None:
        keys.append(owners.create(connection, workspace=workspace.slug, schema=workspace.schema))

    tables = [table for component in components() for table in component.tables]
    report = installing.install(settings, record_types(), tables, on_new=on_new)
    return Installed(
        revision=migrate.newest("workspace"),
        applied=report.applied,
        created=bool(report.new),
        workspace="main",
        owner=owners.EMAIL,
        api_key=keys[0] if keys else None,
        warnings=report.warnings,
    )


def issue_key(settings: Settings) -> str:
    """Give the owner of workspace `main` one more key, for one that was lost."""
    return owners.issue_key(urls.owner_url(settings), workspace="main", schema="ws_main")


def current(settings: Settings) -> dict[str, str]:
    """Return the revision of each schema, and the code's own under `code`."""
    return installing.revisions(settings)
