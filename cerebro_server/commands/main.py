"""`python -m cerebro_server COMMAND`: the server's own commands, without the rest of the CLI."""

from __future__ import annotations

import sys
from importlib import import_module

from cerebro_cli import exits, output

_COMMANDS = ("serve", "worker", "relay", "db", "up", "doctor", "reset", "workspaces", "demo")


def main() -> int:
    """Run a command and return its exit code."""
    output.prepare()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in _COMMANDS:
        output.note(f"Usage: python -m cerebro_server {{{','.join(_COMMANDS)}}} …")
        return exits.USAGE
    app = import_module(f"cerebro_server.commands.{name}").app
    try:
        code = app(sys.argv[2:], prog_name=f"cerebro {name}", standalone_mode=False)
    except Exception as error:
        verdict = exits.judge(error)
        for line in verdict.lines:
            output.note(line)
        return verdict.code
    return code if isinstance(code, int) else exits.OK
