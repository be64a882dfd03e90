"""The one table of commands: name, one-line help, and where the code is.

Nothing is imported before it is asked for: `cerebro --help` reads this table and nouns.json only.
Nouns without verbs of their own need no line here; they come from nouns.json. A line gives them
another place or another sentence.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from cerebro_cli import exits, facts


class Command(NamedTuple):
    """One word after `cerebro`."""

    name: str
    group: str
    help: str
    target: str
    """`module:attribute`: a Typer app, or a function that makes one from the command's name."""
    extra: str = "cli"
    """The extra of cerebro-platform that brings what it imports."""

    @property
    def talks(self) -> bool:
        """Whether it is a client of a server, so that --url and --profile go with it."""
        return self.group in (RECORDS, PEOPLE)


START = "Start and run"
RECORDS = "Records"
PEOPLE = "People and rights"
MORE = "More"
GROUPS = (START, RECORDS, PEOPLE, MORE)

_NOUN = "cerebro_cli.noun:noun"
_SERVER = "cerebro_server.commands"
_IDENTITY = "cerebro_cli.commands.identity"
_TABLE = (
    Command("up", START, "Start everything on this machine.", f"{_SERVER}.up:app", "all"),
    Command("serve", START, "Run the API server alone.", f"{_SERVER}.serve:app", "server"),
    Command("worker", START, "Run what happens later.", f"{_SERVER}.worker:app", "server"),
    Command("relay", START, "Turn changes into jobs.", f"{_SERVER}.relay:app", "server"),
    Command("db", START, "Upgrade the database, or show its state.", f"{_SERVER}.db:app", "server"),
    Command(
        "workspaces",
        START,
        "List, make and remove workspaces.",
        f"{_SERVER}.workspaces:app",
        "all",
    ),
    Command("demo", START, "Load demo data, or take it out.", f"{_SERVER}.demo:app", "all"),
    Command("doctor", START, "Say what runs and what is wrong.", f"{_SERVER}.doctor:app", "all"),
    Command("reset", START, "Delete this machine's data.", f"{_SERVER}.reset:app", "all"),
    Command(
        "changes",
        RECORDS,
        "See who changed what, and when.",
        "cerebro_cli.commands.workspace.changes:app",
    ),
    Command(
        "diff", RECORDS, "See what became of a record.", "cerebro_cli.commands.workspace.diff:app"
    ),
    Command(
        "export",
        RECORDS,
        "Export everything into a folder.",
        "cerebro_cli.commands.workspace.export:app",
    ),
    Command(
        "exports",
        RECORDS,
        "Export in the background; hand out links.",
        "cerebro_cli.commands.workspace.exports:app",
    ),
    Command(
        "fields",
        RECORDS,
        "Give records fields of your own.",
        "cerebro_cli.commands.workspace.fields:app",
    ),
    Command(
        "files",
        RECORDS,
        "Attach files to records, and fetch them.",
        "cerebro_cli.commands.workspace.files:app",
    ),
    Command(
        "import",
        RECORDS,
        "Take in a whole folder of another CRM's files.",
        "cerebro_cli.commands.workspace.dumps:app",
    ),
    Command(
        "operations",
        RECORDS,
        "See, apply and take back what touched many records.",
        "cerebro_cli.commands.workspace.operations:app",
    ),
    Command(
        "undo",
        RECORDS,
        "Take back an edit, an import, anything.",
        "cerebro_cli.commands.workspace.undo:app",
    ),
    Command(
        "jobs",
        RECORDS,
        "See what happens later, or failed.",
        "cerebro_cli.commands.workspace.jobs:app",
    ),
    Command(
        "mappings",
        RECORDS,
        "See what columns of files are, as saved.",
        "cerebro_cli.commands.workspace.mappings:app",
    ),
    Command(
        "search",
        RECORDS,
        "Find records by any word of them.",
        "cerebro_cli.commands.workspace.search:app",
    ),
    Command(
        "deals",
        RECORDS,
        "Sell: list, change, move, win and lose deals.",
        "cerebro_cli.commands.sales.deals:app",
    ),
    Command(
        "opportunities",
        RECORDS,
        "List deals that are open, and what they will bring.",
        "cerebro_cli.commands.sales.reports.opportunities:app",
    ),
    Command(
        "quotes",
        RECORDS,
        "Offer: make, send, revise and print quotes.",
        "cerebro_cli.commands.sales.quotes:app",
    ),
    Command(
        "reports",
        RECORDS,
        "Count deals: pipeline, funnel, win rate, as of any day.",
        "cerebro_cli.commands.sales.reports:app",
    ),
    Command(
        "forecast",
        RECORDS,
        "See what deals will bring, when, and what changed.",
        "cerebro_cli.commands.sales.reports:alone",
    ),
    Command("login", PEOPLE, "Sign in to a server.", f"{_IDENTITY}.login:app"),
    Command("logout", PEOPLE, "Sign out, and forget the profile.", f"{_IDENTITY}.logout:app"),
    Command("whoami", PEOPLE, "Say who you are here.", f"{_IDENTITY}.whoami:app"),
    Command("password", PEOPLE, "Change your password, or reset it.", f"{_IDENTITY}.password:app"),
    Command(
        "leads",
        RECORDS,
        "Keep leads, and convert them.",
        "cerebro_cli.commands.sales.leads:app",
    ),
    Command(
        "lead_forms",
        RECORDS,
        "Keep web forms, and get their HTML.",
        "cerebro_cli.commands.sales.lead_forms:app",
    ),
    Command(
        "tasks",
        RECORDS,
        "Keep what is to be done, and do it.",
        "cerebro_cli.commands.activities.tasks:app",
    ),
    Command(
        "territories",
        RECORDS,
        "Keep the parts of your market, in a tree.",
        "cerebro_cli.commands.sales.territories:app",
    ),
    Command("users", PEOPLE, "Keep the people who sign in.", f"{_IDENTITY}.users:app"),
    Command("teams", PEOPLE, "Keep the teams that share records.", f"{_IDENTITY}.teams:app"),
    Command("roles", PEOPLE, "Keep what people may do.", _NOUN),
    Command("keys", PEOPLE, "Make and revoke keys for programs.", f"{_IDENTITY}.keys:app"),
    Command("sessions", PEOPLE, "See who is signed in; end it.", f"{_IDENTITY}.sessions:app"),
    Command("access", PEOPLE, "Say who may do what, and why.", f"{_IDENTITY}.access:app"),
    Command(
        "completion", MORE, "Print a script for your shell.", "cerebro_cli.commands.completion:app"
    ),
)
SET_PASSWORD = f"{_SERVER}.set_password:run"
"""What `cerebro users set-password` runs, on the machine of the server."""
ENTRY_POINTS = "cerebro.commands"


