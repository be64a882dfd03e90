"""`cerebro teams`: users who share their records."""

from __future__ import annotations

import typer

from cerebro_cli.noun import noun
from cerebro_cli.verbs import trees


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of teams."""
    return noun(name, verb, own=trees.OWN)
