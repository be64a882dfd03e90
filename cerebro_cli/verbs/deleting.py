"""Deleting records, and bringing them back."""

from __future__ import annotations

from functools import partial

import typer

from cerebro_cli import exits, options, plans
from cerebro_cli.context import Run
from cerebro_cli.verbs import bulk
from cerebro_cli.verbs.acting import Act, on_each, perform, words


def delete(
    ctx: typer.Context,
    *,
    refs: options.SomeReferences = None,
    where: options.Where = None,
    if_version: options.IfVersion = None,
    all_or_nothing: options.AllOrNothing = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> int:
    """Delete records; `restore` brings them back."""
    run: Run = ctx.obj
    if where is not None:
        if refs:
            raise exits.usage("Say REF, or --where, not both.")
        bulk.for_one(if_version=if_version, jsonl=jsonl, csv=csv, ids=ids)
        manner = plans.Manner(dry_run, yes, json, is_whole=all_or_nothing)
        return bulk.delete(run, where, manner)
    bulk.for_many(all_or_nothing=all_or_nothing)
    if not refs:
        raise exits.usage("Say which records.", hint="REF..., - for stdin, or --where EXPR.")
    return delete_each(
        ctx,
        refs=refs,
        if_version=if_version,
        dry_run=dry_run,
        yes=yes,
        json=json,
        jsonl=jsonl,
        csv=csv,
        ids=ids,
    )


def delete_each(
    ctx: typer.Context,
    *,
    refs: options.References,
    if_version: options.IfVersion = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> int:
    """Delete records; `restore` brings them back."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids)
    found = words(refs)
    if if_version is not None and len(found) > 1:
        raise exits.usage("--if-version goes with a single REF.")
    act = Act(
        "delete",
        "deleted",
        partial(run.records.delete, version=if_version),
        undo="restore",
    )
    perform(run, found, act, form=form, dry_run=dry_run, yes=yes)
    return exits.OK


restore = on_each("restore", "restored", "Bring deleted records back.", looks_at="include")
destroy = on_each(
    "destroy",
    "destroyed",
    "Remove deleted records for good; nothing brings them back.",
    looks_at="include",
    is_final=True,
)
