"""The one place that knows all components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import psycopg
from pydantic import ValidationError

from cerebro_sdk.schemas.identity.users import UserCreate
from cerebro_server.components.identity.service import built_in, owners
from cerebro_server.components.workspace.service import installing, workspaces
from cerebro_server.kernel.access import permissions_of
from cerebro_server.kernel.component import Component
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Workspace, migrate, urls
from cerebro_server.kernel.fields import Catalog, RecordType
from cerebro_server.kernel.http.auth import Authenticate
from cerebro_server.kernel.journal.subscriber import Subscriber
from cerebro_server.kernel.records import validation
from cerebro_server.kernel.worker import Handler, Recall, Schedule

_BUILT_IN = (
    "cerebro_server.components.identity.component",
    "cerebro_server.components.workspace.component",
    "cerebro_server.components.contacts.component",
    "cerebro_server.components.sales.component",
    "cerebro_server.components.activities.component",
)


@cache
def components() -> tuple[Component, ...]:
    """Return the built-in components, then those of entry point group `cerebro.components`."""
    built_in = [import_module(name).component for name in _BUILT_IN]
    return (*built_in, *(point.load() for point in entry_points(group="cerebro.components")))


def record_types() -> list[RecordType]:
    """Return every record type; what is attached to others comes behind all that it can name."""
    found = [rt for component in components() for rt in component.record_types]
    return sorted(found, key=lambda record_type: bool(record_type.attached))


def catalog() -> Catalog:
    """Return every record type by name, with what components plan for many of them."""
    verbs = {name: verb for each in components() for name, verb in each.verbs_of_many.items()}
    return Catalog(record_types(), verbs)


def sign_in() -> Authenticate:
    """Return what turns a token into an actor."""
    return next(component.sign_in for component in components() if component.sign_in)()


def recall() -> Recall:
    """Return what finds the actor of a job."""
    return next(component.recall for component in components() if component.recall)


def handlers(settings: Settings) -> dict[str, Handler]:
    """Return what runs jobs, by kind; those that need the owner's login only where there is one."""
    found: dict[str, Handler] = {}
    for component in components():
        found |= component.jobs
        if settings.database_url is not None:
            found |= component.owner_jobs
    return found


def subscribers() -> list[Subscriber]:
    """Return everybody who wants to know of changes."""
    return [each for component in components() for each in component.subscribers]


def schedules() -> list[Schedule]:
    """Return every schedule."""
    return [each for component in components() for each in component.schedules]


def permissions() -> dict[str, str]:
    """Return every permission with the sentence that explains it."""
    found: dict[str, str] = {}
    for record_type in record_types():
        found |= permissions_of(record_type)
    for component in components():
        found |= component.permissions
    return found


_EVENTS = {
    "created": None,
    "updated": None,
    "deleted": "delete",
    "restored": "delete",
    "destroyed": "destroy",
}
"""The operation that each event needs."""


def events() -> dict[str, str]:
    """Return every event with the sentence that explains it."""
    return {
        f"{rt.noun.singular}.{action}": f"A {rt.noun.singular} was {action}."
        for rt in record_types()
        if not rt.is_history
        for action, verb in _EVENTS.items()
        if verb is None or verb in rt.noun.verbs
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

    def on_new(connection: psycopg.Connection[Any], workspace: Workspace) -> None:
        keys.append(owners.create(connection, workspace=workspace.slug, schema=workspace.schema))

    report = installing.install(settings, blueprint(on_new))
    return Installed(
        revision=migrate.newest("workspace"),
        applied=report.applied,
        created=bool(report.new),
        workspace="main",
        owner=owners.EMAIL,
        api_key=keys[0] if keys else None,
        warnings=report.warnings,
    )


def blueprint(
    on_new: Callable[[psycopg.Connection[Any], Workspace], None],
) -> installing.Blueprint:
    """Return what belongs into every workspace; `on_new` runs where one is made."""
    known = components()
    more = [name for component in known for name in component.permissions]
    ready_made = built_in.built_in_roles(record_types(), more)

    def derived(workspace: Workspace, owner: str | None) -> list[str]:
        makers = (component.derived for component in known if component.derived)
        return [statement for make in makers for statement in make(workspace, owner)]

    def on_ready(connection: psycopg.Connection[Any], workspace: Workspace) -> None:
        built_in.refresh(connection, workspace.schema, ready_made)

    return installing.Blueprint(
        record_types=record_types(),
        tables=[table for component in known for table in component.tables],
        insert_only=[table for component in known for table in component.insert_only],
        derived=derived,
        in_base=[component.in_base for component in known if component.in_base],
        on_ready=on_ready,
        facts=[repr(role) for role in ready_made],
        on_new=on_new,
    )


def create_workspace(settings: Settings, slug: str, *, email: str, name: str) -> str:
    """Make a workspace and its owner; return the owner's first key, shown only now.

    Raises `Invalid`, `Conflict`, `Unavailable`.
    """
    try:
        owner = UserCreate(name=name, email=email)
    except ValidationError as error:
        raise validation.failure(error) from None
    keys: list[str] = []

    def on_new(connection: psycopg.Connection[Any], workspace: Workspace) -> None:
        keys.append(
            owners.create(
                connection,
                workspace=workspace.slug,
                schema=workspace.schema,
                email=owner.email,
                name=owner.name,
            )
        )

    workspaces.create(settings, blueprint(on_new), slug)
    return keys[0]


def issue_key(settings: Settings) -> str:
    """Give the owner of workspace `main` one more key, for one that was lost."""
    return owners.issue_key(urls.owner_url(settings), workspace="main", schema="ws_main")


def current(settings: Settings) -> dict[str, str]:
    """Return the revision of each schema, and the code's own under `code`."""
    return installing.revisions(settings)
