"""Planning that plans nothing: a scan of all records for duplicates, which keeps what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, settings
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.matching import blocking, rules
from cerebro_server.kernel.records.matching.packing import Packed
from cerebro_server.kernel.records.matching.scoring import Scorer
from cerebro_server.kernel.records.operations.inputs import ScanInput, read
from cerebro_server.kernel.records.operations.planning import Plan

VERB: Final = "find_duplicates"
_PIECE: Final = 1 << 20
_BATCH: Final = 20_000
"""Pairs that are compared at a time."""
_GONE: Final = 5_000
_Batch = Sequence[tuple[int, int]]


async def check_scan(context: Context, noun: str, asked: Mapping[str, Any]) -> int:
    """Refuse a scan that cannot be; return how many records there are, as far as it matters.

    Raises `ValidationFailed`, `Forbidden`.
    """
    read(ScanInput, asked)
    record_type = context.catalog[noun]
    for action in ("read", "bulk"):
        context.actor.require(f"{noun}:{action}")
    found = await rules.in_force(context, record_type)
    rules.seen(context, record_type, found.rules)
    [(count,)] = await context.read(
        Sql(
            f"select count(*) from (select from {ident(record_type.table_name)} "
            "where deleted_at is null limit 501) t"
        )
    )
    return int(count)


async def plan_scan(plan: Plan, noun: str) -> None:
    """Compare all records that the caller reads, and keep the pairs that are probably one.

    What was dismissed stays so. A pair that is not found again goes, where the caller reads both.
    """
    async with plan.look() as context:
        record_type = context.catalog[noun]
        found = await rules.in_force(context, record_type)
        rules.seen(context, record_type, found.rules)
    scan = _Scan(plan, record_type, found)
    async with plan.alive():
        await scan.block()
        await scan.compare()
    await scan.clear()


class _Scan:
    """One scan while it runs."""

    def __init__(self, plan: Plan, record_type: RecordType, found: rules.InForce) -> None:
        self._plan = plan
        self._record_type = record_type
        self._rules = found
        self._scorer = Scorer(found.rules)
        compared = [field for each in found.rules.compare for field in each.fields]
        self._fields = list(dict.fromkeys(compared))
        self._held = Packed(0)
        self._pairs = blocking.Pairs()
        self._report = {"compared": 0, "pairs": 0, "new": 0, "gone": 0, "large_blocks": 0}

    async def block(self) -> None:
        """Find out which pairs are compared."""
        async with self._plan.look() as context:
            transaction = await context.write()
            # it writes nothing that others wait for
            await transaction.rows(settings(statement_timeout="0", work_mem="64MB"))
            statement = blocking.blocks(context, self._record_type, self._rules.rules)
            async with aclosing(transaction.copied(statement, _PIECE)) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(self._pairs.take, piece)
        await asyncio.to_thread(self._pairs.end)
        self._held = Packed(len(self._pairs.ids))
        self._report["large_blocks"] = self._pairs.large
        self._plan.report |= {"progress": {"done": 0, "of": len(self._pairs)}}

    async def compare(self) -> None:
        """Compare all pairs, and keep those that are alike: what was found in one batch while the
        next one is compared."""
        keeping: asyncio.Task[None] | None = None
        try:
            async with aclosing(self._batches()) as batches:
                async for batch in batches:
                    found = await asyncio.to_thread(self._scored, batch)
                    if keeping is not None:
                        await keeping
                    keeping = asyncio.create_task(self._keep(len(batch), found))
            if keeping is not None:
                await keeping
        finally:
            if keeping is not None:
                await asyncio.gather(keeping, return_exceptions=True)

    async def _batches(self) -> AsyncGenerator[_Batch, None]:
        """Yield the pairs, some at a time, with the values of their records at hand."""
        for start in range(0, len(self._pairs), _BATCH):
            batch = self._pairs.batch(start, _BATCH)
            lacking = self._held.lacking(number for pair in batch for number in pair)
            if lacking:
                ids = {self._pairs.ids[number]: number for number in lacking}
                async with self._plan.look() as context:
                    statement = blocking.values(context, self._record_type, self._fields, ids)
                    rows = await context.read(statement)
                await asyncio.to_thread(self._prepare, ids, rows)
            yield batch

    def _prepare(self, numbers: Mapping[str, int], rows: Sequence[tuple[Any, ...]]) -> None:
        for record_id, *values in rows:
            texts = ([text for text in each if text] for each in values)
            said = dict(zip(self._fields, texts, strict=True))
            self._held.hold(numbers[record_id], self._scorer.prepared(said))

    async def _keep(self, compared: int, found: Sequence[Mapping[str, Any]]) -> None:
        """Write down what was found in a batch, and how far the scan is."""
        self._report["compared"] += compared
        self._report["pairs"] += len(found)
        progress = {"done": self._report["compared"], "of": len(self._pairs)}
        async with self._plan.begin() as context:
            transaction = await context.write()
            if found:
                new = await transaction.rows(self._keeping(found))
                self._report["new"] += sum(is_new for (is_new,) in new)
            await transaction.rows(
                Sql(
                    "update operations set report = jsonb_build_object('progress', %s::jsonb) "
                    "where id = %s",
                    (to_json(progress).decode(), self._plan.operation.id),
                )
            )

    def _scored(self, batch: _Batch) -> list[dict[str, Any]]:
        found, ids = [], self._pairs.ids
        get, score = self._held.get, self._scorer.score
        for low, high in batch:
            first, second = get(low), get(high)
            if first is None or second is None:
                continue  # deleted meanwhile
            scored = score(first, second)
            if scored is not None:
                one, other = sorted((ids[low], ids[high]))
                said = {"id": uuid7(), "one": one, "other": other, "score": scored[0]}
                found.append({**said, "reasons": [each.wire() for each in scored[1]]})
        return found

    def _keeping(self, found: Sequence[Mapping[str, Any]]) -> Sql:
        return Sql(
            "insert into duplicate_pairs as d (id, record_type, one_id, other_id, score, reasons, "
            "rules_version, scan_id) select s.id, %s, s.one, s.other, s.score, s.reasons, %s, %s "
            "from json_to_recordset(%s::json) as s(id uuid, one uuid, other uuid, score numeric, "
            "reasons jsonb) on conflict (record_type, one_id, other_id) do update set "
            "score = excluded.score, reasons = excluded.reasons, scan_id = excluded.scan_id, "
            "rules_version = excluded.rules_version, found_at = now() returning xmax = 0",
            (
                *(self._record_type.name, self._rules.version, self._plan.operation.id),
                to_json(found).decode(),
            ),
        )

    async def clear(self) -> None:
        """Remove pairs that were not found again, and say what came of it."""
        table = ident(self._record_type.table_name)
        more = True
        while more:
            async with self._plan.begin() as context:
                limit = context.condition(self._record_type, "read")
                own = Sql.both(Sql("t.deleted_at is null"), *filter(None, [limit]))
                seen = f"exists (select from {table} t where t.id = d.{{}} and {own.text})"
                gone = await (await context.write()).rows(
                    Sql(
                        "delete from duplicate_pairs where id in (select d.id from "
                        "duplicate_pairs d where d.record_type = %s and d.state = 'open' "
                        f"and d.scan_id <> %s and {seen.format('one_id')} "
                        f"and {seen.format('other_id')} limit {_GONE}) returning 1",
                        (
                            *(self._record_type.name, self._plan.operation.id),
                            *(*own.params, *own.params),
                        ),
                    )
                )
            self._report["gone"] += len(gone)
            more = len(gone) == _GONE
        self._plan.report |= {
            "progress": {"done": len(self._pairs), "of": len(self._pairs)},
            **self._report,
            "rules_version": self._rules.version,
        }
