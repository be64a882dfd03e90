"""Planning what a merge does to records that name those that go: they name the one that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Forbidden, PlanDrifted, RecordLocked
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.records.merged import VERB
from cerebro_server.kernel.records.operations import grouping
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.planned import Row, different, whole_row

_ANY = Sql("true")
Group = tuple[str, Sequence[str]]
"""The id of a record that stays, and those of the ones that go."""


class Linked(NamedTuple):
    """A record that names one that goes, or tells the same as such a one."""

    record_type: RecordType
    before: Mapping[str, Any]
    after: dict[str, Any] | None
    """None: it would be there twice, and goes."""
    may_change: bool
    may_delete: bool

    @property
    def changes(self) -> dict[str, Any]:
        """The columns that it gets."""
        return {} if self.after is None else different(self.record_type, self.before, self.after)

    def row(self, context: Context) -> Row:
        """Return what is planned for it."""
        noun, version = self.record_type.name, self.before["version"]
        record_id = UUID(self.before["id"])
        if self.after is None:
            gone = {DELETED: context.now.isoformat()}
            return Row(noun, "delete", record_id, version, gone)
        return Row(noun, "update", record_id, version, self.changes)


async def linked(
    context: Context,
    record_type: RecordType,
    groups: Sequence[Group],
    stays: Mapping[str, str],
) -> list[Linked]:
    """Return every living record that changes since it names one that goes. `stays` has those that
    go, of all groups of the operation, with what they become.

    Of links, one that would be there twice goes, and what it alone knows is the other's. Links
    whose other end is deleted stay as they are: nobody sees them. Raises `Forbidden` and
    `RecordLocked`, with how many, where any of them may not be changed.
    """
    found = []
    for other in context.catalog.values():
        for column, noun in other.refers.items():
            if noun == record_type.name and not other.is_history:
                there = await _naming(context, other, column, groups)
                if other.name == noun:  # what is merged itself, a merge settles
                    aside = {*stays, *stays.values()}
                    there = [each for each in there if each.before["id"] not in aside]
                moved = _moved_by_group(other, column, there, groups)
                changing = [each for each in moved if each.after is None or each.changes]
                _check(other, changing)
                found += changing
    return found


async def _naming(
    context: Context, other: RecordType, column: str, groups: Sequence[Group]
) -> list[Linked]:
    """Return records that name one that goes; of links also those of the one that stays which lead
    where others do."""
    table, name = ident(other.table_name), f"t.{ident(column)}"
    intos = [into for into, _ in groups]
    losers = [record for _, some in groups for record in some]
    fits = Sql(f"{name} = any(%s::uuid[])", (losers,))
    if beside := _beside(other, column):
        alike = " and ".join(
            f"o.{ident(each)} {'is not distinct from' if other.may_lack(each) else '='} "
            f"t.{ident(each)}"
            for each in beside
        )
        fits = Sql(
            f"({fits.text} or {name} = any(%s::uuid[]) and exists (select from {table} o where "
            f"o.{ident(column)} = any(%s::uuid[]) and o.deleted_at is null and {alike}))",
            (*fits.params, intos, losers),
        )
    where = Sql.both(Sql("t.deleted_at is null"), fits, *_living(other, column))
    change = delete = _ANY
    if not other.is_personal:
        # what is told of a record goes with it, whether the caller sees all of that or not
        reads = ("read",) if other.elsewhere is None else ()
        change = context.condition(other, *reads, "update") or _ANY
        delete = context.condition(other, *reads, "delete") or _ANY
    rows = await context.read(
        Sql(
            f"select {whole_row(other)}, ({change.text}) is true, ({delete.text}) is true "
            f"from {table} t where {where.text} order by t.id",
            (*change.params, *delete.params, *where.params),
        )
    )
    found = []
    for row, may_change, may_delete in rows:
        before = from_json(row)
        found.append(Linked(other, before, dict(before), may_change, may_delete))
    return found


async def check_links(context: Context, operation: Operation) -> None:
    """Raise `PlanDrifted` where records name one that goes which did not when it was planned: they
    would be left behind."""
    noun, _, verb = operation.kind.partition(".")
    if verb != VERB:
        return
    losers = grouping.losers_of(operation.input)
    count = 0
    for other in context.catalog.values():
        for column, target in other.refers.items():
            if target != noun or other.is_history:
                continue
            where = Sql.both(
                Sql(f"t.deleted_at is null and t.{ident(column)} = any(%s::uuid[])", (losers,)),
                *_living(other, column),
            )
            [(more,)] = await context.read(
                Sql(
                    f"select count(*) from {ident(other.table_name)} t where {where.text} "
                    "and t.id <> all(%s::uuid[]) and not exists (select from operation_rows r "
                    "where r.operation_id = %s and r.record_id = t.id)",
                    (*where.params, losers, operation.id),
                )
            )
            count += more
    if count:
        raise PlanDrifted(
            f"{count:,} record{'' if count == 1 else 's'} came to name one that would go since "
            "this was planned; plan it anew, or apply it with `on_drift` replan.",
            count=count,
        )


def _beside(other: RecordType, column: str) -> list[str]:
    """Return what two records must have in common, beside what one column names, to say the same:
    what tells them apart, else the other ends of the link."""
    return [name for name in other.same_by or _other_ends(other, column) if name != column]


def _other_ends(other: RecordType, column: str) -> dict[str, RecordType]:
    """Return what else a link joins; of what is about one of its ends, nothing."""
    if other.elsewhere is not None:
        return {}
    return {end: target for end, target in other.ends.items() if end != column}


def _living(other: RecordType, column: str) -> list[Sql]:
    """Return the conditions that the records at the other ends of a link live."""
    lacks = "t.{} is null or "
    return [
        Sql(
            f"({lacks.format(ident(end)) if other.may_lack(end) else ''}"
            f"exists (select from {ident(target.table_name)} e where e.id = t.{ident(end)} "
            "and e.deleted_at is null))"
        )
        for end, target in _other_ends(other, column).items()
    ]


def _moved_by_group(
    other: RecordType, column: str, there: Sequence[Linked], groups: Sequence[Group]
) -> list[Linked]:
    """Return the records as they will be; of each group those of the one that stays come first."""
    of = {r: n for n, (into, some) in enumerate(groups) for r in (into, *some)}
    order = {r: n for into, some in groups for n, r in enumerate((into, *some))}
    named: dict[int, list[Linked]] = {}
    for each in there:
        named.setdefault(of[each.before[column]], []).append(each)
    found = []
    for number, some in named.items():
        some.sort(key=lambda each: order[each.before[column]])
        found += _moved(other, column, some, groups[number][0])
    return found


def _moved(other: RecordType, column: str, there: Sequence[Linked], into: str) -> list[Linked]:
    """Return the records as they will be; those that come first stay."""
    beside = _beside(other, column)
    stays: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    found = []
    for each in there:
        after = dict(each.before)
        is_own = after[column] == into
        after[column] = into
        alike = stays.setdefault(tuple(after[name] for name in beside), []) if beside else []
        twin = None if is_own else _twin(other, alike, after)
        if twin is None:
            alike.append(after)
            found.append(each._replace(after=after))
            continue
        twin |= {name: after[name] for name in other.stored if twin[name] is None}
        found.append(each._replace(after=None))
    return found


def _twin(
    other: RecordType, alike: Sequence[dict[str, Any]], after: Mapping[str, Any]
) -> dict[str, Any] | None:
    is_twice = other.is_twice
    if is_twice is None:
        return next(iter(alike), None) if other.same_by else None
    return next((first for first in alike if is_twice(first, after)), None)


def _check(other: RecordType, changing: Sequence[Linked]) -> None:
    closed = [
        each
        for each in changing
        if not (each.may_delete if each.after is None else each.may_change)
    ]
    if closed:
        action = "delete" if all(each.after is None for each in closed) else "update"
        raise Forbidden(
            f"{len(closed):,} {other.name} name a record that would go, and you may not see or "
            f"{'delete' if action == 'delete' else 'change'} them: nothing can be merged.",
            permission=f"{other.name}:{action}",
        )
    locked = sum(each.before.get(LOCKED) is not None for each in changing)
    if other.lockable and locked:
        raise RecordLocked(
            f"{locked:,} {other.name} that name a record that would go are locked: nothing can be "
            "merged until they are unlocked."
        )
