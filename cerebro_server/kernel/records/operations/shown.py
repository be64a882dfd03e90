"""Operations and their rows as the wire has them, with what the caller may see of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.records import journal, reader
from cerebro_server.kernel.records.differences import Change, readable
from cerebro_server.kernel.records.operations import (
    problems,
    reconciling,
    stored,
    undone,
    whole,
)
from cerebro_server.kernel.records.operations.grouping import PAIRS
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.operations.stored import PAST, Operation
from cerebro_server.kernel.records.projection import MASK

_SAMPLE = 10
_PRIVATE = "Why is told to whoever planned it, and to those who may read all of its records."
_MOMENTS = (
    *("created_at", "planned_at", "started_at", "ended_at", "expires_at"),
    "plan_removed_at",
)
ACTIONS = (*stored.WRITING, "unchanged", "skip", "error")


async def one(context: Context, operation: Operation) -> bytes:
    """Return an operation as JSON, with a sample of what it does first."""
    rows: list[dict[str, Any]] = []
    if operation.plan_removed_at is None:
        rows, _ = await rows_page(context, operation, writing=True, after=None, limit=_SAMPLE)
    names = await _names(context, [operation])
    return to_json({**_wire(context, operation, names), "sample": rows})


def _wire(context: Context, operation: Operation, names: Mapping[UUID, str]) -> dict[str, Any]:
    """Return an operation as the wire has it; `names` are those of who made it."""
    report = dict(operation.report)
    counts: Mapping[str, int] = report.pop("fields", {})
    by_noun: Mapping[str, Any] = report.pop("nouns", {})
    for name in (undone.PLACE, whole.MARK):
        report.pop(name, None)
    problem = operation.problem
    if not stored.is_own(context, operation.user_id):
        for name in ("lost", "files", reconciling.NAME):
            report.pop(name, None)  # they have values of fields that others may not see
        if not _is_open(context, list(by_noun) or [operation.noun]):
            report, problem = {}, problem and _private(problem)
    past = PAST.values()
    return {
        "id": operation.id,
        "kind": operation.kind,
        "state": operation.state,
        "by": _by(context, operation, names),
        "input": _shown_input(context, operation),
        "options": operation.options,
        "plan": {name: operation.planned.get(name, 0) for name in ACTIONS},
        "done": {
            **{name: operation.done.get(name, 0) for name in past},
            "left": operation.left,
        },
        "nouns": [
            {
                "record_type": noun,
                "plan": {name: planned.get(name, 0) for name in ACTIONS},
                "done": {name: operation.done.get(f"{noun}.{name}", 0) for name in past},
            }
            for noun, planned in by_noun.items()
        ],
        "fields": [
            {"field": name, "records": number}
            for name, number in counts.items()
            if _shows(context, name)
        ],
        "report": report,
        "sample": [],
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
        "may_undo": _may_undo(context, operation),
        "problem": problem,
        **{name: getattr(operation, name) for name in _MOMENTS},
    }


def _private(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return a problem without what it says of records."""
    return {**problem, "detail": _PRIVATE, "errors": []}


def _is_open(context: Context, nouns: Sequence[str]) -> bool:
    """Whether the caller reads all of these records: what is told of a file, and of what is wrong
    with it, has values of them."""
    for noun in nouns:
        if noun not in context.catalog or not context.actor.may(f"{noun}:read"):
            return False
        record_type = context.catalog[noun]
        shown = context.seen(record_type)
        if shown.hidden or shown.masked or context.condition(record_type, "read") is not None:
            return False
    return True


def _may_undo(context: Context, operation: Operation) -> bool:
    is_own = stored.is_own(context, operation.user_id)
    able = operation.state in undone.UNDOABLE and bool(operation.written)
    return able and (is_own or context.actor.may(stored.UNDO_OTHERS))


def _shown_input(context: Context, operation: Operation) -> dict[str, Any]:
    """Return what was asked for, without values of fields that the caller does not see."""
    if operation.user_id != context.actor.user_id:
        return {}  # a filter, and values, tell of fields that others may not see
    asked = dict(operation.input)
    record_type = context.catalog.get(operation.noun)
    if record_type is not None and isinstance(asked.get("values"), Mapping):
        shown = context.seen(record_type)
        asked["values"] = {k: v for k, v in asked["values"].items() if shown.shows(k)}
    if len(asked.get(PAIRS) or ()) > _SAMPLE:
        asked |= {PAIRS: asked[PAIRS][:_SAMPLE], "pairs_count": len(asked[PAIRS])}
    return asked


def _shows(context: Context, path: str) -> bool:
    noun, _, name = path.partition(".")
    return noun in context.catalog and name not in context.seen(context.catalog[noun]).hidden


