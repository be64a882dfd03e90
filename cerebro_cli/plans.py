"""Operations on the command line: show the plan, ask, apply, count, say how to take it back."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cerebro_cli import exits, options, output
from cerebro_cli.context import Run
from cerebro_sdk import errors
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


class Manner(NamedTuple):
    """How an operation is carried out."""

    dry_run: bool = False
    yes: bool = False
    json: bool = False
    strict: bool = False
    """Whether nothing is written unless every row is right."""
    is_whole: bool = False
    """Whether all is written in one transaction, or nothing."""
    is_redo: bool = False
    """Whether it does again what was undone."""


def carry_out(
    run: Run,
    start: Callable[[bool], Record],
    question: str,
    manner: Manner,
    *,
    about: Callable[[Record], list[str]] = lambda _: [],
    on_end: Callable[[Record], object] = lambda _: None,
) -> int:
    """Plan an operation, show it, ask, apply it, and say what came of it.

    `start` makes the operation; its argument says whether it is applied at once. `about` tells more
    of its plan; `on_end` is given what it came to.
    """
    if not (manner.dry_run or manner.yes):
        options.must_be_able_to_ask(question)
    at_once = manner.yes and not manner.dry_run and not manner.strict
    found = follow(run, start(at_once))
    if manner.dry_run:
        return _dry(run, found, about(found), manner)
    if not at_once:
        _report(run, found, about(found), to_stdout=False)
        output.note(f"Plan: {plan_summary(found)}.")
        is_refused = manner.strict and bool(found["plan"].get("error"))
        if is_refused or not writes(found):
            if is_refused:
                output.note("Nothing was written, since not all rows are right.")
            if manner.json:
                output.write_json(found)
            on_end(found)
            return code_of(found)
        options.confirm(question, yes=manner.yes)
        found = follow(run, run.crm.operations.raw.apply(found["id"]))
    elif not manner.json:
        for line in about(found):
            output.note(line)
    on_end(found)
    return ended(run, found, json=manner.json, is_redo=manner.is_redo)


def _dry(run: Run, found: Record, about: list[str], manner: Manner) -> int:
    _report(run, found, about, to_stdout=not manner.json)
    if manner.json:
        output.write_json(found)
    output.note(f"Dry run: {plan_summary(found)}; nothing was written.")
    if writes(found):
        output.note(f"To apply it: cerebro operations apply {short(found)}")
    return code_of(found)


def ended(run: Run, found: Record, *, json: bool, is_redo: bool = False) -> int:
    """Say what an operation came to: counts, problems, its id, the way back; return the code."""
    if json:
        output.write_json(found)
    problems(run, found)
    output.note(f"{plan_summary(found)[:1].upper()}{plan_summary(found)[1:]}.")
    output.note(f"Operation {short(found)} is {found['state']}.")
    if found["state"] == "applied" and _has_written(found):
        is_undo = found["kind"] == "undo" and found.get("undoes") and not is_redo
        way = f"redo {_end(found['undoes'])}" if is_undo else f"undo {short(found)}"
        output.note(f"To {way[:4]}: cerebro operations {way}")
    if found["state"] == "planned" and writes(found):
        output.note(f"To apply it: cerebro operations apply {short(found)}")
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
        _raise(run, found)
    return found


def _progress(found: Record, seconds: float) -> str:
    if found["state"] == "planning":
        at = (found.get("report") or {}).get("progress")
        if at is None:
            return f"Planning … {seconds:.0f} s"
        return f"Comparing … {at['done']:,}/{at['of']:,}, {seconds:.0f} s"
    done, planned = _written(found), writes(found)
    rate = done / seconds if seconds else 0
    left = f", {(planned - done) / rate:.0f} s left" if rate else ""
    width = 30 * done // planned if planned else 0
    return f"[{'#' * width}{'.' * (30 - width)}] {done:,}/{planned:,}  {rate:,.0f}/s{left}"


def _raise(run: Run, found: Record) -> None:
    """Raise what an operation failed with, as if the request itself had been refused."""
    problem = found.get("problem") or {"detail": "The operation failed."}
    status = int(problem.get("status") or 500)
    verdict = exits.judge(
        errors.from_reply(status, {}, json.dumps(problem).encode()), query=run.query
    )
    hint = f"To go on: cerebro operations resume {short(found)}"
    raise exits.Stop("\n".join(verdict.lines), verdict.code, hint=hint)


def writes(found: Record) -> int:
    """Return how many rows an operation writes, or wants to."""
    return sum(int(found["plan"].get(name) or 0) for name in _WRITING)


def _written(found: Record) -> int:
    return sum(int(number or 0) for number in found["done"].values())


def _has_written(found: Record) -> bool:
    left = int(found["done"].get("left") or 0)
    return _written(found) > left


def wrong(found: Record) -> int:
    """Return how many rows were refused, or left when their turn came."""
    refused, left = int(found["plan"].get("error") or 0), int(found["done"].get("left") or 0)
    # an undo that has begun counts what its plan refused among what is left
    return max(refused, left) if found.get("undoes") else refused + left


def code_of(found: Record) -> int:
    """Return the exit code: rows that were refused or left are a failure."""
    is_stopped = found["state"] in ("failed", "cancelled")
    return exits.FAILED if wrong(found) or is_stopped else exits.OK


def short(found: Mapping[str, Any]) -> str:
    """Return the end of an operation's id, which is a reference to it."""
    return _end(found["id"])


