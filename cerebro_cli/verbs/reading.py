"""Reading records: list and get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import typer

from cerebro_cli import options, output, show
from cerebro_cli.context import Run

LIMIT = 50


def list_(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    sort: options.Sort = None,
    limit: options.Limit = LIMIT,
    all_: options.All = False,
    deleted: options.Deleted = False,
    as_of: options.AsOf = None,
    count: options.Count = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List records."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids, count=count))
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts))
    run.query = where

    def ask(most: int | None) -> Any:
        return run.records.list(
            where=where,
            sort=sort,
            limit=most,
            deleted="only" if deleted else "exclude",
            as_of=as_of,
        )

    if form is output.Format.COUNT:
        output.write(f"{ask(None).count()}\n")
        return
    pages(ask, shape=shape, limit=None if all_ else limit)


def pages(ask: Callable[[int | None], Any], *, shape: show.Shape, limit: int | None) -> None:
    """Write the records that `ask` gives, at most `limit`, and say whether there are more.

    One more than the limit is asked for, which tells that there are more without a count.
    """
    records: Iterator[show.Record] = iter(ask(None if limit is None else limit + 1))
    count = show.many(records if limit is None else islice(records, limit), shape)
    more = limit is not None and next(records, None) is not None
    noun = shape.noun
    counted = f"{count} {noun.singular if count == 1 else noun.name}"
    output.note(f"{counted}; there are more: --limit N or --all." if more else f"{counted}.")


def get(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    deleted: options.WithDeleted = False,
    as_of: options.AsOf = None,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """Read one record."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts))
    record = run.records.get(ref, deleted="include" if deleted else "exclude", as_of=as_of)
    show.one(record, shape)
    output.note(f"1 {run.facts.singular}.")
