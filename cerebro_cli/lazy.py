"""The one table of commands: name, one-line help, and where the code is.

Nothing is imported before it is asked for: `cerebro --help` reads this table and nouns.json only.
Nouns without verbs of their own need no line here; they come from nouns.json.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from cerebro_cli import facts


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
        return self.group == RECORDS


START = "Start and run"
RECORDS = "Records"
MORE = "More"

_NOUN = "cerebro_cli.noun:noun"
_SERVER = "cerebro_server.commands"
_TABLE = (
    Command("up", START, "Start everything on this machine.", f"{_SERVER}.up:app", "all"),
    Command("serve", START, "Run the API server alone.", f"{_SERVER}.serve:app", "server"),
    Command("db", START, "Upgrade the database, or show its state.", f"{_SERVER}.db:app", "server"),
    Command("doctor", START, "Say what runs and what is wrong.", f"{_SERVER}.doctor:app", "all"),
    Command("reset", START, "Delete this machine's data.", f"{_SERVER}.reset:app", "all"),
    Command(
        "changes",
        RECORDS,
        "See who changed what, and when.",
        "cerebro_cli.commands.workspace.changes:app",
    ),
    Command(
        "completion", MORE, "Print a script for your shell.", "cerebro_cli.commands.completion:app"
    ),
)
ENTRY_POINTS = "cerebro.commands"


@cache
def built_in() -> Mapping[str, Command]:
    """Return the commands of this distribution by name, in the order that help shows."""
    listed = {command.name: command for command in _TABLE}
    own = [
        Command(noun.name, RECORDS, _about(noun), _NOUN)
        for noun in facts.nouns().values()
        if noun.name not in listed
    ]
    order = [START, RECORDS, MORE]
    commands = sorted([*own, *_TABLE], key=lambda command: order.index(command.group))
    return {command.name: command for command in commands}


def every() -> Mapping[str, Command]:
    """Return the built-in commands and those of third parties; ours win a clash of names."""
    return {**third_party(), **built_in()}


def find(name: str) -> Command | None:
    """Return a command by name; third parties are looked at only when it is none of ours."""
    return built_in().get(name) or third_party().get(name)


def nearest(word: str) -> str | None:
    """Return the command that a word was probably meant to be."""
    return facts.nearest(word, list(every()))


def load(command: Command, verb: str | None = None) -> Any:
    """Import a command and return its Typer app; of a plain noun only that verb, if it has it."""
    module, _, attribute = command.target.partition(":")
    target = getattr(import_module(module), attribute or "app")
    made: Callable[[str, str | None], Any] = target
    return made(command.name, verb) if command.target == _NOUN else target


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


def _about(noun: facts.Noun) -> str:
    return f"List, read, change, import and export {noun.name.replace('_', ' ')}."


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
