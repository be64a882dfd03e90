"""Rows written together with what they name: missing records made, links added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.fields import Batch, ImportParent, RecordType, Refusal
from cerebro_server.kernel.records.importing import parents
from cerebro_server.kernel.records.importing.parents import Named
from cerebro_server.kernel.records.importing.writing import Shape, write_chunk

MissingParent = Literal["refuse", "create", "skip"]


@dataclass(slots=True)
class Plan:
    """What the rows of a batch name, under one of the names that their noun has for it."""

    parent: ImportParent
    ids: dict[int, str] = field(default_factory=dict)
    """By row, what is there."""
    fresh: dict[int, int] = field(default_factory=dict)
    """By row, which of `new` it is."""
    new: list[dict[str, Any]] = field(default_factory=list)
    """Values of records to be made."""
    refusals: list[Refusal] = field(default_factory=list)

    def forget_unneeded(self) -> None:
        """Leave out new records that no row is for any longer."""
        needed = sorted(set(self.fresh.values()))
        place = {number: position for position, number in enumerate(needed)}
        self.new = [self.new[number] for number in needed]
        self.fresh = {row: place[number] for row, number in self.fresh.items()}


async def plan(
    context: Context,
    name: str,
    parent: ImportParent,
    named: Mapping[int, Named],
    missing: MissingParent | None,
) -> Plan:
    """Find what rows name; make values for what is missing, or refuse the rows, as `missing` says.

    Left out it is `create` where the caller may, else `refuse`. A name that fits several records is
    refused with the candidates.
    """
    found = await parents.find(context, parent, list(named.values()))
    target = context.seen(context.catalog[parent.noun])
    may_create = context.actor.may(f"{parent.noun}:create")
    policy = missing or ("create" if may_create else "refuse")
    if policy == "create":
        context.actor.require(f"{parent.noun}:create")
    planned = Plan(parent)
    absent: dict[int, Named] = {}
    for (row, one), fits in zip(named.items(), found, strict=True):
        if fits.id is not None:
            planned.ids[row] = fits.id
        elif fits.ids:
            text = (
                f"{len(fits.ids)} {parent.noun} fit {parents.said(one)!r}: {parents.listed(fits)}; "
                "name one by its id or a key."
            )
            planned.refusals.append(Refusal(row, name, "ambiguous_reference", text))
        else:
            absent[row] = one
    if policy != "skip":
        _settle_missing(planned, target, name, absent, creates=policy == "create")
    return planned


def _settle_missing(
    planned: Plan, target: RecordType, name: str, absent: Mapping[int, Named], *, creates: bool
) -> None:
    """Make one record for all rows that mean the same; those that say most of it come first."""
    parent, numbers = planned.parent, dict[tuple[str, str], int]()
    for row, one in sorted(absent.items(), key=lambda item: -len(item[1])):
        values = parents.values_of(target, parent, one) if creates else None
        if values is None:
            text = f"There is no {target.noun.singular} {parents.said(one)}."
            if creates:
                text += " It cannot be made of that alone; import it first."
            planned.refusals.append(Refusal(row, name, "unknown_reference", text))
            continue
        number = numbers.get(parents.same(target, parent, one))
        if number is None:
            number = len(planned.new)
            planned.new.append(values)
        for way in parents.ways(target, parent, one):
            numbers.setdefault(way, number)
        planned.fresh[row] = number


async def create_missing(
    context: Context, transaction: Transaction, planned: Plan, *, dry_run: bool
) -> int:
    """Write the records that are missing and that rows still need; return how many.

    Rows whose record is refused are refused, too.
    """
    planned.forget_unneeded()
    if not planned.new:
        return 0
    target = context.catalog[planned.parent.noun]
    given = (name for values in planned.new for name, value in values.items() if value)
    names = tuple(dict.fromkeys(given))
    keys = tuple(key for key in target.keys if key in names)
    externals = {source for v in planned.new for source in v.get("external_ids") or ()}
    shape = Shape(target, names, None, (*(f"external_ids.{s}" for s in sorted(externals)), *keys))
    batch = Batch([{"id": None, **values} for values in planned.new])
    counts = await write_chunk(context, transaction, shape, batch, dry_run=dry_run)
    refused = {refusal.row: refusal for refusal in batch.refusals}
    for row, number in planned.fresh.items():
        if number in refused:
            why = refused[number]
            text = f"The {target.noun.singular} that it names cannot be made: {why.message}"
            planned.refusals.append(Refusal(row, why.field, why.code, text))
        elif not dry_run:
            planned.ids[row] = str(batch.rows[number]["id"])
    return counts["created"]


async def missing_links(
    context: Context, parent: ImportParent, rows: Sequence[tuple[str, str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the links that are not there yet, of (this record, the other, this row's values).

    A link that holds today is not repeated, whoever may see it; others of the record stay.
    """
    assert parent.via is not None  # noqa: S101 - a field of the record itself needs no link
    link = context.catalog[parent.via]
    here, there = ident(parent.here), ident(parent.there)
    only = f"l.{ident(parent.current)} and " if parent.current else ""
    held = await context.read(
        Sql(
            f"select l.{here}::text, l.{there}::text from {ident(link.table_name)} l "
            f'where {only}l."deleted_at" is null and l.{here} = any(%s::uuid[])',
            ([mine for mine, _, _ in rows],),
        )
    )
    seen = set(held)
    found: list[dict[str, Any]] = []
    for mine, other, values in rows:
        if (mine, other) not in seen:
            seen.add((mine, other))
            copied = {name: values.get(source) for name, source in parent.copied.items()}
            current = {parent.current: True} if parent.current else {}
            found.append({parent.here: mine, parent.there: other, **copied, **current})
    return found


