"""`cerebro export`: a whole workspace as a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import exits, options, output, transfers
from cerebro_cli.context import Run
from cerebro_cli.noun import single

app = single()

NoAttachments = Annotated[
    bool,
    typer.Option("--no-attachments", help="Leave out the bytes of attached files."),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where to; made if it is not there.")]


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro export backup\n"
    "  cerebro export germany --nouns contacts --where 'contacts: country = DE'\n"
    "  cerebro export lake --format parquet --yes\n"
    "  cerebro export tables --format sql\n"
    '  cerebro export monday --since "$(jq -r .cursor backup/manifest.json)"\n\n'
    "The folder gets a file for each noun, fields.json (the custom fields), manifest.json, and "
    "below files/ the bytes of attached files. All of them show one moment; stdout gets its "
    "cursor, which --since takes. Interrupted, the same "
    "command goes on where it stopped."
)
def export(
    ctx: typer.Context,
    *,
    folder: Folder,
    nouns: transfers.Nouns = None,
    form: transfers.Format = transfers.FolderFormat.JSONL,
    where: transfers.Wheres = None,
    since: transfers.Since = None,
    no_attachments: NoAttachments = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Export everything, or some nouns, into a folder.

    With --since, only what changed after a cursor; deleted.jsonl lists what is gone.
    """
    run: Run = ctx.obj
    if folder.exists() and not folder.is_dir():
        raise exits.usage(f"{folder} is no folder.")
    holds_one = (folder / "manifest.json").exists()
    if holds_one:
        options.confirm(f"{folder} holds an export already. Replace it?", yes=yes)
    shown = _Shown()
    try:
        found = run.crm.export(
            folder,
            transfers.names(nouns),
            format=form.value,
            where=transfers.filters(where),
            since=since,
            replace=holds_one,
            attachments=not no_attachments,
            on_progress=shown,
        )
    except KeyboardInterrupt:
        shown.end()
        output.note("Interrupted. The same command goes on where it stopped.")
        raise
    finally:
        shown.end()
    if json:
        output.write_json(found.model_dump(mode="json"))
    else:
        output.write(f"{found.cursor}\n")
    counts = ", ".join(f"{file.rows:,} {file.noun}" for file in found.files if file.noun)
    output.note(f"Exported to {folder}: {counts}.")
    output.note(f"To export what changes from here on: cerebro export DIR --since {found.cursor}")


class _Shown:
    """A line on the terminal that says how far it is."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()

    def __call__(self, progress: Any) -> None:
        if not self._shows:
            return
        if progress.path is None:
            rows, total = progress.export["rows"], progress.export["total_rows"]
            text = f"Writing … {rows:,}/{total:,} records" if total else "Waiting for a worker …"
        else:
            width = 30 * progress.done // max(progress.total, 1)
            bar = f"[{'#' * width}{'.' * (30 - width)}]"
            text = f"{bar} {progress.done >> 10:,}/{progress.total >> 10:,} kB  {progress.path}"
        sys.stderr.write(f"\r\x1b[K{output.readable(text)}")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
