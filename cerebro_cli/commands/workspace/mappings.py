"""`cerebro mappings`: what the columns of files were taken for, saved for the next one."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun

Of = Annotated[str | None, typer.Argument(metavar="NOUN", help="Only of files of one noun.")]
Noun = Annotated[str, typer.Argument(metavar="NOUN", help="The noun of its files: contacts.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it was saved as.")]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of mappings."""
    return noun(name, verb, own=_OWN)


def list_(
    ctx: typer.Context,
    *,
    of: Of = None,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
) -> None:
    """List the mappings that were saved with `import --save-mapping`."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=False))
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts))
    count = show.many(run.records.list(of), shape)
    output.note(f"{count} {run.facts.singular if count == 1 else run.facts.name}.")


def show_(ctx: typer.Context, *, of: Noun, name: Name, json: options.Json = False) -> None:
    """Show which column becomes which field."""
    run: Run = ctx.obj
    found = run.records.get(of, name)
    if json:
        output.write_json(found)
        return
    about = [(label, found[field]) for label, field in _ABOUT if found[field]]
    output.write_pairs(
        [*about, *((column, to or "(left out)") for column, to in found["columns"].items())]
    )


def delete(ctx: typer.Context, *, of: Noun, name: Name, yes: options.Yes = False) -> None:
    """Delete a mapping; what was imported by it stays."""
    run: Run = ctx.obj
    options.confirm(f"Delete the mapping {name} of {of}?", yes=yes)
    run.records.delete(of, name)
    output.note(f"The mapping {name} of {of} is deleted.")


_ABOUT = (("preset", "preset"), ("key", "key"), ("saved", "updated_at"))
_OWN = {
    "list": Own(list_, ("", "contacts", "--json")),
    "show": Own(show_, ("contacts observatory", "contacts observatory --json")),
    "delete": Own(delete, ("contacts observatory --yes",)),
}
