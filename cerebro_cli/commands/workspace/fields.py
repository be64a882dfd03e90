"""`cerebro fields`: what a workspace keeps of its records besides what every workspace does."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from cerebro_cli import edit, exits, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs import reading
from cerebro_cli.verbs.acting import Act, perform

NounName = Annotated[str, typer.Argument(metavar="NOUN", help="Whose field it is: contacts.")]
OneNoun = Annotated[str | None, typer.Argument(metavar="[NOUN]", help="Only of this noun.")]
KeyName = Annotated[
    str, typer.Argument(metavar="KEY", help="The word that filters and files go by, for good.")
]
Words = Annotated[
    list[str], typer.Argument(metavar="NOUN KEY", help="Which field: contacts tier, or its path.")
]
Changes = Annotated[
    list[str],
    typer.Argument(metavar="NOUN KEY KEY=VALUE...", help="Which field, and what to change of it."),
]
Type = Annotated[str, typer.Option("--type", metavar="TYPE", help="What a value may be.")]
Label = Annotated[str | None, typer.Option("--label", help="What people call it.")]
Description = Annotated[str | None, typer.Option("--description", help="What it is for.")]
Choices = Annotated[
    str | None, typer.Option("--options", metavar="A,B", help="What can be chosen, of a select.")
]
Required = Annotated[bool, typer.Option("--required", help="New records must have it.")]
Indexed = Annotated[bool, typer.Option("--indexed", help="Make filters and sorts by it quick.")]
Unique = Annotated[bool, typer.Option("--unique", help="No two records may have the same value.")]
Default = Annotated[
    str | None, typer.Option("--default", metavar="VALUE", help="What new records have.")
]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of fields."""
    return noun(name, verb, own=_OWN)


def add(
    ctx: typer.Context,
    *,
    record_type: NounName,
    key: KeyName,
    kind: Type = "text",
    label: Label = None,
    description: Description = None,
    choices: Choices = None,
    required: Required = False,
    indexed: Indexed = False,
    unique: Unique = False,
    default: Default = None,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Give the records of a noun a field."""
    run: Run = ctx.obj
    given = {
        "record_type": record_type,
        "key": key,
        "type": kind,
        "label": label,
        "description": description,
        "options": None if choices is None else _listed(choices),
        "is_required": required or None,
        "is_indexed": indexed or None,
        "is_unique": unique or None,
        "default": default,
    }
    payload = {name: value for name, value in given.items() if value is not None}
    field = run.records.create(payload, dry_run=dry_run)
    if json:
        output.write_json(field)
    if dry_run:
        output.note(f"Dry run: {show.label(field, run.facts)} would be added; nothing was written.")
        return
    output.note(
        f"1 field added: {show.label(field, run.facts)}. It can be used at once.{_index(field)}"
    )


def list_(
    ctx: typer.Context,
    *,
    record_type: OneNoun = None,
    where: options.Where = None,
    sort: options.Sort = "record_type,position",
    limit: options.Limit = 500,
    all_: options.All = False,
    deleted: options.Deleted = False,
    count: options.Count = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List fields, in the order in which records show them."""
    quoted = "" if record_type is None else f"record_type = {output.dump_json(record_type)}"
    asked = " and ".join(f"({part})" for part in (quoted, where) if part) or None
    reading.list_(
        ctx,
        where=asked,
        sort=sort,
        limit=limit,
        all_=all_,
        deleted=deleted,
        count=count,
        columns=columns,
        json=json,
        jsonl=jsonl,
        csv=csv,
        ids=ids,
    )


def update(
    ctx: typer.Context,
    *,
    words: Changes,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Change a field: label, description, options, default, position, required, indexed, unique."""
    run: Run = ctx.obj
    path, pairs = _path(words)
    if not pairs:
        raise exits.usage("Nothing to change.", hint="Write label='Class of service', for example.")
    pairs = [_SHORT.sub(r"is_\g<0>", pair) for pair in pairs]
    given = [pair for pair in pairs if not pair.startswith("options=")]
    payload = edit.payload(given, run.facts)
    for pair in pairs:
        if pair.startswith("options="):
            payload["options"] = _listed(pair.partition("=")[2])
    field = run.records.update(path, payload, dry_run=dry_run)
    if json:
        output.write_json(field)
    if dry_run:
        output.note(f"Dry run: {show.label(field, run.facts)} would change; nothing was written.")
        return
    output.note(f"1 field updated: {show.label(field, run.facts)}.{_index(field)}")


def activate(ctx: typer.Context, *, words: Words) -> None:
    """Bring a field back that was deactivated, with its values."""
    _switch(ctx.obj, words, on=True)


def deactivate(ctx: typer.Context, *, words: Words) -> None:
    """Take a field out of sight; its values are kept."""
    _switch(ctx.obj, words, on=False)


def remove(
    ctx: typer.Context, *, words: Words, dry_run: options.DryRun = False, yes: options.Yes = False
) -> None:
    """Remove a field; records keep its values, and `restore` brings both back."""
    run: Run = ctx.obj
    act = Act("remove", "removed", run.records.delete, undo="restore")
    perform(run, [_only_path(words)], act, form=None, dry_run=dry_run, yes=yes)


def _switch(run: Run, words: list[str], *, on: bool) -> None:
    field = run.records.update(_only_path(words), {"is_active": on})
    undo = "deactivate" if on else "activate"
    output.note(
        f"1 field {'activated' if on else 'deactivated'}: {show.label(field, run.facts)}. "
        f"To undo: cerebro fields {undo} {field['path']}"
    )


def _index(field: dict[str, Any]) -> str:
    if field.get("index_state") != "building":
        return ""
    return f" Its index is being built: cerebro fields get {field['path']}"


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _path(words: list[str]) -> tuple[str, list[str]]:
    """Return the reference, and what follows: `contacts tier`, `contacts.tier`, or an id."""
    first, *rest = words
    if rest and "." not in first and "=" not in rest[0]:
        return f"{first}.{rest[0]}", rest[1:]
    return first, rest


def _only_path(words: list[str]) -> str:
    path, rest = _path(words)
    if rest:
        raise exits.usage(f"What is {rest[0]!r}? Name one field, such as contacts tier.")
    return path


_SHORT = re.compile(r"^(required|indexed|unique)(?==)")
_REF: Any = ("contacts tier", "contacts.tier")
_OWN = {
    "add": Own(
        add,
        (
            "contacts tier --type select --options gold,silver,bronze --default bronze",
            "companies renewal_on --type date --label 'Renews on' --required",
            "companies contract_no --unique",
        ),
        "Types: text, long_text, integer, decimal, percent, currency, boolean, date, datetime, "
        "time, duration, email, phone, url, domain, select, multi_select, user, team, "
        "person_name, address, rating, checklist, range, date_range, barcode, color.",
    ),
    "list": Own(list_, ("", "contacts", "--columns path,type,options --json")),
    "update": Own(
        update,
        (
            "contacts tier label='Class of service'",
            "contacts.tier options=gold,silver,iron",
            "contacts tier indexed=true",
        ),
    ),
    "activate": Own(activate, _REF),
    "deactivate": Own(deactivate, _REF),
    "remove": Own(remove, (*_REF, "contacts tier --dry-run")),
}
