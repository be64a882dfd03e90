"""Values of custom fields on their way in: checked as the workspace defines them, for a set."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from cerebro_sdk.schemas.custom_types import normal_form
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import closest
from cerebro_server.kernel.fields import Batch, Definition, RecordType, Refusal
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.people import check_teams, resolve_users
from cerebro_server.kernel.records.validation import message

_REQUIRED = "This field is required."


async def customize(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Bring the custom fields of new records, or of changes, into their normal form.

    A change keeps its nulls, which empty fields. Every wrong value is refused.
    """
    if not record_type.takes_custom:
        return
    shown = context.seen(record_type)
    for number, row in enumerate(batch.rows):
        if row.get(COLUMN):
            row[COLUMN], wrong = checked(shown, row[COLUMN])
            batch.refusals += [Refusal(number, *refusal) for refusal in wrong]
    await resolve_references(context, record_type, batch)


def complete(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Give new records the defaults of custom fields, and refuse those that lack required ones."""
    whole = context.whole(record_type)
    if not whole.custom:
        return
    shown = context.seen(record_type)
    writable = {key for key in shown.defined if shown.is_writable(key)}
    for number, row in enumerate(batch.rows):
        given = {key: value for key, value in (row.get(COLUMN) or {}).items() if value is not None}
        refused = {refusal.field for refusal in batch.refusals if refusal.row == number}
        for definition in whole.custom:
            key = definition.key
            if key in given:
                continue
            if definition.default is not None and (row.get(COLUMN) or {}).get(key, 0) == 0:
                given[key] = definition.default
            elif definition.is_required and key in writable and _path(key) not in refused:
                batch.refuse(number, _path(key), "missing", _REQUIRED)
        row[COLUMN] = given


def checked(
    shown: RecordType, given: dict[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Return the values in their normal form, and field, code and sentence of each that is wrong.

    `shown` is the record type as the caller sees it.
    """
    found: dict[str, Any] = {}
    wrong: list[tuple[str, str, str]] = []
    for key, value in given.items():
        definition = shown.defined.get(key)
        if definition is None:
            wrong.append((_path(key), "unknown_field", _unknown(shown, key)))
        elif not shown.is_writable(key):
            said = "Your role lets you read this field, not change it."
            wrong.append((_path(key), "read_only", said))
        elif refusal := _taken(definition, value, found):
            wrong.append(refusal)
    return found, wrong


def _taken(
    definition: Definition, value: Any, found: dict[str, Any]
) -> tuple[str, str, str] | None:
    """Put a value's normal form into `found`, or say what is wrong with it."""
    path = _path(definition.key)
    kept = None
    if value is not None and not (isinstance(value, str) and not value.strip()):
        try:
            kept = normal_form(definition.adapter, value)
        except ValidationError as error:
            detail = error.errors(include_url=False, include_context=False)[0]
            inner = "".join(f"/{part}" for part in detail["loc"] if part in ("amount", "currency"))
            return path + inner, detail["type"], f"{definition.label}: {message(detail)}"
    if kept is None and definition.is_required:
        return path, "missing", f"{definition.label}: {_REQUIRED}"
    found[definition.key] = kept
    return None


async def resolve_references(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Replace users in custom fields by their ids; refuse users and teams that there are not."""
    by_type = {
        kind: [each.key for each in context.whole(record_type).custom if each.type == kind]
        for kind in ("user", "team")
    }
    if not any(by_type.values()):
        return
    # the same check as for the built-in ones, on what lies in `custom`
    inner = Batch([row.get(COLUMN) or {} for row in batch.rows])
    await resolve_users(context, inner, by_type["user"])
    await check_teams(context, inner, by_type["team"])
    for refusal in inner.refusals:
        batch.refuse(refusal.row, _path(refusal.field or ""), refusal.code, refusal.message)


def _path(key: str) -> str:
    escaped = key.replace("~", "~0").replace("/", "~1")
    return f"{COLUMN}/{escaped[:200]}"


def _unknown(shown: RecordType, key: str) -> str:
    meant = closest(key, [*shown.defined, *shown.columns])
    hint = f" Did you mean {meant}?" if meant else ""
    return f"{shown.name} have no field {key[:60]!r}.{hint}"
