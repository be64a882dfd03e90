"""`cerebro sessions`: who is signed in."""

from __future__ import annotations

import typer

from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import on_each


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of sessions."""
    return noun(name, verb, own=_OWN)


end = on_each("end", "ended", "End sessions: sign somebody out, or yourself somewhere else.")
_OWN = {"end": Own(end, ("1a2b3c4d", "- --yes < ids.txt"))}
