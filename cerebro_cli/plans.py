"""Operations on the command line: show the plan, ask, apply, count, say how to take it back."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from cerebro_cli import exits, options, output
from cerebro_cli.context import Run
from cerebro_sdk.display import plan_summary

Record = dict[str, Any]
_BUSY = ("planning", "applying")
_WRITING = ("create", "update", "delete", "restore")
_FIELDS = 8
_SAMPLE = 5
_PROBLEMS = 10
_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 0.5
_SHORT = 12


def carry_out(
    run: Run,
    start: Callable[[bool], Record],
    question: str,
    *,
    dry_run: bool = False,
    yes: bool = False,
    json: bool = False,
    undoable: bool = True,
) -> int:
    """Plan an operation, show it, ask, apply it, and say what came of it.

    `start` makes the operation; its argument says whether it is applied at once.
    """
    if not (dry_run or yes):
        options.must_be_able_to_ask(question)
    found = follow(run, start(yes and not dry_run))
    if dry_run:
        _report(run, found, to_stdout=not json)
        if json:
            output.write_json(found)
        output.note(f"Dry run: {plan_summary(found)}; nothing was written.")
        output.note(f"To apply it: cerebro operations apply {short(found)}")
        return code_of(found)
    if not yes:
        _report(run, found, to_stdout=False)
        output.note(f"Plan: {plan_summary(found)}.")
        if not writes(found):
            return code_of(found)
        options.confirm(question, yes=False)
        found = follow(run, run.crm.operations.raw.apply(found["id"]))
    return ended(run, found, json=json, undoable=undoable)


def ended(run: Run, found: Record, *, json: bool, undoable: bool = True) -> int:
    """Say what an operation came to: counts, problems, its id, the way back; return the code."""
    if json:
        output.write_json(found)
    problems(run, found)
    output.note(f"{plan_summary(found)[:1].upper()}{plan_summary(found)[1:]}.")
    output.note(f"Operation {short(found)} is {found['state']}.")
    if undoable and found["state"] == "applied" and _has_written(found):
        verb = "redo" if found["kind"] == "undo" else "undo"
        reference = found["undoes"] if verb == "redo" else found["id"]
        output.note(f"To {verb}: cerebro operations {verb} {str(reference)[-_SHORT:]}")
    if found["state"] in ("cancelled", "failed"):
        output.note(f"To go on: cerebro operations resume {short(found)}")
    return code_of(found)


def follow(run: Run, found: Record) -> Record:
    """Wait until an operation is planned or applied, with its progress on a terminal; Ctrl-C leaves
    it to the server and says how to come back. Raises what it failed with."""
    began, pause = time.monotonic(), _PAUSE_SECONDS
    shows = sys.stderr.isatty()
    try:
        while found["state"] in _BUSY:
            if shows:
                sys.stderr.write(f"\r\x1b[K{_progress(found, time.monotonic() - began)}")
                sys.stderr.flush()
            time.sleep(pause)
            pause = min(pause * 1.3, _LONGEST_PAUSE_SECONDS)
            found = run.crm.operations.raw.get(found["id"])
    except KeyboardInterrupt:
        output.note(f"\nThe operation goes on: cerebro operations follow {short(found)}")
        output.note(f"To stop it: cerebro operations cancel {short(found)}")
        raise
    finally:
        if shows:
            sys.stderr.write("\r\x1b[K")
    if found["state"] == "failed":
        _raise(found)
    return found


def _progress(found: Record, seconds: float) -> str:
    if found["state"] == "planning":
        return f"Planning … {seconds:.0f} s"
    done, planned = _written(found), writes(found)
    rate = done / seconds if seconds else 0
    left = f", {(planned - done) / rate:.0f} s left" if rate else ""
    width = 30 * done // planned if planned else 0
    return f"[{'#' * width}{'.' * (30 - width)}] {done:,}/{planned:,}  {rate:,.0f}/s{left}"


def _raise(found: Record) -> None:
    problem = found.get("problem") or {}
    said = str(problem.get("detail") or "It failed.")
    status = {409: exits.CONFLICT, 403: exits.DENIED, 422: exits.USAGE}
    code = status.get(int(problem.get("status") or 0), exits.FAILED)
    raise exits.Stop(said, code, hint=f"To go on: cerebro operations resume {short(found)}")


def writes(found: Record) -> int:
    """Return how many rows an operation writes, or wants to."""
    return sum(int(found["plan"].get(name) or 0) for name in _WRITING)


def _written(found: Record) -> int:
    return sum(int(number or 0) for number in found["done"].values())


def _has_written(found: Record) -> bool:
    left = int(found["done"].get("left") or 0)
    return _written(found) > left


def code_of(found: Record) -> int:
    """Return the exit code: rows that were refused or left are a failure."""
    refused = int(found["plan"].get("error") or 0) or int(found["done"].get("left") or 0)
    return exits.FAILED if refused or found["state"] in ("failed", "cancelled") else exits.OK


def short(found: Mapping[str, Any]) -> str:
    """Return the end of an operation's id, which is a reference to it."""
    return str(found["id"])[-_SHORT:]


def _report(run: Run, found: Record, *, to_stdout: bool) -> None:
    """Show which fields change, a sample, and what is wrong."""
    for line in lines(found):
        if to_stdout:
            output.write(f"{output.readable(line)}\n")
        else:
            output.note(line)
    problems(run, found)


def lines(found: Record) -> list[str]:
    """Return the fields that an operation changes, and the first records, one a line."""
    said = []
    fields = found.get("fields") or []
    if fields:
        listed = ", ".join(f"{each['field']} ({each['records']:,})" for each in fields[:_FIELDS])
        said.append(f"Fields: {listed}{' …' if len(fields) > _FIELDS else ''}")
    sample = (found.get("sample") or [])[:_SAMPLE]
    for row in sample:
        changes = "; ".join(change["text"] for change in row.get("changes") or [])
        name = row.get("label") or str(row.get("record_id") or "")[-8:]
        said.append(f"  {row['action']} {name}{': ' + changes if changes else ''}"[:300])
    rest = writes(found) - len(sample)
    if sample and rest > 0:
        said.append(f"  … and {rest:,} more")
    return said


def problems(run: Run, found: Record) -> None:
    """Show the first rows that something is amiss with."""
    count = int(found["plan"].get("error") or 0) + int(found["done"].get("left") or 0)
    if not count:
        return
    for row in run.crm.operations.raw.errors(found["id"], limit=_PROBLEMS):
        output.note(f"  {problem_line(row)}")
    if count > _PROBLEMS:
        output.note(f"  … and {count - _PROBLEMS:,} more: cerebro operations errors {short(found)}")


def problem_line(row: Record) -> str:
    """Say in a line what is amiss with a row."""
    problem = row.get("problem") or {}
    place = f"line {row['line']}" if row.get("line") else row.get("label")
    place = place or str(row.get("record_id") or "")[-8:]
    column = f", column {problem['column']}" if problem.get("column") else ""
    fields = problem.get("fields")
    both = ""
    if isinstance(fields, Mapping):
        both = "; ".join(
            f" {name}: planned {pair.get('planned')!r}, now {pair.get('present')!r}"
            for name, pair in fields.items()
        )
    value = f" ({str(problem['value'])[:60]!r})" if problem.get("value") else ""
    return f"{place}{column}: {problem.get('message', '')}{value}{both}"