async def _names(context: Context, operations: Sequence[Operation]) -> dict[UUID, str]:
    """Return the names of those who made operations, as far as the caller may see them."""
    me = context.actor.user_id
    known = {} if me is None else {me: context.actor.name}
    others = {each.user_id for each in operations} - {me, None}
    if others and context.actor.may("users:read"):
        rows = await context.read(
            Sql("select id, name from users where id = any(%s)", (list(others),))
        )
        known |= dict(rows)
    return known


def _by(context: Context, operation: Operation, names: Mapping[UUID, str]) -> dict[str, Any]:
    kind, _, its_id = operation.actor.partition(":")
    name = names.get(operation.user_id) if operation.user_id else None
    return {"type": kind, "id": its_id or None, "name": name or operation.actor}


async def page(
    context: Context,
    *,
    state: str | None,
    kind: str | None,
    touched: stored.Record | None,
    cursor: str | None,
    limit: int,
) -> bytes:
    """Return a page of operations, newest first, as JSON; `touched` is as in `stored.listed`."""
    of_list = ["operations", state or "", kind or "", *map(str, touched or ())]
    before = None if cursor is None else reader.read_cursor(context, cursor, of_list)
    found = await stored.listed(
        context,
        state=state,
        kind=kind,
        touched=touched,
        before=None if before is None else UUID(str(before[0])),
        limit=limit + 1,
    )
    following = None
    if len(found) > limit:
        following = reader.write_cursor(context, [str(found[limit - 1].id)], of_list)
    names = await _names(context, found[:limit])
    items = [_wire(context, each, names) for each in found[:limit]]
    return to_json({"items": items, "next_cursor": following})


async def rows_of(
    context: Context, operation: Operation, *, problems: bool, cursor: str | None, limit: int
) -> bytes:
    """Return a page of the rows of a plan, or of those that something is amiss with, as JSON.

    Raises `PlanRemoved` where only the latter are there still.
    """
    if operation.plan_removed_at is not None and not problems:
        raise stored.plan_removed(operation, "Its counts and errors are kept.")
    of_list = ["operation rows", str(operation.id), str(problems)]
    after = None if cursor is None else reader.read_cursor(context, cursor, of_list)
    items, last = await rows_page(
        context,
        operation,
        problems=problems,
        after=None if after is None else (int(after[0]), int(after[1])),
        limit=limit,
    )
    following = None if last is None else reader.write_cursor(context, last, of_list)
    return to_json({"items": items, "next_cursor": following})


async def rows_page(
    context: Context,
    operation: Operation,
    *,
    writing: bool = False,
    problems: bool = False,
    after: tuple[int, int] | None,
    limit: int,
) -> tuple[list[dict[str, Any]], tuple[int, int] | None]:
    """Return rows, and the place to go on from if there are more."""
    parts = [Sql("r.operation_id = %s", (operation.id,))]
    order = "n, rank" if problems else "rank, n"
    if after is not None:
        place = tuple(reversed(after)) if problems else after
        parts.append(Sql(f"({order}) > (%s, %s)", place))
    if writing:
        parts.append(Sql(f"r.rank < {stored.IDLE}"))
    if problems:
        parts.append(Sql("r.problem is not null and r.action <> 'skip'"))
    where = Sql.both(*parts)
    found = await context.read(
        # a plan that is being made has no statistics yet: all of it was sorted for its first rows
        reading.IN_ORDER,
        Sql(
            "select r.rank, r.n, r.record_type, r.action, r.record_id, r.version, r.new_values, "
            "r.line, r.problem, r.file from operation_rows r "
            f"where {where.text} order by {order} limit %s",
            (*where.params, limit + 1),
        ),
    )
    items = []
    for noun, rows in groupby(found[:limit], key=lambda row: str(row[2])):
        items += await _rows(context, operation, context.catalog[noun], list(rows))
    last = tuple(found[limit - 1][:2]) if len(found) > limit else None
    return items, last


