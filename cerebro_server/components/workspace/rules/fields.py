"""What is checked and derived when custom fields are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from cerebro_sdk.schemas.custom_types import normal_form
from cerebro_server.components.identity.service import row_rules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import InvalidQuery, closest
from cerebro_server.kernel.fields import Batch, Definition, Definitions
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.query import parse
from cerebro_server.kernel.records.custom_indexes import INDEXABLE, UNIQUE
from cerebro_server.kernel.records.importing.naming import folded

MOST_FIELDS = 500
_SELECTS = ("select", "multi_select")
_PERSONAL = ("user", "team")
_INDEX = ("is_indexed", "is_unique", "deleted_at")
_BEARING = ("deleted_at", "is_active", "options")
"""What a rule may lose its footing by."""
_KNOWN: Final = """
select key, type, position, deleted_at is null from fields where record_type = %s
"""


class _Known(NamedTuple):
    """A field that there is, or was."""

    key: str
    type: str
    position: int
    lives: bool


async def fields(context: Context, batch: Batch) -> None:
    """Check new fields: their noun, their key, and what was defined by that key before."""
    nouns = sorted({row["record_type"] for row in batch.rows})
    known = {noun: await _known(context, noun) for noun in nouns}
    for number, row in enumerate(batch.rows):
        noun, key = row["record_type"], row["key"]
        row["label"] = row["label"] or key.replace("_", " ").capitalize()
        own = known[noun]
        if row["position"] is None:
            row["position"] = 1 + max((each.position for each in own), default=0)
        _check_noun(context, batch, number, noun, key)
        if any(each.key == key and each.type != row["type"] and not each.lives for each in own):
            said = (
                f"{noun} had a field {key} of another type, whose values are kept: restore that "
                "one, or choose another key."
            )
            batch.refuse(number, "key", "key_used_before", said)
        _check_beside(batch, number, noun, key, own)
        _check_values(batch, number, row)
        _check_index(batch, number, row)
        if row["is_indexed"] or row["is_unique"]:
            await _want_index(context, row, row)


async def changed_fields(context: Context, batch: Batch) -> None:
    """Check fields that are changed."""
    for number, row in enumerate(batch.rows):
        before = batch.before[number]
        after = {**before, **row}
        if "deleted_at" in row:
            own = await _known(context, after["record_type"])
            if row["deleted_at"] is None and before["deleted_at"] is not None:
                _check_beside(batch, number, after["record_type"], after["key"], own)
        _check_values(batch, number, after)
        if "default" in row:
            row["default"] = after["default"]
        _check_index(batch, number, after)
        if any(name in row and row[name] != before[name] for name in _INDEX):
            await _want_index(context, row, after)
        if not row.keys().isdisjoint(_BEARING):
            await _check_rules(context, batch, number, after)


async def _known(context: Context, noun: str) -> list[_Known]:
    """Return the noun's fields, removed ones too. They stay as they are until the commit."""
    transaction = await context.write()
    lock = "select pg_advisory_xact_lock(hashtextextended(current_schema() || '.fields.' || %s, 0))"
    await transaction.rows(Sql(lock, (noun,)))
    return [_Known(*row) for row in await transaction.rows(Sql(_KNOWN, (noun,)))]


async def _want_index(context: Context, row: dict[str, Any], after: dict[str, Any]) -> None:
    """Have the field's indexes built or dropped, once this is committed."""
    is_wanted = (after["is_indexed"] or after["is_unique"]) and after.get("deleted_at") is None
    row["index_state"] = "building" if is_wanted else None
    row["index_error"] = None
    path = f"{after['record_type']}.{after['key']}"
    await enqueue(await context.write(), kind="ddl", key=path, payload={"path": path})


def _check_index(batch: Batch, number: int, row: dict[str, Any]) -> None:
    """Refuse an index that a type cannot have, and a default that only one record could have."""
    for name, types in (("is_unique", UNIQUE), ("is_indexed", INDEXABLE)):
        if row[name] and row["type"] not in types:
            said = f"A field of type {row['type']} cannot have this; {', '.join(types)} can."
            batch.refuse(number, name, "not_indexable", said)
    if row["is_unique"] and row["default"] is not None:
        said = "A unique field has no default: every new record would have the same value."
        batch.refuse(number, "default", "no_default", said)


async def _check_rules(context: Context, batch: Batch, number: int, after: dict[str, Any]) -> None:
    """Refuse a change that would leave a role with a row rule about what is there no longer."""
    noun, key = after["record_type"], after["key"]
    by_noun = dict(context.actor.definitions.by_noun)
    others = [each for each in by_noun.get(noun, ()) if each.key != key]
    stays = after["is_active"] and after["deleted_at"] is None
    by_noun[noun] = (*others, *([Definition.of(after)] if stays else []))
    if roles := await row_rules.broken_by(context, Definitions(by_noun)):
        said = f"The row rules of {', '.join(roles)} go by this: change them first."
        batch.refuse(number, None, "in_use", said)


def _check_noun(context: Context, batch: Batch, number: int, noun: str, key: str) -> None:
    record_type = context.catalog.get(noun)
    if record_type is None or not record_type.takes_custom:
        able = [name for name, each in context.catalog.items() if each.takes_custom]
        meant = closest(noun, able)
        hint = f" Did you mean {meant}?" if meant else ""
        said = f"{noun} take no fields of your own; {', '.join(able)} do.{hint}"
        batch.refuse(number, "record_type", "unknown_noun", said)
        return
    names = (*record_type.columns, *record_type.relations)
    taken = [n for n in names if folded(key) in (folded(n), folded(n.removesuffix("_id")))]
    if taken:
        batch.refuse(number, "key", "built_in", f"{noun} have a field {taken[0]} already.")
    try:
        parse(f"{key} is empty")
    except InvalidQuery:
        batch.refuse(number, "key", "keyword", f"{key} means something else in filters.")


def _check_beside(batch: Batch, number: int, noun: str, key: str, known: Sequence[_Known]) -> None:
    """Refuse a field that is one too many, or whose key files would take for another's."""
    others = [each.key for each in known if each.lives and each.key != key]
    if len(others) >= MOST_FIELDS:
        batch.refuse(number, None, "too_many", f"{noun} have {MOST_FIELDS} fields already.")
    if alike := [other for other in others if folded(other) == folded(key)]:
        said = f"{noun} have a field {alike[0]} already, which files could not tell from {key}."
        batch.refuse(number, "key", "key_alike", said)


def _check_values(batch: Batch, number: int, row: dict[str, Any]) -> None:
    """Check options and default, and bring the default into its normal form."""
    if bool(row["options"]) != (row["type"] in _SELECTS):
        said = (
            "A field to choose from needs options."
            if row["type"] in _SELECTS
            else f"A field of type {row['type']} has no options."
        )
        batch.refuse(number, "options", "options", said)
        return
    if row.get("default") in (None, ""):
        row["default"] = None
        return
    if row["type"] in _PERSONAL:
        batch.refuse(number, "default", "no_default", f"A {row['type']} cannot be the default.")
        return
    try:
        definition = Definition.of({"label": "", "description": "", **row})
        row["default"] = normal_form(definition.adapter, row["default"])
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False)[0]
        batch.refuse(number, "default", detail["type"], detail["msg"])
