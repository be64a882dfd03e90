"""What the commands that need a database share: settings, and errors put in words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cerebro_cli import output
from cerebro_cli.exits import CONFLICT, FAILED, NOT_FOUND, UNAVAILABLE, USAGE, Stop
from cerebro_sdk import profiles
from cerebro_server.embedded import places
from cerebro_server.embedded.lock import holder_of
from cerebro_server.embedded.places import default_data_dir
from cerebro_server.embedded.postgres import url_of

if TYPE_CHECKING:
    from cerebro_server.kernel.config import Settings


def settings(**chosen: Any) -> Settings:
    """Read the settings from the environment; `chosen` come from the command line and win."""
    from pydantic import ValidationError

    from cerebro_server.kernel.config import Settings

    try:
        return Settings(**chosen)
    except ValidationError as error:
        lines = [
            f"CEREBRO_{'_'.join(map(str, problem['loc'])).upper()}: "
            + problem["msg"].removeprefix("Value error, ")
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise Stop("\n".join(lines), USAGE) from None


def likely_data_dir() -> Path:
    """Return the data directory of the current profile, as `make run` leaves it, or the usual."""
    if "CEREBRO_DATA_DIR" not in os.environ:
        current = profiles.load()
        if current is not None and current.data_dir:
            return Path(current.data_dir)
    return default_data_dir()


def operator_settings(data_dir: Path | None = None) -> Settings:
    """Return settings that lead to a database as its owner: the one that the environment names,
    else the embedded one of a data directory on which `cerebro up` runs."""
    if os.environ.get("CEREBRO_DATABASE_URL") and data_dir is None:
        return settings()
    found = places.find((data_dir or likely_data_dir()).expanduser(), may_create=False)
    if holder_of(found.data_dir) is None:
        raise Stop(
            f"No database is named, and nothing runs with the data of {found.data_dir}.",
            UNAVAILABLE,
            hint="Start `cerebro up` first, or set CEREBRO_DATABASE_URL.",
        )
    try:
        secret = found.secret_file.read_text().strip()
    except OSError as error:
        raise Stop(f"{error}; run this as the user who runs `cerebro up`.", FAILED) from None
    return settings(database_url=url_of(found.sockets), secret_key=secret)


_CODES = {404: NOT_FOUND, 409: CONFLICT, 422: USAGE, 503: UNAVAILABLE}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a database may answer into a message without a traceback."""
    import psycopg

    from cerebro_server.kernel.errors import Problem

    try:
        yield
    except Problem as error:
        raise Stop(error.detail, _CODES.get(error.status, FAILED)) from error
    except psycopg.OperationalError as error:
        raise Stop(f"The database does not answer: {error}", UNAVAILABLE) from error
    except psycopg.Error as error:
        raise Stop(f"The database refused: {error}", FAILED) from error


def show_installed(owner: str, api_key: str | None, warnings: Sequence[str]) -> None:
    """Print the owner's credentials, the one time that they can be."""
    for warning in warnings:
        output.note(f"Warning: {warning}")
    if api_key is None:
        return
    output.note("Workspace `main` was made. Its owner's credentials are shown this once:")
    output.write(f"owner    {owner}\napi key  {api_key}\n")
    output.flush()
