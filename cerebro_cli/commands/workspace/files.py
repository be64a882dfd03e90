"""`cerebro files`: what is attached to records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import exits, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun

Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="One or more; - reads one from stdin (with --name)."),
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="What it is called, if not as on this disk."),
]
Description = Annotated[
    str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")
]
Type = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="What it is, where its bytes do not tell."),
]
Contact = Annotated[
    str | None, typer.Option("--contact", metavar="REF", help="Attach it to this contact.")
]
Company = Annotated[
    str | None, typer.Option("--company", metavar="REF", help="Attach it to this company.")
]
Deal = Annotated[str | None, typer.Option("--deal", metavar="REF", help="Attach it to this deal.")]
Lead = Annotated[str | None, typer.Option("--lead", metavar="REF", help="Attach it to this lead.")]
Quote = Annotated[
    str | None, typer.Option("--quote", metavar="REF", help="Attach it to this quote.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="Where to; a folder, a file, or -."),
]
Hours = Annotated[
    float, typer.Option("--hours", metavar="N", min=0.001, max=168, help="How long it is good.")
]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of files."""
    return noun(name, verb, own=_OWN)


def add(
    ctx: typer.Context,
    *,
    paths: Paths,
    contact: Contact = None,
    company: Company = None,
    deal: Deal = None,
    lead: Lead = None,
    quote: Quote = None,
    description: Description = None,
    name: Name = None,
    type_: Type = None,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Attach files to a record, or to several."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    if name is not None and len(paths) > 1:
        raise exits.usage("--name is for one file; these are several.")
    sources = list(_sources(paths, name))
    to = {"contact": contact, "company": company, "deal": deal, "lead": lead, "quote": quote}
    more = {"description": description, "content_type": type_}
    added: list[dict[str, Any]] = []
    for source in sources:
        added.append(run.records.add(source, name, **to, **more))
        output.note(f"  {show.label(added[-1], run.facts)}  {added[-1]['size']:,} bytes")
    if form is not None and len(added) == 1:
        show.one(added[0], show.Shape(run.facts, form))
    elif form is not None:
        show.many(added, show.Shape(run.facts, form))
    count = len(added)
    back = " ".join(str(each["id"]) for each in added) if count <= 3 else "ID..."
    what = "file" if count == 1 else "files"
    output.note(f"{count} {what} added. To undo: cerebro files delete {back}")


def download(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    target: Output = None,
    deleted: options.WithDeleted = False,
) -> None:
    """Fetch the bytes of a file; it keeps its name unless told otherwise."""
    run: Run = ctx.obj
    if target == "-":
        run.records.download(ref, sys.stdout.buffer, deleted=deleted)
        sys.stdout.buffer.flush()
        return
    record = run.records.get(ref, deleted="include" if deleted else "exclude")
    path = Path(target or ".")
    is_ours = path.is_dir()
    if is_ours:
        path /= _plain(record)
    if is_ours and path.exists():
        raise exits.usage(f"{path} is there already; say where to with --output.")
    size = run.records.download(record["id"], path, deleted=deleted)
    output.note(f"{size:,} bytes written to {output.readable(str(path))}.")


def link(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    hours: Hours = 1.0,
    json: options.Json = False,
) -> None:
    """Print a link to a file: whoever has it needs no key to fetch it."""
    run: Run = ctx.obj
    found = run.records.link(ref, max(1, round(hours * 3_600)))
    if json:
        output.write_json(found)
    else:
        output.write(f"{output.readable(str(found['url']))}\n")
    output.note(f"Good until {str(found['expires_at'])[:16].replace('T', ' ')} UTC.")


def _sources(paths: list[str], name: str | None) -> Iterator[Any]:
    """Yield what is read, each looked at before the first is sent."""
    for text in paths:
        if text == "-":
            if len(paths) > 1 or name is None:
                raise exits.usage("- reads one file from stdin, and needs --name.")
            yield sys.stdin.buffer
            continue
        if not Path(text).is_file():
            raise exits.usage(f"There is no file {text}.")
        yield Path(text)


def _plain(record: dict[str, Any]) -> str:
    """Return a file's name, if it is one: nothing is written outside of the folder."""
    name = str(record["name"])
    if name in ("", ".", "..") or Path(name).name != name or name.startswith("."):
        return f"file-{str(record['id'])[-12:]}"
    return name


_OWN = {
    "add": Own(
        add,
        (
            "offer.pdf --deal 12",
            "*.pdf --company acme.example --description 'Signed contracts'",
            "- --name notes.txt --contact ada@acme.example < notes.txt",
        ),
    ),
    "download": Own(download, ("1a2b3c4d", "1a2b3c4d -o /tmp", "1a2b3c4d -o - > offer.pdf")),
    "link": Own(link, ("1a2b3c4d", "1a2b3c4d --hours 24")),
}