async def add_links(
    context: Context,
    transaction: Transaction,
    parent: ImportParent,
    links: Sequence[Mapping[str, Any]],
) -> list[Refusal]:
    """Write links; return what was refused of them."""
    if not links:
        return []
    assert parent.via is not None  # noqa: S101 - as above
    context.actor.require(f"{parent.via}:create")
    shape = Shape(context.catalog[parent.via], tuple(links[0]), None, ())
    batch = Batch([{"id": None, **link} for link in links])
    await write_chunk(context, transaction, shape, batch, dry_run=False)
    return batch.refusals


async def write_with_parents(
    context: Context,
    transaction: Transaction,
    shape: Shape,
    batch: Batch,
    named: Sequence[Mapping[str, Named]],
    *,
    missing: MissingParent | None,
    dry_run: bool,
) -> Counter[str]:
    """Write a chunk and what its rows name, as `write_chunk` does without; `named` is by row.

    Besides its counts there are `parents_created` and `linked`.
    """
    plans: list[Plan] = []
    more: Counter[str] = Counter()
    for name, parent in shape.record_type.import_parents.items():
        rows = {number: one[name] for number, one in enumerate(named) if name in one}
        if rows:
            planned = await plan(context, name, parent, rows, missing)
            # behind a link they are made when it is known which rows are written
            is_later = parent.via is not None
            created = await create_missing(
                context, transaction, planned, dry_run=dry_run or is_later
            )
            more["parents_created"] += created if dry_run or not is_later else 0
            plans.append(planned)
    early = [refusal for planned in plans for refusal in planned.refusals]
    out = {refusal.row for refusal in early}
    kept = [number for number in range(len(batch.rows)) if number not in out]
    for planned in plans:
        for number, record_id in planned.ids.items():
            if planned.parent.via is None:
                batch.rows[number][planned.parent.here] = record_id
    place = {number: position for position, number in enumerate(kept)}
    doubts = [replace(r, row=place[r.row]) for r in batch.refusals if r.row in place]
    inner = Batch([batch.rows[number] for number in kept], refusals=doubts)
    counts = await write_chunk(context, transaction, shape, inner, dry_run=dry_run)
    late = [replace(refusal, row=kept[refusal.row]) for refusal in inner.refusals]
    batch.refusals[:] = [*early, *late]
    refused = {refusal.row for refusal in batch.refusals}
    for planned in plans:
        if planned.parent.via is not None and not dry_run:
            planned.fresh = {row: n for row, n in planned.fresh.items() if row not in refused}
            more["parents_created"] += await create_missing(
                context, transaction, planned, dry_run=False
            )
            more["linked"] += await _link(context, transaction, planned, batch, refused)
    return counts + more


async def _link(
    context: Context, transaction: Transaction, planned: Plan, batch: Batch, refused: set[int]
) -> int:
    pairs = [
        (str(batch.rows[number]["id"]), record_id, batch.rows[number])
        for number, record_id in sorted(planned.ids.items())
        if number not in refused
    ]
    links = await missing_links(context, planned.parent, pairs)
    wrong = await add_links(context, transaction, planned.parent, links)
    return len(links) - len({refusal.row for refusal in wrong})
