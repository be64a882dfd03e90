"""Showing records that stand below others of their noun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import Own
from cerebro_sdk.display import visible

Record = Mapping[str, Any]


def tree(ctx: typer.Context, *, json: options.Json = False) -> None:
    """Show which stand below which."""
    run: Run = ctx.obj
    title = run.facts.title
    found = [
        {
            "id": record["id"],
            title: record[title],
            "path": [each[title] for each in path],
            "manager_id": record["manager_id"],
        }
        for record, path in _walked(list(run.records.list(sort=title)))
    ]
    if json:
        output.write_json(found)
    else:
        for each in found:
            output.write(f"{'  ' * (len(each['path']) - 1)}{visible(str(each[title]))}\n")
    noun = run.facts
    output.note(f"{len(found)} {noun.singular if len(found) == 1 else noun.name}.")


def _walked(records: Sequence[Record]) -> Iterator[tuple[Record, list[Record]]]:
    """Yield each record with the way to it, itself last; those below one come right after it."""
    known = {record["id"] for record in records}
    below: dict[str | None, list[Record]] = {}
    for record in records:
        parent = record["parent_id"]
        below.setdefault(parent if parent in known else None, []).append(record)
    waiting = [(record, [record]) for record in reversed(below.get(None, []))]
    while waiting:
        record, path = waiting.pop()
        yield record, path
        inner = reversed(below.get(record["id"], []))
        waiting += [(each, [*path, each]) for each in inner]


OWN = {"tree": Own(tree, ("", "--json"), "What you may not read is left out.")}
