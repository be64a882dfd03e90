"""Records that are there twice: `cerebro contacts duplicates scan`, `list`, `merge` …"""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from cerebro_cli import exits, facts, options, output, plans, show
from cerebro_cli.context import Run
from cerebro_cli.verbs import reading
from cerebro_cli.verbs.acting import Act, each, words

Pair = Annotated[
    str, typer.Argument(metavar="PAIR", help="The pair: its id, or the end of it, as lists show.")
]
Pairs = Annotated[
    list[str],
    typer.Argument(metavar="PAIR...", help="Pairs, by the ends of their ids; - reads them."),
]
Some = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PAIR...]", help="Pairs, by the ends of their ids; - reads them."),
]
State = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="open, dismissed or merged.")
]
MinScore = Annotated[
    float | None, typer.Option("--min-score", metavar="N", help="Of at least this score, 0 to 1.")
]
MaxScore = Annotated[
    float | None, typer.Option("--max-score", metavar="N", help="Of at most this score.")
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", help="So many by chance, to judge the rules by."),
]
Above = Annotated[
    float | None,
    typer.Option("--above", metavar="N", help="All open pairs of at least this score: 0.98."),
]
Set = Annotated[
    str | None,
    typer.Option("--set", metavar="FILE", help="Use these rules, a JSON file; - reads stdin."),
]
Reset = Annotated[
    bool, typer.Option("--reset", help="Go back to the rules that come with Cerebro.")
]
_FIELDS = {
    **{"id": "uuid", "score": "decimal", "one_id": "uuid", "one_title": "text"},
    **{"other_id": "uuid", "other_title": "text", "reasons": "object", "state": "text"},
    **{"rules_version": "integer", "found_at": "datetime", "decided_at": "datetime"},
    "record_type": "text",
}
_PAIRS = facts.Noun(
    *("pairs", "pair", "workspace", "one_title", "", ()),
    ("id", "score", "one_title", "other_title", "reasons"),
    (),
    {
        name: facts.Field(name, kind, name.capitalize(), "", False, False)
        for name, kind in _FIELDS.items()
    },
)


class Command(NamedTuple):
    """One command, with examples of it."""

    function: Callable[..., int | None]
    examples: tuple[str, ...]


def scan(ctx: typer.Context, *, json: options.Json = False) -> int:
    """Compare all records by the rules, and keep the pairs that are probably one.

    What was dismissed stays so. It runs in the background; Ctrl-C leaves it to the server.
    """
    run: Run = ctx.obj
    kind = f"{run.facts.name}.find_duplicates"
    found = plans.follow(run, run.crm.operations.raw.create(kind))
    if json:
        output.write_json(found)
    report = found.get("report") or {}
    output.note(
        f"{report.get('pairs', 0):,} pairs, {report.get('new', 0):,} of them new; "
        f"{report.get('compared', 0):,} compared."
    )
    if large := report.get("large_blocks"):
        output.note(f"{large:,} values are too common: who shares one was compared in part.")
    if report.get("pairs"):
        output.note(f"To look at them: cerebro {run.facts.name} duplicates list")
    return plans.code_of(found)


