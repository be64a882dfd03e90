"""Secrets: asked for without showing them, or read from stdin; never taken from arguments."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from cerebro_cli import edit, exits, output

PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read it from stdin, not from the terminal.")
]


class Secret(NamedTuple):
    """Something to ask for."""

    name: str
    """`Password`, as the question is put."""
    is_new: bool = False
    """Whether it is being chosen, and so asked for twice."""


def secrets(*wanted: Secret, from_stdin: bool, option: str = "--password-stdin") -> list[str]:
    """Return what was asked for, in order; from stdin each is one line."""
    names = " and ".join(secret.name.lower() for secret in wanted)
    if from_stdin:
        return _lines(wanted, names, option)
    if not output.can_ask():
        raise exits.usage(
            f"There is nobody here to ask for: {names}.",
            hint=f"{option} reads from stdin, one line each.",
        )
    return [_asked(secret, option) for secret in wanted]


def line(question: str, *, option: str) -> str:
    """Ask for something that may be shown."""
    if not output.can_ask():
        raise exits.usage(f"{option} is missing, and there is nobody here to ask.")
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    text = input().strip()
    if not text:
        raise exits.usage(f"{question} is needed.")
    return text


def _lines(wanted: Sequence[Secret], names: str, option: str) -> list[str]:
    if output.can_ask():
        raise exits.usage(
            "stdin is a terminal, which would show what is typed.",
            hint=f"Leave {option} out to be asked.",
        )
    lines = [text.rstrip("\r\n") for _, text in edit.stdin_lines()]
    if len(lines) != len(wanted) or not all(lines):
        each = "a line each" if len(wanted) > 1 else "one line"
        raise exits.usage(f"stdin should hold {each}: {names}; it holds {len(lines)} lines.")
    return lines


def _asked(secret: Secret, option: str) -> str:
    first = _hidden(secret.name, option)
    if secret.is_new and _hidden(f"{secret.name} again", option) != first:
        raise exits.usage("The two are not the same; nothing was changed.")
    if not first:
        raise exits.usage(f"{secret.name} is needed.")
    return first


def _hidden(name: str, option: str) -> str:
    import getpass  # with warnings and termios 3 ms, and only where somebody is asked
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{name}: ")
        except getpass.GetPassWarning:
            hint = f"{option} reads from stdin."
            raise exits.usage("This terminal would show what is typed.", hint=hint) from None
