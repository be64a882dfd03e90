"""Changing and deleting all records that a filter fits: as operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cerebro_cli import edit, exits, lists, plans
from cerebro_cli.context import Run


def for_one(**said: object) -> None:
    """Refuse options that are about one record where a filter says which."""
    for name, value in said.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise exits.usage(f"{option} does not go with --where.")


def for_many(**said: object) -> None:
    """Refuse options that are about many records where one is named."""
    for name, value in said.items():
        if value:
            raise exits.usage(f"--{name.replace('_', '-')} goes with --where.")


def update(run: Run, pairs: Sequence[str], where: str, manner: plans.Manner) -> int:
    """Set fields of every record that the filter fits."""
    noun = run.facts
    if "=" not in pairs[0]:
        raise exits.usage(f"Say REF ({pairs[0]}), or --where, not both.")
    plain, steps = lists.split(pairs, noun)
    if steps:
        raise exits.usage(
            f"{steps[0].field.name}+= and -= are for one record; with --where, write "
            f"{steps[0].field.name}=VALUE, which sets the whole list."
        )
    asked = {"where": where, "values": edit.payload(plain, noun)}
    return _carried_out(run, "update", asked, manner)


def delete(run: Run, where: str, manner: plans.Manner) -> int:
    """Delete every record that the filter fits."""
    return _carried_out(run, "delete", {"where": where}, manner)


def _carried_out(run: Run, verb: str, asked: dict[str, Any], manner: plans.Manner) -> int:
    run.query = asked["where"]
    noun = run.facts.name

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.create(
            f"{noun}.{verb}", asked, yes=at_once, all_or_nothing=manner.is_whole
        )
        return found

    question = f"{verb.capitalize()} all {noun} that fit?"
    return plans.carry_out(run, start, question, manner)
