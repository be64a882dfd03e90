"""`cerebro deals`: what you may sell to whom, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Annotated, Any

import typer

from cerebro_cli import facts, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import Act, perform, words
from cerebro_cli.verbs.reading import pages

Stage = Annotated[str | None, typer.Option("--stage", metavar="KEY", help="Which stage.")]
Closed = Annotated[
    str | None, typer.Option("--closed-at", metavar="TIME", help="When that was; now, unless told.")
]
Amount = Annotated[
    str | None, typer.Option("--amount", metavar="N", help="What it came to in the end.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="NAME", help="Why, as `lost_reasons list` names.")
]
Note = Annotated[str | None, typer.Option("--note", help="More about why.")]
To = Annotated[
    str | None, typer.Option("--stage", metavar="KEY", help="Where it goes; beside another: there.")
]
Before = Annotated[
    str | None, typer.Option("--before", metavar="REF", help="Right before which deal.")
]
After = Annotated[
    str | None, typer.Option("--after", metavar="REF", help="Right after which deal.")
]
Pipeline = Annotated[
    str | None, typer.Option("--pipeline", metavar="NAME", help="Into another pipeline.")
]
Most = Annotated[
    int, typer.Option("--most", min=1, max=50, help="How many deals of each stage are shown.")
]
Owner = Annotated[
    str | None, typer.Option("--owner", metavar="USER", help="Who is responsible: e-mail, or me.")
]
Team = Annotated[str | None, typer.Option("--team", metavar="KEY", help="The team that shares it.")]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of deals."""
    return noun(name, verb, own=_OWN)


def win(
    ctx: typer.Context,
    *,
    refs: options.References,
    stage: Stage = None,
    amount: Amount = None,
    closed_at: Closed = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Win deals."""
    said = {"stage": stage, "amount": amount, "closed_at": closed_at}
    how = {"json": json, "ids": ids, "dry_run": dry_run, "yes": yes}
    _each(ctx, words(refs), ("win", "won"), said, how)


def lose(
    ctx: typer.Context,
    *,
    refs: options.References,
    reason: Reason = None,
    note: Note = None,
    stage: Stage = None,
    closed_at: Closed = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Lose deals, for a reason."""
    said = {"lost_reason_id": reason, "lost_note": note, "stage": stage, "closed_at": closed_at}
    how = {"json": json, "ids": ids, "dry_run": dry_run, "yes": yes}
    _each(ctx, words(refs), ("lose", "lost"), said, how)


def reopen(
    ctx: typer.Context,
    *,
    refs: options.References,
    stage: Stage = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Open deals again that were won or lost."""
    how = {"json": json, "ids": ids, "dry_run": dry_run, "yes": yes}
    _each(ctx, words(refs), ("reopen", "opened again"), {"stage": stage}, how)


def move(
    ctx: typer.Context,
    *,
    refs: options.References,
    stage: To = None,
    pipeline: Pipeline = None,
    before: Before = None,
    after: After = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Move deals into another stage, or up and down in theirs."""
    how = {"json": json, "ids": ids, "dry_run": dry_run, "yes": yes}
    said = {"stage": stage, "pipeline_id": pipeline, "before": before, "after": after}
    named = words(refs)
    # each goes right after the one that is named, so the last of them first
    _each(ctx, named[::-1] if after else named, ("move", "moved"), said, how)


def assign(
    ctx: typer.Context,
    *,
    refs: options.References,
    owner: Owner = None,
    team: Team = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Give deals to somebody."""
    how = {"json": json, "ids": ids, "dry_run": dry_run, "yes": yes}
    _each(ctx, words(refs), ("assign", "assigned"), {"owner_id": owner, "team": team}, how)


def stages(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List the stages that a deal was in, from when until when."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    about = facts.nouns()["deal_stages"]
    shape = show.Shape(about, form, show.columns(columns, about))
    deal = run.records.get(ref)
    where = f'deal_id = "{deal["id"]}"'
    history = run.crm.deal_stages.raw
    pages(
        lambda most: history.list(where=where, sort="entered_at", limit=most),
        shape=shape,
        limit=None,
    )


def _each(
    ctx: typer.Context,
    refs: Sequence[str],
    verb: tuple[str, str],
    said: Mapping[str, Any],
    how: Mapping[str, bool],
) -> None:
    run: Run = ctx.obj
    name, done = verb
    given = {key: value for key, value in said.items() if value is not None}
    act = Act(name, done, partial(getattr(run.records, name), **given), is_change=True)
    form = options.asked(json=how["json"], jsonl=False, csv=False, ids=how["ids"])
    perform(run, refs, act, form=form, dry_run=how["dry_run"], yes=how["yes"])


def board(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    most: Most = 5,
    json: options.Json = False,
) -> None:
    """Show open deals as columns, one for each stage, with their sums."""
    run: Run = ctx.obj
    run.query = where
    open_ = "status = open" if where is None else f"({where}) and status = open"
    columns = _columns(run.crm.reports.raw.pipeline(where), run, open_, most)
    if json:
        output.write_json(columns)
        return
    heads = [column["label"] for column in columns]
    sums = [column["sums"] for column in columns]
    cards = [[_card(deal) for deal in column["deals"]] for column in columns]
    rows = [row for each in (sums, cards) for row in zip_longest(*each, fillvalue="")]
    output.write_table(heads, rows)
    count = sum(column["count"] for column in columns)
    output.note(f"{count} open deal{'' if count == 1 else 's'}, {len(columns)} stages.")


def _columns(
    sums: Sequence[Mapping[str, Any]], run: Run, where: str, most: int
) -> list[dict[str, Any]]:
    """Return each open stage with the sums of its deals, and the first of these."""
    found: dict[str, dict[str, Any]] = {}
    for row in sums:
        if row["status"] != "open":
            continue
        empty = {"pipeline": row["pipeline"], "stage": row["stage"], "label": row["label"]}
        column = found.setdefault(row["stage_id"], {**empty, "count": 0, "sums": [], "deals": []})
        column["count"] += row["count"]
        if row["count"]:
            column["sums"].append(f"{row['amount']} {row['currency']} ({row['count']})")
    for stage_id, column in found.items():
        asked = f'({where}) and stage_id = "{stage_id}"'
        if column["count"]:
            column["deals"] = list(run.records.list(asked, sort="position", limit=most))
    several = len({column["pipeline"] for column in found.values()}) > 1
    for column in found.values():
        if several:
            column["label"] = f"{column['pipeline']}: {column['label']}"
    return list(found.values())


def _card(deal: Mapping[str, Any]) -> str:
    worth = "" if deal["amount"] is None else f" {deal['amount']} {deal['currency']}"
    return f"#{deal['number']} {deal['name']}{worth}"


_OWN = {
    "board": Own(board, ("", "--where 'owner_id = me' --most 10")),
    "win": Own(win, ("12", "12 --amount 9500 --closed-at 2026-11-20T12:00:00Z")),
    "lose": Own(lose, ("12 --reason Price", "12 --reason Other --note 'They moved to Mars'")),
    "reopen": Own(reopen, ("12", "12 --stage proposal")),
    "move": Own(move, ("12 --stage proposal", "12 --before 7", "12 13 --stage negotiation --yes")),
    "assign": Own(assign, ("12 --owner ada@acme.example", "- --team sales --yes < ids.txt")),
    "stages": Own(stages, ("12", "12 --json")),
}
