"""What words were meant to be that no command knows: where such a verb, or such an option, is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebro_cli import completion, exits, facts, lazy

_SHOWN = 4
_KNOWN = "contacts"
"""Who stands for all records, where they do the same."""


def command(word: str) -> exits.Stop:
    """Return the error for a first word that is no command, to be raised. A verb is one of some
    command, and a mistyped word is nearest to either."""
    verbs: dict[str, list[str]] = {}
    for name in lazy.every():
        for verb in completion.verbs(name):
            verbs.setdefault(verb, []).append(name)
    said, every = f"There is no command {word!r}.", "`cerebro --help` lists them."
    near = word if word in verbs else facts.nearest(word, [*lazy.every(), *verbs])
    if near is None:
        return exits.usage(said, hint=every)
    if lazy.find(near) is not None:
        return exits.usage(f"{said} Did you mean {near}?", hint=every)
    names = sorted(verbs[near], key=lambda name: name != _KNOWN)
    shown = [f"`cerebro {name} {near}`" for name in names]
    ways = (
        f"{shown[0]}, or the same of other records" if len(shown) > _SHOWN else _listed(shown, "or")
    )
    first = shown[0].removesuffix("`")
    return exits.usage(f"{said} Did you mean {ways}?", hint=f"{first} --help` shows how.")


def usage(error: Any) -> exits.Stop:
    """Return one of Typer's errors as ours, to be raised: with the verbs that there are, where it
    is about one, and with the verbs that have an option, where this one has not."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "cerebro"
    message, more = error.format_message(), ""
    option = getattr(error, "option_name", None)
    below = getattr(getattr(context, "command", None), "commands", None)
    if option is not None and hasattr(error, "possibilities"):
        if more := _others(path.split()[1:], option):
            message = error.message  # without what merely looks like it
    elif below:  # what is a group's own mistake: it has no argument but the verb
        more = f"There are: {', '.join(_verbs(path.split()[1:]) or below)}."
    return exits.Stop(
        f"{message}\n{more}".rstrip(),
        getattr(error, "exit_code", exits.USAGE),
        hint=f"`{path} --help` shows how.",
    )


def _others(path: list[str], option: str) -> str:
    """Say which verbs beside this one have an option: those that are called nearly the same, or
    else all."""
    *above, verb = path or [""]
    having = [name for name, options in _verbs(above).items() if option in options]
    having = [name for name in having if name.startswith(f"{verb}-")] or having
    if verb in having or not having:
        return ""
    first, *more = having
    shown = [" ".join(["cerebro", *above, first]), *more]
    return f"{option} goes with {_listed([f'`{name}`' for name in shown], 'and')}."


def _verbs(path: list[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the verbs below a command, or below a verb of it, with their options."""
    if len(path) > 1:
        return completion.DUPLICATES if path[1] == facts.DUPLICATES else {}
    return completion.verbs(path[0]) if path else {}


def _listed(names: list[str], joined_by: str) -> str:
    *most, last = names
    return f"{', '.join(most)} {joined_by} {last}" if most else last
