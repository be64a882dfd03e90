"""`cerebro serve`: the API alone, for a PostgreSQL that runs elsewhere."""

from __future__ import annotations

import signal
import socket
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cerebro_cli import output
from cerebro_cli.exits import FAILED, USAGE, Stop
from cerebro_server.commands import credentials, environment, reports

if TYPE_CHECKING:
    from cerebro_server.kernel.config import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_DRAIN_SECONDS = 10
_DATABASE_SECONDS = 60.0


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    uds: Annotated[
        str | None, typer.Option(help="Unix socket to listen on instead of host and port.")
    ] = None,
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade", help="Bring the database up to date first, as `cerebro db upgrade`."
        ),
    ] = False,
    listen_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
    report_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
    profile_of: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the API server alone.

    Needs CEREBRO_DATABASE_URL (or CEREBRO_DATABASE_APP_URL) and CEREBRO_SECRET_KEY; `cerebro up`
    needs neither. SIGTERM and Ctrl-C let running requests end, then it ends with 0.

    Example: CEREBRO_DATABASE_URL=postgresql://user:password@host/db cerebro serve --upgrade
    """
    chosen = {"host": host, "port": port, "uds": uds}
    settings = environment.settings(**{k: v for k, v in chosen.items() if v is not None})
    if settings.database_url is None and settings.database_app_url is None:
        raise Stop(
            "No database is named: set CEREBRO_DATABASE_URL, or CEREBRO_DATABASE_APP_URL when the "
            "schema is upgraded elsewhere.",
            USAGE,
            hint="`cerebro up` starts a database of its own.",
        )
    try:
        if upgrade:
            # The imports take a second, in which the database starts.
            import cerebro_server.app  # noqa: F401

            _upgrade(settings, report_fd, profile_of)
        _run(settings, listen_fd=listen_fd, report_fd=report_fd)
    except Exception as error:
        if not isinstance(error, Stop) and report_fd is not None:
            traceback.print_exc()  # stderr is logs/api.log
        reports.tell(report_fd, "failed", detail=str(error) or type(error).__name__)
        raise


def _run(settings: Settings, *, listen_fd: int | None, report_fd: int | None) -> None:
    import uvicorn

    from cerebro_server.app import create_app
    from cerebro_server.commands.protocol import bounded

    api = create_app(settings)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                reports.tell(report_fd, "ready")

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            api.state.commits.stop()  # or those who wait for changes would hold up the end
            await super().shutdown(sockets=sockets)

    config = uvicorn.Config(
        api,
        host=settings.host,
        port=settings.port,
        uds=settings.uds,
        http=bounded(settings.slow_client_seconds),
        access_log=False,  # the app writes one line a request, with its id
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = Server(config)
    # uvicorn raises the signal again after draining, and a stop that was asked for is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=None if listen_fd is None else [socket.socket(fileno=listen_fd)])
    if not server.started:
        raise Stop("The API did not start; its log says why.", FAILED)


def _upgrade(settings: Settings, report_fd: int | None, profile_of: Path | None) -> None:
    from cerebro_server import registry
    from cerebro_server.kernel.db import examine

    with environment.explained():
        examine.await_database(settings, seconds=_DATABASE_SECONDS)
        installed = registry.install(settings)
        api_key = installed.api_key
        if api_key is None and profile_of is not None and credentials.of(profile_of) is None:
            api_key = registry.issue_key(settings)
    facts: dict[str, Any] = {
        "revision": installed.revision,
        "applied": installed.applied,
        "workspace": installed.workspace,
        "owner": installed.owner,
        "created": installed.created,
        "api_key": api_key,
        "warnings": installed.warnings,
    }
    if report_fd is not None:
        reports.tell(report_fd, "installed", **facts)
        return
    environment.show_installed(installed.owner, installed.api_key, installed.warnings)
    if installed.applied:
        output.note(f"The database is at revision {installed.revision}.")
