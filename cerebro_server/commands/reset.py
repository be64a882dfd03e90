"""`cerebro reset`: delete what `cerebro up` made on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from cerebro_cli import output
from cerebro_cli.exits import FAILED, USAGE, Stop
from cerebro_server.commands import credentials
from cerebro_server.embedded import AlreadyRunningError, leftovers, places
from cerebro_server.embedded.lock import NAME, DataDirLock
from cerebro_server.embedded.places import POINTER, Places, default_data_dir

app = typer.Typer(rich_markup_mode=None, add_completion=False)

# Only what we made is removed: a mistyped --data-dir must not cost anybody a folder.
_OURS = ("postgres", "postgres.half", "redis", "logs", "secret_key", POINTER, NAME)


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where the data lives; else CEREBRO_DATA_DIR, else your data directory."),
    ] = None,
) -> None:
    """Delete the data of `cerebro up` on this machine, all of it, for good.

    Refuses while a server runs on it. Databases named by CEREBRO_DATABASE_URL are not touched.

    Example: cerebro reset --yes
    """
    place = (data_dir or default_data_dir()).expanduser().resolve()
    if not (place / NAME).exists():
        output.note(f"There is no data in {place}; nothing was removed.")
        return
    if not yes:
        _confirm(place)
    try:
        lock = DataDirLock(place)
    except AlreadyRunningError as error:
        running = f"process {error.holder.get('pid', '?')}"
        raise Stop(
            f"A server runs with the data of {place} ({running}); nothing was removed.",
            FAILED,
            hint="Stop it first with Ctrl-C, or by SIGTERM to that process.",
        ) from None
    with lock:
        removed = _remove(places.find(place, may_create=False))
    name = credentials.forget(place)
    for path in removed:
        output.note(f"Removed {path}")
    if name is not None:
        output.note(f"Removed profile {name}")


def _confirm(place: Path) -> None:
    if not output.can_ask():
        raise Stop(
            f"This deletes the data of {place} for good, and nobody is there to ask: add --yes.",
            USAGE,
        )
    typer.confirm(f"Delete the data of {place} for good?", abort=True, err=True)


def _remove(found: Places) -> list[Path]:
    leftovers.await_end(found.postgres)
    folders = [found.data_dir / name for name in _OURS]
    if found.stores != found.data_dir:
        folders.insert(0, found.stores)
    removed = []
    for path in [*folders, found.sockets]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists() or path.is_symlink():
            path.unlink()
        else:
            continue
        removed.append(path)
    if not any(found.data_dir.iterdir()):
        found.data_dir.rmdir()
    return removed
