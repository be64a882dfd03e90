"""One chunk of an import: what each row would do, and the statement that does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident, literal
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.importing.claims import value_of
from cerebro_server.kernel.records.writer import recordset


@dataclass(frozen=True, slots=True)
class Shape:
    """What one import's statements depend on."""

    record_type: RecordType
    names: tuple[str, ...]
    """Fields that the file has columns for."""
    key: str | None
    keys: tuple[str, ...]
    """Every unique field that the file has columns for, `external_ids.<source>` each by itself."""

    @property
    def kind(self) -> str:
        """The key's kind in `record_keys`."""
        return _kind(self.key or "")


async def write_chunk(
    context: Context, transaction: Transaction, shape: Shape, batch: Batch, *, dry_run: bool
) -> Counter[str]:
    """Write the rows of a batch that nothing is wrong with; return how many were what.

    Rows are counted as `created`, `updated`, `unchanged`; rows that rules refuse, or whose key
    belongs to another record, are refused in the batch. With `dry_run` everything but the writing
    happens.
    """
    staged = [
        {"n": number, **{k: row.get(k) for k in shape.names}, "key": _key(shape, row)}
        for number, row in enumerate(batch.rows)
    ]
    found = await transaction.rows(Sql(_classify(shape), (to_json(staged).decode(), shape.kind)))
    singular = shape.record_type.noun.singular
    for number, _, _, clash in found:
        if clash:
            batch.refuse(number, clash, "duplicate_key", f"Another {singular} has it.")
    actions = {number: action for number, _, action, clash in found if not clash}
    changed = sorted((i, n) for n, i, _, _ in found if actions.get(n) == "updated")
    if changed and not dry_run:
        rows = [
            {"id": record_id, **{k: batch.rows[n].get(k) for k in shape.names}}
            for record_id, n in changed
        ]
        await transaction.rows(Sql(_update(shape), (to_json(rows).decode(),)))
    # after the updates: rules derive keys, and have to see those that were just taken
    fresh = [number for number, action in actions.items() if action == "created"]
    new = await _by_rules(context, shape, batch, fresh)
    if new and not dry_run:
        await _insert_rows(transaction, shape, new)
    refused = {refusal.row for refusal in batch.refusals}
    return Counter(action for number, action in actions.items() if number not in refused)


async def _by_rules(
    context: Context, shape: Shape, batch: Batch, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the new rows as the component's rules leave them, without those they refuse."""
    new = Batch([batch.rows[number] for number in numbers])
    if new.rows and shape.record_type.rules is not None:
        await shape.record_type.rules(context, new)
    for refusal in new.refusals:
        batch.refuse(numbers[refusal.row], refusal.field, refusal.code, refusal.message)
    refused = {refusal.row for refusal in new.refusals}
    return [row for number, row in enumerate(new.rows) if number not in refused]


async def _insert_rows(
    transaction: Transaction, shape: Shape, new: Sequence[dict[str, Any]]
) -> None:
    record_type = shape.record_type
    names = ("id", *record_type.writable)
    listed = ", ".join(ident(name) for name in names)
    rows = [{"external_ids": {}, **row, "id": uuid7()} for row in new]
    await transaction.rows(
        Sql(
            f"insert into {ident(record_type.table_name)} ({listed}) "
            f"select {listed} from {recordset(record_type, names)}",
            (to_json(rows).decode(),),
        )
    )


def _key(shape: Shape, row: dict[str, Any]) -> str | None:
    return None if shape.key is None else value_of(shape.key, row)


def _kind(key: str) -> str:
    return key.replace("external_ids.", "external:")


@cache
def _classify(shape: Shape) -> str:
    """Select (n, id, action, field whose key another record has) for every staged row."""
    record_type = shape.record_type
    staged = recordset(record_type, shape.names, extra="n integer, key text, ")
    table, noun = ident(record_type.table_name), record_type.name
    clash = "null::text"
    for name in shape.keys:
        parent, _, source = name.partition(".")
        column = f"s.{ident(parent)}"
        value = f"{column} ->> {literal(source)}" if source else f"fold({column})"
        clash = (
            f"case when exists (select from record_keys o where o.record_type = '{noun}' "
            f"and o.kind = {literal(_kind(name))} and o.value = {value} "
            f"and o.record_id is distinct from k.record_id) then {literal(name)} else {clash} end"
        )
    value = "fold(s.key)" if shape.key and "." not in shape.key else "s.key"
    return (
        f"select s.n, k.record_id, case when k.record_id is null then 'created' "
        f"when ({_before(shape)}) is distinct from ({_after(shape)}) then 'updated' "
        f"else 'unchanged' end, {clash} from {staged} "
        f"left join record_keys k on k.record_type = '{noun}' and k.kind = %s "
        f"and k.value = {value} left join {table} t on t.id = k.record_id order by s.n"
    )


@cache
def _update(shape: Shape) -> str:
    record_type = shape.record_type
    staged = recordset(record_type, ("id", *shape.names))
    settings = ", ".join(f"{ident(n)} = {_merged(n)}" for n in shape.names)
    return (
        f"update {ident(record_type.table_name)} t set {settings}, version = t.version + 1, "
        f"updated_at = now() from {staged} where t.id = s.id and t.deleted_at is null "
        f"and ({_before(shape)}) is distinct from ({_after(shape)})"
    )


def _merged(name: str) -> str:
    """A blank cell leaves what is there; external ids of other sources stay."""
    column = ident(name)
    if name == "external_ids":
        return f"t.{column} || coalesce(s.{column}, '{{}}')"
    return f"coalesce(s.{column}, t.{column})"


def _before(shape: Shape) -> str:
    return ", ".join(f"t.{ident(n)}" for n in shape.names)


def _after(shape: Shape) -> str:
    return ", ".join(_merged(n) for n in shape.names)