def _end(operation_id: object) -> str:
    return str(operation_id)[-_SHORT:]


def _report(run: Run, found: Record, about: list[str], *, to_stdout: bool) -> None:
    """Show which fields change, a sample, and what is wrong."""
    for line in (*about, *lines(found)):
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
    report = found.get("report") or {}
    if found.get("undoes") and "groups_left" in report:
        goes, stays = report["groups"], report["groups_left"]
        said.insert(0, f"Merges: {goes:,} go as a whole, {stays:,} stay as they are.")
    rest = writes(found) - len(sample)
    if sample and rest > 0:
        said.append(f"  … and {rest:,} more")
    return said


def handed(found: Record, *, nobody: bool = True) -> list[str]:
    """Say how many new records of a plan each rule gives to whom; `nobody` tells of the rest."""
    said = []
    for each in (found.get("report") or {}).get("handed") or ():
        if each["leads"] is None:
            said.append("  Assignment rules share out more than 5,000 leads.")
        elif each["owner_id"] is not None:
            rule = each["rule"] or "(same person)"
            said.append(f"  {rule} gives {each['owner'] or each['owner_id']}: {each['leads']:,}")
        elif nobody:
            said.append(f"  without an owner: {each['leads']:,}")
    return said


def made(found: Record) -> list[str]:
    """Say what an import makes besides its rows, and who gets them."""
    return [*arranged(found), *handed(found)]


def arranged(found: Record) -> list[str]:
    """Say which stages a plan makes, in which order, and how they get into another one."""
    said = []
    for each in ((found.get("report") or {}).get("arranged") or {}).get("stages") or ():
        listed = ", ".join(
            stage["label"] + ("" if stage["type"] == "open" else f" ({stage['type']})")
            for stage in each["stages"]
        )
        said.append(f"Stages that it makes in {each['pipeline']}, in this order: {listed}")
    if said:
        said.append("  To put them in another order: cerebro stages update ID position=N")
    return said


def problems(run: Run, found: Record) -> None:
    """Show the first rows that something is amiss with."""
    count = wrong(found)
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
    place = f"{row['file']}, {place}" if row.get("file") and place else place
    place = place or str(row.get("record_id") or "")[-8:]
    column = f", column {problem['column']}" if problem.get("column") else ""
    fields = problem.get("fields")
    both = ""
    if isinstance(fields, Mapping):
        both = "; ".join(
            f" {name}: planned {pair.get('planned')!r}, now {pair.get('present')!r}"
            for name, pair in fields.items()
        )
    message, found = str(problem.get("message") or ""), str(problem.get("value") or "")
    value = f" ({found[:60]!r})" if found and found not in message else ""
    return f"{place}{column}: {message}{value}{both}"
