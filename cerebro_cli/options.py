"""Options and arguments that several commands share, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import exits, output
from cerebro_cli.output import Format

Reference = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="Id, natural key, source:external-id, or the last 6 or more characters of the id.",
        show_default=False,
    ),
]
References = Annotated[
    list[str],
    typer.Argument(metavar="REF...", help="One or more; - reads them from stdin, one a line."),
]
SomeReferences = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REF...",
        help="One or more; - reads them from stdin, one a line.",
        show_default=False,
    ),
]
RefAndPairs = Annotated[
    list[str],
    typer.Argument(
        metavar="[REF] KEY=VALUE...",
        help="Which record, unless --where says it, and the fields to set; `key=` empties one.",
    ),
]
OneAndPairs = Annotated[
    list[str],
    typer.Argument(
        metavar="REF KEY=VALUE...",
        help="Which record, and the fields to set; `key=` empties one.",
    ),
]
Pairs = Annotated[
    list[str],
    typer.Argument(metavar="KEY=VALUE...", help="Fields to set; `key=` empties one."),
]
PairsOrStdin = Annotated[
    list[str],
    typer.Argument(
        metavar="KEY=VALUE...", help="Fields to set; a single - reads JSON lines from stdin."
    ),
]
Where = Annotated[
    str | None,
    typer.Option("--where", "-w", metavar="EXPR", help="Only those that this filter fits."),
]
Sort = Annotated[
    str | None,
    typer.Option("--sort", "-s", metavar="FIELDS", help="Order, such as -employees,name."),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="How many at most.")]
All = Annotated[bool, typer.Option("--all", help="All of them; overrides --limit.")]
Count = Annotated[bool, typer.Option("--count", help="Write how many there are, and nothing else.")]
Deleted = Annotated[bool, typer.Option("--deleted", help="The deleted ones instead.")]
WithDeleted = Annotated[bool, typer.Option("--deleted", help="Also if it is deleted.")]
Columns = Annotated[
    str | None, typer.Option("--columns", "-c", metavar="A,B", help="Which columns, in order.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="After this; a day from its beginning."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="WHEN", help="Up to this; a day to its end.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="WHEN", help="As it was: 2026-09-01 (its end), 'now - 30d', seq:812."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON: an array, or one object.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Write one JSON object a line.")]
Csv = Annotated[bool, typer.Option("--csv", help="Write CSV with a header.")]
Ids = Annotated[bool, typer.Option("--ids", help="Write full ids, one a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AllOrNothing = Annotated[
    bool,
    typer.Option(
        "--all-or-nothing", help="Write all rows in one transaction, or none; at most 10 000."
    ),
]
ForceFields = Annotated[
    bool,
    typer.Option(
        "--force-fields",
        help="Of records that were changed since, take back the fields that were not.",
    ),
]
AllowInvalid = Annotated[
    bool,
    typer.Option("--allow-invalid", help="Keep phone numbers that cannot be read, flagged."),
]
AllowDuplicates = Annotated[
    bool,
    typer.Option("--allow-duplicates", help="Even if it is probably there already."),
]
IfVersion = Annotated[
    int | None,
    typer.Option("--if-version", min=1, metavar="N", help="Only if it is at this version."),
]


def asked(
    *, json: bool, jsonl: bool, csv: bool, ids: bool = False, count: bool = False
) -> Format | None:
    """Return the one format that was asked for, if any."""
    formats = [
        form
        for form, wanted in (
            (Format.JSON, json),
            (Format.JSONL, jsonl),
            (Format.CSV, csv),
            (Format.IDS, ids),
            (Format.COUNT, count),
        )
        if wanted
    ]
    if len(formats) > 1:
        both = " and ".join(f"--{form}" for form in formats)
        raise exits.usage(f"{both} exclude each other.")
    return formats[0] if formats else None


def fitting(form: Format | None) -> Format:
    """Return the format that was asked for, else what fits stdout."""
    return form or (Format.TABLE if output.to_terminal() else Format.TABS)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before writing; without a terminal on stdin there is nobody to ask."""
    if yes:
        return
    must_be_able_to_ask(question)
    output.note(f"{question} [y/N] ")
    if input().strip().lower() not in ("y", "yes"):
        raise exits.Stop("Nothing was written.")


def must_be_able_to_ask(what: str) -> None:
    """End with 2 when the command would have to ask and nobody is there."""
    if not output.can_ask():
        raise exits.usage(f"{what} There is nobody to ask here.", hint="Say --yes to go ahead.")
