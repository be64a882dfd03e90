"""`cerebro --help`, written from the table of commands without importing any of them."""

from __future__ import annotations

from collections.abc import Mapping

from cerebro_cli import lazy

_HEAD = """\
Cerebro, a headless CRM: one server, and this is its command line.

Usage: cerebro [OPTIONS] COMMAND [ARGUMENTS]
"""
_TAIL = """\
Options:
  --profile NAME  Use this saved server and key (also CEREBRO_PROFILE).
  --url URL       Use this server (also CEREBRO_URL; the key: CEREBRO_API_KEY).
  --debug         Show where an error comes from.
  --version       Show the version.
  --help          Show this, or after a command: what it does, with examples.

Examples:
  cerebro up
  cerebro companies create name="Gravity Investments" domain=gravity.example
  cerebro companies list --where 'employees > 10' --sort -employees
  cerebro changes list --record companies/gravity.example

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed,
2 usage or a value refused, 4 not signed in or forbidden, 5 not found,
6 conflict, 7 unavailable, 130 interrupted.
"""


def text(commands: Mapping[str, lazy.Command]) -> str:
    """Return the help of `cerebro` itself, with these commands."""
    wide = max(len(name) for name in commands) + 2
    groups: dict[str, list[str]] = {}
    for command in commands.values():
        line = f"  {command.name.ljust(wide)}{command.help}"
        groups.setdefault(command.group, []).append(line)
    order = [group for group in lazy.GROUPS if group in groups]
    blocks = [f"{group}:\n" + "\n".join(groups[group]) + "\n" for group in order]
    return "\n".join([_HEAD, *blocks, _TAIL])