def list_(
    ctx: typer.Context,
    *,
    state: State = None,
    min_score: MinScore = None,
    max_score: MaxScore = None,
    sample: Sample = None,
    limit: options.Limit = reading.LIMIT,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List the pairs that scans found, the surest first, and why.

    With --sample, so many by chance: look at them to see how good the rules are.
    """
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    cells = {"reasons": _reasons, "score": _score}
    shape = show.Shape(_PAIRS, form, show.columns(columns, _PAIRS), cells)
    asked = {"min_score": min_score, "max_score": max_score, "sample": sample}
    reading.pages(
        lambda most: run.records.duplicates.list(state, **asked, limit=most),
        shape=shape,
        limit=None if all_ else limit,
    )


def show_(ctx: typer.Context, *, pair: Pair, json: options.Json = False) -> None:
    """Show both records of a pair side by side, and why they are probably one."""
    run: Run = ctx.obj
    found = run.records.duplicates.get(pair)
    if json:
        output.write_json(found)
        return
    output.write_pairs(
        [
            ("score", _score(found, True)),
            ("why", _reasons(found, False)),
            ("state", str(found["state"])),
            ("records", f"{found['one_id']} | {found['other_id']}"),
            *((str(field["label"]), _beside(field)) for field in found["fields"]),
        ]
    )


def dismiss(ctx: typer.Context, *, pairs: Pairs, json: options.Json = False) -> None:
    """Say that the records of these pairs are two; later scans keep that."""
    run: Run = ctx.obj
    _perform(run, pairs, Act("dismiss", "dismissed", run.records.duplicates.dismiss), json=json)


def reopen(ctx: typer.Context, *, pairs: Pairs, json: options.Json = False) -> None:
    """Take back that pairs were dismissed."""
    run: Run = ctx.obj
    _perform(run, pairs, Act("reopen", "open again", run.records.duplicates.reopen), json=json)


def merge(
    ctx: typer.Context,
    *,
    pairs: Some = None,
    above: Above = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Merge pairs: these, or all that are open from a score on.

    Pairs that share a record become one. Of each group the record that says most stays, of equals
    the oldest. A group in which a pair was dismissed is left out, and so is what you may not
    change. One undo splits all of them; `split` takes back a single one.
    """
    run: Run = ctx.obj
    named = words(pairs or [])
    if bool(named) == (above is not None):
        raise exits.usage(
            "Say which pairs, or --above which score.",
            hint=f"cerebro {run.facts.name} duplicates merge --above 0.98 --dry-run",
        )
    asked: dict[str, Any] = {"above": above}
    if named:
        asked = {"pairs": [run.records.duplicates.get(pair)["id"] for pair in named]}

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.create(
            f"{run.facts.name}.merge", {"duplicates": asked}, yes=at_once
        )
        return found

    which = f"the {run.facts.name} of {len(named)} pairs" if named else f"all pairs above {above}"
    return plans.carry_out(
        run,
        start,
        f"Merge {which}?",
        plans.Manner(dry_run, yes, json, is_whole=True),
        about=_groups,
    )


def rules(
    ctx: typer.Context, *, set_: Set = None, reset: Reset = False, json: options.Json = False
) -> None:
    """Show the rules by which duplicates are found, as JSON, or set others.

    Change what it prints, and hand it back with --set. An error names the rule that it is about.
    """
    run: Run = ctx.obj
    calls = run.records.duplicates
    if set_ is not None and reset:
        raise exits.usage("--set and --reset do not go together.")
    if reset:
        found = calls.reset_rules()
    else:
        found = calls.rules() if set_ is None else calls.set_rules(_read(set_))
    if (set_ is None and not reset) or json:
        output.write_json(found if json else found["rules"])
    whose = "come with Cerebro" if found["is_default"] else "are the workspace's own"
    output.note(f"Version {found['version']}; they {whose}.")


def group(about: facts.Noun, make: Callable[[str], typer.Typer]) -> typer.Typer:
    """Return the commands below `duplicates` of a noun; `make` makes an empty group."""
    app = make(f"Find {about.name} that are there twice, look at them, merge them.")
    for name, command in COMMANDS.items():
        path = f"cerebro {about.name} duplicates {name}"
        examples = "\n".join(f"  {path} {rest}".rstrip() for rest in command.examples)
        app.command(name, epilog=f"\b\nExamples:\n{examples}")(command.function)
    return app


COMMANDS: Mapping[str, Command] = {
    "scan": Command(scan, ("", "--json")),
    "list": Command(list_, ("", "--min-score 0.9 --all --jsonl", "--sample 20")),
    "show": Command(show_, ("1a2b3c4d", "1a2b3c4d --json")),
    "dismiss": Command(dismiss, ("1a2b3c4d", "- < ids.txt")),
    "reopen": Command(reopen, ("1a2b3c4d",)),
    "merge": Command(merge, ("1a2b3c4d 5e6f7a8b --yes", "--above 0.98 --dry-run")),
    "rules": Command(rules, ("> rules.json", "--set rules.json", "--reset")),
}


def _read(path: str) -> dict[str, Any]:
    """Read a document of rules."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        found = json_.loads(text)
    except OSError as error:
        raise exits.usage(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise exits.usage(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise exits.usage(f"{path} holds no object; `duplicates rules` prints one.")
    inner = found.get("rules")
    return inner if isinstance(inner, dict) else found


def _perform(run: Run, refs: list[str], act: Act, *, json: bool) -> None:
    done = each(words(refs), act)
    if json:
        output.write_json(done[0] if len(done) == 1 else done)
    output.note(f"{len(done)} {'pair' if len(done) == 1 else 'pairs'} {act.done}.")


def _score(pair: Mapping[str, Any], brief: bool) -> str:
    return f"{pair['score']:.2f}" if brief else str(pair["score"])


def _reasons(pair: Mapping[str, Any], brief: bool) -> str:
    return ", ".join(str(reason["text"]) for reason in pair["reasons"])


def _beside(field: Mapping[str, Any]) -> str:
    one, other = (_text(field[name]) for name in ("one", "other"))
    return one if field["is_same"] else f"{one or '-'} | {other or '-'}"


def _text(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else output.dump_json(value)


def _groups(found: dict[str, Any]) -> list[str]:
    report = found.get("report") or {}
    said = [f"{report.get('groups', 0):,} groups are merged."] if "groups" in report else []
    if left_out := report.get("left_out"):
        said.append(f"{left_out:,} pairs are left out: dismissed, locked, or not yours to change.")
    if lost := report.get("lost_count"):
        said.append(f"{lost:,} values of records that go are lost, unless it is undone.")
    return said
