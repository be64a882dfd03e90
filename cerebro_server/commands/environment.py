"""What the commands that need a database share: settings, and errors put in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cerebro_cli import output
from cerebro_cli.exits import FAILED, UNAVAILABLE, USAGE, Stop

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


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a database may answer into a message without a traceback."""
    import psycopg

    from cerebro_server.kernel.errors import Problem

    try:
        yield
    except Problem as error:
        raise Stop(error.detail, UNAVAILABLE if error.status == 503 else FAILED) from error
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
    output.close()
