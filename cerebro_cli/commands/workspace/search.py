"""`cerebro search`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_cli.output import Format
from cerebro_sdk.display import short_id, visible

app = single()
_COLUMNS = ("record", "title", "subtitle", "found in")

Words = Annotated[
    list[str], typer.Argument(metavar="WORDS...", help="Words, or how they begin, in any order.")
]
In = Annotated[
    str | None,
    typer.Option("--in", metavar="NOUNS", help="Only in these: companies,contacts."),
]


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro search grav inv\n"
    "  cerebro search 'ada lovelace' --in contacts\n"
    "  cerebro search lovlace --json\n"
    "  cerebro search acme --in companies --ids | cerebro companies delete -\n\n"
    "One letter may be wrong, in a word of five letters or more."
)
def search(
    ctx: typer.Context,
    *,
    words: Words,
    in_: In = None,
    limit: options.Limit = 20,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    ids: options.Ids = False,
) -> None:
    """Find records by any word of their names, addresses or numbers; best first."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=False, ids=ids))
    hits = run.crm.search.raw(" ".join(words), nouns=in_, limit=limit)
    _write(hits, form)
    output.note(f"{len(hits)} found." if hits else "Nothing found.")


def _write(hits: list[dict[str, Any]], form: Format) -> None:
    if form is Format.JSON:
        output.write_json(hits)
    elif form is Format.JSONL:
        output.write("".join(f"{output.dump_json(hit)}\n" for hit in hits))
    elif form is Format.IDS:
        output.write("".join(f"{visible(str(hit['record_id']))}\n" for hit in hits))
    elif hits or form is not Format.TABLE:
        output.write_table(_COLUMNS, (_row(hit, brief=form is Format.TABLE) for hit in hits))


def _row(hit: Mapping[str, Any], *, brief: bool) -> list[str]:
    ref = str(hit["record_id"])
    matched = hit.get("matched") or {}
    return [
        visible(f"{hit['record_type']}/{short_id(ref) if brief else ref}"),
        visible(str(hit.get("title") or "")),
        visible(str(hit.get("subtitle") or "")),
        visible(str(matched.get("field") or "")),
    ]
