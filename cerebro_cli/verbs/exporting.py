"""Exporting records to a file or to stdout."""

from __future__ import annotations

import contextlib
import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cerebro_cli import exits, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.exits import ReaderGone
from cerebro_sdk.display import visible

_CARD = b"\nEND:VCARD"
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class FileFormat(StrEnum):
    """What a file is."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    VCARD = "vcard"
    PARQUET = "parquet"
    SQL = "sql"


ExportFormat = Annotated[
    FileFormat,
    typer.Option(
        "--format",
        "-f",
        help="CSV with a header, a JSON object a line, a workbook, Parquet, SQL for PostgreSQL, "
        "or, for contacts, vCards.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        "-c",
        metavar="A,B",
        help="Which columns, in order; company.name is one of a related record.",
    ),
]
Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to; stdout if left out."),
]

Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="CURSOR",
        help="Only what changed after this: the cursor that an export before ended with, or start.",
    ),
]
Gone = Annotated[
    Path | None,
    typer.Option(
        "--gone",
        metavar="FILE",
        help="With --since: where to list what is deleted, as JSON lines.",
    ),
]
_BINARY = (FileFormat.XLSX, FileFormat.PARQUET)
_UNCOUNTED = (*_BINARY, FileFormat.SQL)


def export(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    sort: options.Sort = None,
    form: ExportFormat = FileFormat.CSV,
    columns: Columns = None,
    target: Target = None,
    since: Since = None,
    gone: Gone = None,
) -> None:
    """Export records to a file or to stdout."""
    run: Run = ctx.obj
    run.query = where
    chosen = _chosen(columns, run)
    if form in _BINARY and target is None and output.to_terminal():
        what = "A workbook" if form is FileFormat.XLSX else "Parquet"
        raise exits.usage(f"{what} is nothing to read on a terminal; name a file: --output.")
    if gone is not None and since is None:
        raise exits.usage("--gone goes with --since: what is gone is told from a cursor on.")
    asked = {"where": where, "sort": sort, "format": str(form), "columns": chosen, "since": since}
    cursor = _write_gone(run, since, gone) if since is not None else None
    counter = _Counter(form)
    if target is not None:
        # the SDK writes beside it and renames, so that half a file never bears its name
        run.records.export(target, **asked)
        if form not in _UNCOUNTED:
            counter.read(target)
    elif output.to_terminal():
        _to_people(counter.passing(run.records.export(**asked)))
    else:
        _to_pipe(counter.passing(run.records.export(**asked)))
    noun = run.facts
    where_to = f" to {target}" if target else ""
    if form in _UNCOUNTED:
        output.note(f"{noun.name.capitalize()} exported{where_to}.")
    else:
        count = counter.records
        output.note(f"{count} {noun.singular if count == 1 else noun.name} exported{where_to}.")
    if cursor is not None:
        output.note(f"To go on from here: --since {cursor}")


def _write_gone(run: Run, since: str, target: Path | None) -> str | None:
    """Write what is gone, or say how much that is; return where the next export goes on.

    Before the records: what happens in between comes again with the next export.
    """
    stream = run.records.export(since=since, part="gone")
    count = 0
    with target.open("wb") if target else contextlib.nullcontext() as file:
        for piece in stream:
            count += piece.count(b"\n")
            if file is not None:
                file.write(piece)
    noun = run.facts.singular if count == 1 else run.facts.name
    if count or target:
        where_to = f", listed in {target}" if target else "; --gone FILE lists them"
        output.note(f"{count} {noun} gone since{where_to}.")
    found: str | None = stream.cursor
    return found


def _chosen(columns: str | None, run: Run) -> tuple[str, ...] | None:
    """Check the record's own columns; where paths lead the server knows."""
    names = tuple(name.strip() for name in (columns or "").split(",") if name.strip())
    own = ",".join(name for name in names if not _PATH.fullmatch(name))
    if own or not names:
        show.columns(own if names else columns, run.facts)
    return names or None


class _Counter:
    """Counts records as they pass: line ends that do not stand inside quotes, less the header; of
    vCards their ends."""

    def __init__(self, form: FileFormat) -> None:
        self._form = form
        self._lines = 0
        self._quoted = False
        self._last = b"\n"
        self._held = b""

    @property
    def records(self) -> int:
        lines = self._lines + (self._last != b"\n")
        return max(lines - 1, 0) if self._form is FileFormat.CSV else lines

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if chunk:
                self._count(chunk)
                self._last = chunk[-1:]
            yield chunk

    def read(self, path: Path) -> None:
        """Count what was written to a file; what is none, such as /dev/null, holds nothing."""
        if path.is_file():
            with path.open("rb") as file:
                for _ in self.passing(iter(lambda: file.read(1 << 20), b"")):
                    pass

    def _count(self, chunk: bytes) -> None:
        if self._form is FileFormat.VCARD:
            # a value never begins a line: folded ones begin with a blank
            held = self._held + chunk
            self._lines += held.count(_CARD)
            self._held = held[len(held) - len(_CARD) + 1 :]
            return
        if self._form is not FileFormat.CSV:
            self._lines += chunk.count(b"\n")
            return
        for number, part in enumerate(chunk.split(b'"')):
            if number:
                self._quoted = not self._quoted
            if not self._quoted:
                self._lines += part.count(b"\n")


def _to_pipe(chunks: Iterable[bytes]) -> None:
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:  # a test's own stream
        _to_people(chunks)
        return
    try:
        for chunk in chunks:
            stream.write(chunk)
        stream.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def _to_people(chunks: Iterable[bytes]) -> None:
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    for chunk in chunks:
        output.write(visible(decoder.decode(chunk).replace("\r\n", "\n"), keep="\n"))
