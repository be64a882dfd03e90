"""The API as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

from fastapi import FastAPI

from cerebro_server import registry
from cerebro_server.kernel import crud
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.config import settings as process_settings
from cerebro_server.kernel.db import Database, base, urls
from cerebro_server.kernel.http import openapi, probes, problems, reference_page
from cerebro_server.kernel.http.limits import Limits
from cerebro_server.kernel.http.middleware import Surround
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.journal.waiting import Commits
from cerebro_server.kernel.telemetry import configure_logs
from cerebro_server.kernel.worker.bells import waker

_DESCRIPTION = "A headless CRM. Every error is an RFC 9457 problem with a stable `code`."


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the API with every component's routes; connects when it starts, not before."""
    chosen = settings or process_settings()
    configure_logs(level=chosen.log_level, form=chosen.log_format)
    app = FastAPI(
        title="Cerebro",
        version=version("cerebro-platform"),
        description=_DESCRIPTION,
        lifespan=_lifespan,
        openapi_url="/openapi.json" if chosen.public_docs else None,
        docs_url=None,
        redoc_url=None,
    )
    record_types = registry.record_types()
    app.state.settings = chosen
    app.state.catalog = registry.catalog()
    app.state.permissions = registry.permissions()
    app.state.known_permissions = frozenset(app.state.permissions)
    app.state.authenticate = registry.sign_in()
    app.state.limits = Limits(chosen)
    app.include_router(probes.router)
    for component in registry.components():
        for router in component.first_routers:
            app.include_router(router)
    for router in _record_routers():
        app.include_router(router)
    for component in registry.components():
        for router in component.routers:
            app.include_router(router)
    problems.install(app)
    openapi.install(
        app,
        [record_type for record_type in record_types if record_type.noun.verbs],
        replies=[schema for component in registry.components() for schema in component.replies],
        paged=[schema for component in registry.components() for schema in component.paged],
        payloads=[schema for component in registry.components() for schema in component.payloads],
    )
    if chosen.public_docs:
        reference_page.install(app)
    app.add_middleware(Surround)
    return app


@cache
def _record_routers() -> tuple[Router, ...]:
    """Return the routes of all record types: every app of a process shares them, since to make
    them takes a tenth of a second."""
    return tuple(crud.routes(record_type) for record_type in registry.record_types())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    url = urls.app_url(settings)
    base.check(settings, url)
    database = Database(
        url,
        size=settings.pool_size,
        statement_timeout_seconds=settings.statement_timeout_seconds,
        base_currency=settings.base_currency,
        waker=waker(settings, url),
    )
    app.state.database = database
    app.state.commits = Commits(url)
    await database.open()
    await app.state.limits.start()
    try:
        yield
    finally:
        await app.state.commits.close()
        await app.state.limits.stop()
        await database.close()
