"""`cerebro doctor`: what runs, where things are, what is wrong and how to mend it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import output
from cerebro_cli.exits import FAILED
from cerebro_sdk import profiles
from cerebro_server.commands import checks, environment, service_checks
from cerebro_server.commands.checks import Check
from cerebro_server.embedded import places
from cerebro_server.embedded.lock import holder_of
from cerebro_server.embedded.places import Places
from cerebro_server.embedded.postgres import url_of

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_PACKAGES = ("fastapi", "uvicorn", "pydantic", "psycopg", "sqlalchemy", "alembic", "redis", "typer")


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the data lives; else CEREBRO_DATA_DIR, the current profile's, yours."
        ),
    ] = None,
) -> None:
    """Say what runs, which versions, where the data lives, what is wrong and how to mend it.

    Ends with 0 when nothing has failed, with 1 otherwise; a warning is no failure.

    Example: cerebro doctor --json
    """
    found = places.find((data_dir or environment.likely_data_dir()).expanduser(), may_create=False)
    holder = holder_of(found.data_dir)
    facts = _facts(found, holder)
    listed = list(_checks(found, holder))
    failed = any(check.state == "fail" for check in listed)
    if as_json:
        rows = [{**check._asdict(), "mend": _mend(check)} for check in listed]
        output.write_json({"ok": not failed, "facts": facts, "checks": rows})
    else:
        _print(facts, listed)
    output.flush()
    if failed:
        raise typer.Exit(FAILED)


def _facts(found: Places, holder: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "cerebro": _version("cerebro-platform"),
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in _PACKAGES},
        "data directory": str(found.data_dir),
        "stores": str(found.stores),
        "sockets": str(found.sockets),
        "stores run as": found.account.name,
        "profiles": str(profiles.folder() / "profiles.json"),
        "url": holder.get("url") if holder else None,
        "processes": {"supervisor": holder.get("pid"), **holder.get("children", {})}
        if holder
        else {},
    }


def _checks(found: Places, holder: dict[str, Any] | None) -> Iterator[Check]:
    yield from checks.machine(found, holder)
    if os.environ.get("CEREBRO_DATABASE_URL"):
        yield from service_checks.database({})
    elif holder is not None:
        values = {"database_url": url_of(found.sockets)}
        try:
            values["secret_key"] = found.secret_file.read_text().strip()
        except OSError as error:
            yield Check("secret key", "fail", str(error), "Run doctor as the user who runs `up`.")
        yield from service_checks.database(values)
    if holder is not None and "url" in holder:
        yield service_checks.api(str(holder["url"]))
    yield service_checks.profile()


def _print(facts: dict[str, Any], listed: list[Check]) -> None:
    lines = [
        (name, ", ".join(f"{k} {v}" for k, v in value.items()) or "none")
        if isinstance(value, dict)
        else (name, str(value or "none"))
        for name, value in facts.items()
    ]
    output.write_pairs(lines)
    output.write("\n")
    output.write_pairs((f"{check.state:4}  {check.name}", _told(check)) for check in listed)


def _told(check: Check) -> str:
    return f"{check.found}\n→ {_mend(check)}" if _mend(check) else check.found


def _mend(check: Check) -> str:
    return "" if check.state == "ok" else check.mend


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
