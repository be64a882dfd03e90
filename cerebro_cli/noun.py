"""`noun("companies")`: the commands that every noun has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

import typer

from cerebro_cli import facts
from cerebro_cli.context import Run

_SAMPLES = {
    "domain": "acme.example",
    "email": "ada@acme.example",
    "integer": "42",
    "boolean": "true",
    "url": "https://acme.example",
}
_VERBS: Mapping[str, str] = {
    "list": "reading:list_",
    "get": "reading:get",
    "create": "writing:create",
    "update": "writing:update",
    "delete": "deleting:delete",
    "restore": "deleting:restore",
    "import": "importing:import_",
    "export": "exporting:export",
}


def application(help_: str) -> typer.Typer:
    """Return an empty group of commands, set up as all of ours: plain help, no completion."""
    return typer.Typer(
        help=help_,
        epilog="--profile, --url and --debug, as in `cerebro --help`, go anywhere.",
        add_completion=False,
        rich_markup_mode=None,  # Rich's help costs 3.5 times `import typer`
        pretty_exceptions_enable=False,
    )


def noun(name: str, verb: str | None = None) -> typer.Typer:
    """Return the command group of a noun, from what nouns.json says of it.

    A noun with verbs of its own adds them to what this returns, in
    `commands/<component>/<noun>.py`, and has a line in `lazy.py`; a plain noun needs neither.
    A noun that is only read gets no verbs here. With `verb`, only that one is made: 12 ms less.
    """
    about = facts.nouns()[name]
    words = name.replace("_", " ")
    app = application(f"{words.capitalize()}: one command for each thing to do with them.")

    def enter(ctx: typer.Context) -> None:
        run: Run = ctx.obj
        run.noun = about

    app.callback()(enter)
    if about.writable:
        for word in (verb,) if verb is not None and verb in _VERBS else tuple(_VERBS):
            function = _function(word)
            summary = (function.__doc__ or "").replace("records", words)
            app.command(
                word,
                help=summary.replace("a record", f"a {about.singular}"),
                epilog=_epilog(about, word),
            )(function)
    return app


def _function(verb: str) -> Callable[..., int | None]:
    module, _, name = _VERBS[verb].partition(":")
    found: Callable[..., int | None] = getattr(import_module(f"cerebro_cli.verbs.{module}"), name)
    return found


def _epilog(about: facts.Noun, verb: str) -> str:
    examples = "\n".join(
        f"  cerebro {about.name} {verb} {rest}".rstrip() for rest in _examples(about)[verb]
    )
    text = f"\b\nExamples:\n{examples}"
    if verb in ("create", "update"):
        text += f"\n\n\b\nFields:\n{_field_lines(about)}"
    if verb in ("list", "export"):
        text += f"\n\nFields: {', '.join(about.fields)}."
    if verb == "list":
        text += (
            "\n\nOn a terminal this is a table; on a pipe, lines of tab-separated columns under "
            "a line of names. --json and --jsonl write every field."
        )
    return text


def _examples(about: facts.Noun) -> dict[str, list[str]]:
    ref = _sample(about.fields[about.keys[0]]) if about.keys else "1a2b3c4d"
    given = [field for field in about.writable if field.required_on_create]
    given += [about.fields[key] for key in about.keys if about.fields[key] not in given]
    given = given or list(about.writable[:1])
    pairs = " ".join(f"{field.name}={_sample(field)}" for field in given)
    text = next((f.name for f in about.writable if f.kind == "text" and f not in given), "name")
    change = f"{text}=Other"
    return {
        "list": [
            "",
            f"--where '{text} = Example' --sort -created_at",
            f"--where '{text} contains am' --columns {given[0].name},{text} --all --csv",
        ],
        "get": [ref, f"{ref} --json"],
        "create": [pairs, f"{pairs} external_ids.crm=4711 --dry-run", "- < records.jsonl"],
        "update": [f"{ref} {change}", f"{ref} {text}= --if-version 3"],
        "delete": [ref, "- --yes < ids.txt"],
        "restore": ["1a2b3c4d"],
        "import": [
            f"{about.name}.csv --dry-run",
            f"{about.name}.csv --preset salesforce --yes",
        ],
        "export": [
            f"-o {about.name}.csv",
            f"--where '{text} = Example' --format jsonl > some.jsonl",
        ],
    }


def _sample(field: facts.Field) -> str:
    return _SAMPLES.get(field.kind, "Acme")


def _field_lines(about: facts.Noun) -> str:
    wide = max(len(field.name) for field in about.writable)
    kinds = max(len(field.kind) for field in about.writable)
    return "\n".join(
        f"  {field.name.ljust(wide)}  {field.kind.ljust(kinds)}  "
        f"{'Required. ' if field.required_on_create else ''}{field.description}"
        for field in about.writable
    )
