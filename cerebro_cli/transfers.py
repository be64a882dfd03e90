"""What commands about exports of several nouns have in common."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from cerebro_cli import exits


class FolderFormat(StrEnum):
    """What the files of a folder are."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    SQL = "sql"


Nouns = Annotated[
    str | None,
    typer.Option(
        "--nouns", metavar="A,B", help="Which: contacts,companies; all you may if left out."
    ),
]
Format = Annotated[
    FolderFormat,
    typer.Option(
        "--format",
        "-f",
        help="A JSON object a line, CSV with a header, SQL for PostgreSQL, or Parquet (the "
        "server's extra parquet).",
    ),
]
Wheres = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        metavar="NOUN:EXPR",
        help="Only those of a noun that this filter fits: 'contacts: country = DE'.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="CURSOR",
        help="Only what changed after this: the cursor of an export before, or start.",
    ),
]


def names(text: str | None) -> list[str] | None:
    """Return the nouns that were named; None where none were."""
    if text is None:
        return None
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise exits.usage("--nouns names none.")
    return found


def filters(texts: Sequence[str] | None) -> dict[str, str] | None:
    """Return the filter of each noun."""
    found: dict[str, str] = {}
    for text in texts or ():
        noun, colon, where = text.partition(":")
        if not colon or not where.strip() or not noun.strip().isidentifier():
            raise exits.usage(
                f"--where {text!r} names no noun.", hint="Say NOUN:EXPR: 'contacts: country = DE'."
            )
        if noun.strip() in found:
            raise exits.usage(f"There are two filters for {noun.strip()}; join them with `and`.")
        found[noun.strip()] = where.strip()
    return found or None