@cache
def built_in() -> Mapping[str, Command]:
    """Return the commands of this distribution by name, in the order that help shows."""
    listed = {command.name: command for command in _TABLE}
    own = [
        Command(noun.name, _group(noun), _about(noun), _NOUN)
        for noun in facts.nouns().values()
        if noun.name not in listed
    ]
    commands = sorted([*own, *_TABLE], key=lambda command: GROUPS.index(command.group))
    return {command.name: command for command in commands}


def every() -> Mapping[str, Command]:
    """Return the built-in commands and those of third parties; ours win a clash of names."""
    return {**third_party(), **built_in()}


def find(name: str) -> Command | None:
    """Return a command by name; third parties are looked at only when it is none of ours."""
    return built_in().get(name) or third_party().get(name)


def load(command: Command, verb: str | None = None) -> Any:
    """Import a command and return its Typer app; of a noun only that verb, if it has it."""
    target = _imported(command.target)
    if command.target.startswith("cerebro_cli.") and isinstance(target, FunctionType):
        return target(command.name, verb)
    return target


def on_server(target: str, *, extra: str, **arguments: Any) -> None:
    """Call a function of the server, for a command that runs on its machine."""
    try:
        _imported(target)(**arguments)
    except ModuleNotFoundError as error:
        raise exits.missing(str(error.name).partition(".")[0], extra=extra) from None


def _imported(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute or "app")


def third_party() -> Mapping[str, Command]:
    """Return the commands that other distributions add by the entry point `cerebro.commands`.

    Reading entry points costs a third of `import typer`, so what was found is remembered in the
    cache folder until a folder of the import path changes, as every install makes it do.
    """
    stamp = _stamp()
    remembered = _remembered()
    if remembered.get("stamp") == stamp:
        pairs = remembered["commands"]
    else:
        from importlib.metadata import entry_points

        pairs = [(point.name, point.value) for point in entry_points(group=ENTRY_POINTS)]
        _remember({"stamp": stamp, "commands": pairs})
    return {
        name: Command(name, MORE, f"From {value.partition('.')[0].partition(':')[0]}.", value)
        for name, value in pairs
    }


def _group(noun: facts.Noun) -> str:
    return PEOPLE if noun.component == "identity" else RECORDS


def _about(noun: facts.Noun) -> str:
    files = ", change, import and export" if "import" in noun.verbs else " and change"
    return f"List, read{files} {noun.name.replace('_', ' ')}."


def _stamp() -> list[list[Any]]:
    folders = [folder for folder in sys.path if folder and Path(folder).is_dir()]
    return [[folder, Path(folder).stat().st_mtime_ns] for folder in folders]


def _cache_file() -> Path:
    folder = os.environ.get("CEREBRO_CACHE_DIR")
    if folder is None:
        from platformdirs import user_cache_dir  # 5 ms, and only for help and unknown words

        folder = user_cache_dir("cerebro")
    return Path(folder) / "commands.json"


def _remembered() -> dict[str, Any]:
    try:
        found = json.loads(_cache_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "commands" in found else {}


def _remember(found: dict[str, Any]) -> None:
    file = _cache_file()
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(found), encoding="utf-8")
        partial.replace(file)
    except OSError:
        pass  # a home that cannot be written to costs time, nothing else
