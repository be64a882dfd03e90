"""Making one record of several, and taking it back: as operations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cerebro_cli import edit, exits, lists, options, output, plans
from cerebro_cli.context import Run

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="REF... [KEY=VALUE...]",
        help="The records that go, in the order in which they fill what is empty, and fields to "
        "set in the one that stays.",
    ),
]
Into = Annotated[
    str, typer.Option("--into", metavar="REF", help="The record that stays.", show_default=False)
]
Take = Annotated[
    list[str] | None,
    typer.Option(
        "--take",
        metavar="FIELD=REF",
        help="Whose value a field gets, instead of its own; as often as you like.",
    ),
]
_LOST = 5


def merge(
    ctx: typer.Context,
    *,
    words: Words,
    into: Into,
    take: Take = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Make one record of several.

    The one that stays keeps its values and gets what it lacks; lists are united, consent is the one
    that allows least. What named the others names it then, and their ids lead to it.
    """
    run: Run = ctx.obj
    noun = run.facts
    refs = [word for word in words if "=" not in word]
    pairs = [word for word in words if "=" in word]
    if not refs:
        raise exits.usage("Say which records go.", hint=f"cerebro {noun.name} merge REF --into REF")
    plain, steps = lists.split(pairs, noun)
    if steps:
        raise exits.usage("The lists of all are united; += and -= are for `update`, afterwards.")
    asked: dict[str, Any] = {"into": into, "records": refs, "values": edit.payload(plain, noun)}
    asked["take"] = dict(_whose(word) for word in take or ())

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.create(
            f"{noun.name}.merge", asked, yes=at_once
        )
        return found

    many = noun.singular if len(refs) == 1 else noun.name
    question = f"Merge {len(refs)} {many} into {into}?"
    manner = plans.Manner(dry_run, yes, json, is_whole=True)
    return plans.carry_out(run, start, question, manner, about=_lost)


def split(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Take back the last merge that a record took part in.

    Either record will do, the one that stayed or one that went. What somebody changed since stays
    as it is.
    """
    run: Run = ctx.obj

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.records.split(ref, yes=at_once).raw
        return found

    return plans.carry_out(run, start, "Split them again?", plans.Manner(dry_run, yes, json))


def _whose(word: str) -> tuple[str, str]:
    field, equals, ref = word.partition("=")
    if not equals or not field.strip() or not ref.strip():
        raise exits.usage(f"--take {word!r} is not FIELD=REF.")
    return field.strip(), ref.strip()


def _lost(found: dict[str, Any]) -> list[str]:
    """Return the values that the merge loses, a line each."""
    report = found.get("report") or {}
    lost = list(report.get("lost") or ())[:_LOST]
    said = [
        f"Lost: {each['field']} of {str(each['record_id'])[-8:]}: {output.dump_json(each['value'])}"
        for each in lost
    ]
    rest = int(report.get("lost_count") or 0) - len(lost)
    return [*said, f"Lost: {rest:,} more values"] if rest > 0 else said
