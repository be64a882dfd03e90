"""Writing records: create and update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from cerebro_cli import differences, edit, exits, lists, options, output, plans, show
from cerebro_cli.context import Run
from cerebro_cli.output import Format
from cerebro_cli.verbs import bulk

_REFUSED = (400, 409, 413, 422)  # of one record; anything else ends the whole command
_ALWAYS = ("version", "updated_at")
"""What every change changes."""


def create(
    ctx: typer.Context,
    *,
    pairs: options.PairsOrStdin,
    allow_invalid: options.AllowInvalid = False,
    allow_duplicates: options.AllowDuplicates = False,
    dry_run: options.DryRun = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> int:
    """Create a record, or one for each line of JSON on stdin."""
    run: Run = ctx.obj
    noun = run.facts
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    shape = show.Shape(noun, form, show.columns(columns, noun))
    said = _true(allow_invalid=allow_invalid, allow_duplicates=allow_duplicates)
    if pairs == ["-"]:
        return _create_many(run, shape, said, dry_run=dry_run)
    plain, steps = lists.split(pairs, noun)
    payload = _without_empty_keys(edit.payload(plain, noun)) | lists.applied(steps, {})
    record = run.records.create(payload, **said, **tried(dry_run))
    show.one(record, shape)
    if dry_run:
        output.note(f"Dry run: 1 {noun.singular} would be created; nothing was written.")
        return exits.OK
    output.note(f"1 {noun.singular} created: {show.label(record, noun)}.")
    return exits.OK


def update(
    ctx: typer.Context,
    *,
    words: options.RefAndPairs,
    where: options.Where = None,
    if_version: options.IfVersion = None,
    allow_invalid: options.AllowInvalid = False,
    all_or_nothing: options.AllOrNothing = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> int:
    """Change fields of a record, or of all that a filter fits."""
    run: Run = ctx.obj
    if where is not None:
        bulk.for_one(if_version=if_version, allow_invalid=allow_invalid, columns=columns)
        bulk.for_one(jsonl=jsonl, csv=csv, ids=ids)
        manner = plans.Manner(dry_run, yes, json, is_whole=all_or_nothing)
        return bulk.update(run, words, where, manner)
    bulk.for_many(all_or_nothing=all_or_nothing)
    return update_one(
        ctx,
        words=words,
        if_version=if_version,
        allow_invalid=allow_invalid,
        dry_run=dry_run,
        columns=columns,
        json=json,
        jsonl=jsonl,
        csv=csv,
        ids=ids,
    )


def update_one(
    ctx: typer.Context,
    *,
    words: options.OneAndPairs,
    if_version: options.IfVersion = None,
    allow_invalid: options.AllowInvalid = False,
    dry_run: options.DryRun = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> int:
    """Change fields of a record."""
    run: Run = ctx.obj
    noun = run.facts
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    shape = show.Shape(noun, form, show.columns(columns, noun))
    if "=" in words[0] or len(words) < 2:
        or_all = ", or --where EXPR KEY=VALUE" if noun.is_bulk else ""
        raise exits.usage(
            "Say which record, and what to change.",
            hint=f"cerebro {noun.name} update REF KEY=VALUE{or_all}",
        )
    ref, *pairs = words
    plain, steps = lists.split(pairs, noun)
    payload = edit.payload(plain, noun)
    version = if_version
    current: dict[str, Any] = {}
    if dry_run or steps or edit.has_map_keys(plain):
        # Maps and lists are sent whole, so what stays is read first; the version sees to it that
        # nobody changed it in between.
        current = run.records.get(ref)
        payload = _with_kept_keys(payload, current) | lists.applied(steps, current)
        version = if_version or current["version"]
    said = {**_true(allow_invalid=allow_invalid), **tried(dry_run)}
    record = run.records.update(ref, payload, version=version, **said)
    if dry_run:
        _show_update(current, record, shape)
        return exits.OK
    show.one(record, shape)
    output.note(
        f"1 {noun.singular} updated: {show.label(record, noun)}, now at version "
        f"{record.get('version')}."
    )
    return exits.OK


def tried(dry_run: bool) -> dict[str, bool]:
    """Return what makes a call of the SDK a dry run; of any other, nothing."""
    return _true(dry_run=dry_run)


def _true(**options: bool) -> dict[str, bool]:
    return {name: True for name, is_said in options.items() if is_said}


def _create_many(run: Run, shape: show.Shape, said: dict[str, bool], *, dry_run: bool) -> int:
    """Read and check every line before the first is written; then go on past refused ones."""
    noun = shape.noun
    payloads = list(edit.json_lines(noun))
    for number, payload in payloads:
        try:
            for name in payload:
                edit.writable(name, noun)
        except exits.Stop as stop:
            raise exits.usage(f"stdin, line {number}: {stop}", hint=stop.hint) from None
    refused: list[int] = []
    made: list[int] = []

    def created() -> Iterator[show.Record]:
        for number, payload in payloads:
            try:
                record = run.records.create(payload, **said, **tried(dry_run))
            except Exception as error:
                if getattr(error, "status", None) not in _REFUSED:
                    raise
                refused.append(number)
                output.note(f"stdin, line {number}: {' '.join(exits.judge(error).lines)}")
                continue
            made.append(number)
            yield record

    try:
        show.many(created(), shape)
    finally:
        rest = len(payloads) - len(made) - len(refused)
        left = f", {rest} not tried" if rest else ""
        if dry_run:
            many = f"{len(made)} would be created, {len(refused)} refused{left}"
            output.note(f"Dry run: {many}; nothing was written. Each line was tried by itself.")
        else:
            output.note(f"{len(made)} {noun.name} created, {len(refused)} refused{left}.")
    return exits.FAILED if refused else exits.OK


def _show_update(current: dict[str, Any], record: dict[str, Any], shape: show.Shape) -> None:
    """Show what would change of a record, computed fields too."""
    noun = shape.noun
    found = differences.between(current, record)
    diff = {name: change for name, change in found.items() if name not in _ALWAYS}
    if shape.format in (Format.TABLE, Format.TABS):
        for line in differences.lines(diff):
            output.write(f"{output.readable(line)}\n")
    else:
        show.one(record, shape)
    output.note(
        f"Dry run: {len(diff)} field{'' if len(diff) == 1 else 's'} of "
        f"{show.label(current, noun)} would change; nothing was written."
    )


def _with_kept_keys(payload: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    merged = {
        name: {**(current.get(name) or {}), **held}
        if isinstance(held, dict) and held and name != "custom"
        else held
        for name, held in payload.items()
    }
    return _without_empty_keys(merged)


def _without_empty_keys(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: held for key, held in value.items() if held is not None}
        if isinstance(value, dict) and name != "custom"  # whose nulls empty fields
        else value
        for name, value in payload.items()
    }