async def _rows(
    context: Context,
    operation: Operation,
    record_type: RecordType,
    rows: Sequence[tuple[Any, ...]],
) -> list[dict[str, Any]]:
    """Return rows of one noun; of records that the caller may not read only the number."""
    shown = context.seen(record_type)
    limit = context.condition(record_type, "read")
    ids = [row[4] for row in rows if row[4] is not None]
    found = await context.read(
        Sql(
            f"select t.id, ({limit.text if limit else 'true'}) is true, to_jsonb(t) "
            f"from {ident(record_type.table_name)} t where t.id = any(%s)",
            (*(limit.params if limit else ()), ids),
        )
    )
    there = {record_id: (may, from_json(row)) for record_id, may, row in found}
    done = await _done(context, operation, record_type, ids)
    is_own = operation.user_id == context.actor.user_id
    called = [file.get("name") for file in operation.input.get("files", ())] if is_own else []
    items: list[dict[str, Any]] = []
    diffs: list[dict[str, Any]] = []
    for _, n, noun, action, record_id, version, values, line, problem, file in rows:
        may, before = there.get(record_id, (is_own, {}))
        if not may:
            items.append({"number": n, "record_type": noun, "action": action, "line": line})
            diffs.append({})
            continue
        new = {} if values is None else from_json(values)
        held = {} if action == "create" else before
        if action != "create" and before.get("version") != version:
            new = {}  # what it was planned against is not there any more
        diffs.append({} if record_id in done else _difference(shown, held, new))
        items.append(
            {
                "number": n,
                "record_type": noun,
                "action": action,
                "record_id": record_id,
                "label": label(shown, {**before, **new}),
                "line": line,
                "file": called[file % len(called)] if file is not None and is_own else None,
                "changes": done.get(record_id, []),
                "problem": problem and problems.shown(shown, from_json(problem), is_own=is_own),
            }
        )
    for item, diff, names in zip(
        items, diffs, await _called(context, record_type, diffs), strict=True
    ):
        if diff:
            item["changes"] = readable(shown, diff, names)
    return items


async def _called(
    context: Context, record_type: RecordType, diffs: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Return what users and teams in differences are called, as the journal tells it."""
    rows = await context.read(
        Sql(
            f"select {journal.names(context, record_type)} from "
            "jsonb_array_elements(%s::jsonb) with ordinality c(diff, n) order by c.n",
            (to_json(diffs).decode(),),
        )
    )
    return [from_json(names) if names else {} for (names,) in rows]


async def _done(
    context: Context, operation: Operation, record_type: RecordType, ids: Sequence[UUID]
) -> dict[UUID, list[Change]]:
    """Return what an operation that has begun did to records, as the journal tells it."""
    if operation.started_at is None or not ids:
        return {}
    diff, span = journal.shown_diff(context, [record_type]), stored.changes_of(operation)
    rows = await context.read(
        Sql(
            f"select c.record_id, {diff.text}, {journal.names(context, record_type)} "
            f"from changes c where c.record_id = any(%s) and {span.text} "
            "and c.record_type = %s order by c.seq",
            (*diff.params, list(ids), *span.params, record_type.name),
        )
    )
    shown = context.seen(record_type)
    return {
        record_id: readable(
            shown, json.loads(diff, parse_float=Decimal), from_json(names) if names else {}
        )
        for record_id, diff, names in rows
    }


async def labels(
    context: Context, record_type: RecordType, ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    """Return what records are called that the caller may read."""
    limit = context.condition(record_type, "read")
    found = await context.read(
        Sql(
            f"select t.id, to_jsonb(t) from {ident(record_type.table_name)} t "
            f"where t.id = any(%s) and ({limit.text if limit else 'true'})",
            (list(ids), *(limit.params if limit else ())),
        )
    )
    shown = context.seen(record_type)
    return {record_id: label(shown, from_json(row)) for record_id, row in found}


def label(shown: RecordType, row: Mapping[str, Any]) -> str | None:
    """Return what a record is called, if the caller sees that."""
    title = shown.noun.title
    if not shown.shows(title):
        return None
    if row.get(title):
        return str(row[title])
    needed = shown.derived.get(title, ())
    return " ".join(str(row[name]) for name in needed if row.get(name)) or None


def _difference(
    shown: RecordType, before: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a row changes, as the journal would have it, without what the caller does not
    see."""
    diff: dict[str, Any] = {}
    firsts = {shown.primaries[name].field for name in shown.masked & shown.primaries.keys()}
    masked = shown.masked | firsts
    for name, value in new.items():
        if name == DELETED or name in shown.hidden:
            continue
        held = before.get(name)
        if name in shown.journaled.maps:
            diff[name] = _of_map(shown, name, held or {}, value or {})
        elif name in masked:
            diff[name] = [MASK, MASK]
        elif (held or None) != (value or None):
            diff[name] = [held, value]
    return {name: change for name, change in diff.items() if change}


def _of_map(
    shown: RecordType, name: str, held: Mapping[str, Any], value: Mapping[str, Any]
) -> dict[str, Any]:
    pairs = {key: [held.get(key), new] for key, new in value.items() if held.get(key) != new}
    if name != COLUMN:
        return pairs
    return {
        key: [MASK, MASK] if key in shown.masked else pair
        for key, pair in pairs.items()
        if key in shown.defined
    }
