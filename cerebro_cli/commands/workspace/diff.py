"""`cerebro diff`: what became of any record."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import exits, facts, options
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_cli.verbs import history

app = single()

Record = Annotated[
    list[str],
    typer.Argument(
        metavar="NOUN/REF", help="Which record: companies/acme.example; also as two words."
    ),
]
_WORDS = 2


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro diff companies/acme.example --since 2026-11-01\n"
    "  cerebro diff contacts ada@acme.example --since 3 --until 5 --json\n"
    "  cerebro diff companies/acme.example --since 'now - 7d' --columns field,old,new,actor"
)
def diff(
    ctx: typer.Context,
    *,
    record: Record,
    since: options.Since = None,
    until: options.Until = None,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
) -> None:
    """See what became of a record between two moments, and who changed what last.

    A moment is a day, a time with its zone, 'now - 30d', a version of the record, or seq:812.
    """
    run: Run = ctx.obj
    noun, slash, ref = "/".join(record).partition("/")
    about = facts.nouns().get(noun)
    if not slash or not ref or len(record) > _WORDS:
        raise exits.usage("A record is named as NOUN/REF: companies/acme.example.")
    if about is None or "diff" not in about.verbs:
        known = [name for name, each in facts.nouns().items() if "diff" in each.verbs]
        near = None if about else facts.nearest(noun, known)
        meant = f" Did you mean {near}?" if near else ""
        said = f"{noun} have no diff." if about else f"There are no {noun!r}.{meant}"
        raise exits.usage(said, hint=f"Nouns: {', '.join(known)}")
    run.noun = about
    history.diff(
        ctx, ref=ref, since=since, until=until, columns=columns, json=json, jsonl=jsonl, csv=csv
    )
