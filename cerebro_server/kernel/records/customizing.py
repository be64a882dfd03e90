"""Values of custom fields on their way in: checked as the workspace defines them, for a set."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from cerebro_sdk.schemas.custom_types import normal_form
from cerebro_sdk.schemas.custom_values import or_json, words
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import closest
from cerebro_server.kernel.fields import Batch, Definition, RecordType, Refusal
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.people import check_teams, resolve_users
from cerebro_server.kernel.records.references import resolve
from cerebro_server.kernel.records.validation import message

_GUESSES = 5
_REQUIRED = "This field is required."


class Wrong(NamedTuple):
    """A value that is refused."""

    field: str
    code: str
    message: str

    @property
    def key(self) -> str:
        """The key of a field that there is."""
        return self.field.split("/")[1]


async def customize(
    context: Context, record_type: RecordType, batch: Batch, *, reference: str | None = None
) -> None:
    """Bring the custom fields of new records, or of a change of the one that is referred to, into
    their normal form.

    A change keeps its nulls, which empty fields. Every wrong value is refused, but for what the
    record has already: an option that is gone, no value where one is required by now.
    """
    if not record_type.takes_custom:
        return
    shown = context.seen(record_type)
    given = [row.get(COLUMN) or {} for row in batch.rows]
    for number, row in enumerate(batch.rows):
        if row.get(COLUMN):
            row[COLUMN], wrong = checked(shown, row[COLUMN])
            batch.refusals += [Refusal(number, *refusal) for refusal in wrong]
    await resolve_references(context, record_type, batch)
    if reference is not None:
        await _excuse(context, shown, batch, given[0], reference)


async def _excuse(
    context: Context, shown: RecordType, batch: Batch, given: dict[str, Any], reference: str
) -> None:
    """Take back refusals of values that the record has; they are left as they are."""
    paths = [(each, (each.field or "").split("/")) for each in batch.refusals]
    named = [(each, path[1]) for each, path in paths if path[0] == COLUMN]
    # of a field that is not theirs to see and write, it would tell what it holds
    doubts = [(each, key) for each, key in named if key in shown.defined and shown.is_writable(key)]
    if not doubts:
        return
    visible = context.condition(shown, "read") or Sql("true")
    found = await context.read(
        Sql(
            f"select t.{COLUMN} from {ident(shown.table_name)} t where t.id = %s "
            f"and {visible.text}",
            (await resolve(context, shown, reference), *visible.params),
        )
    )
    stored = from_json(found[0][0]) if found else {}
    for refusal, key in doubts:
        if found and is_stored(given.get(key), stored.get(key)):
            batch.refusals.remove(refusal)
            batch.rows[0][COLUMN].pop(key, None)


def is_stored(value: Any, stored: Any) -> bool:
    """Tell whether a value, as it was sent, is what a record has."""
    if isinstance(value, str):
        value = value.strip() or None
        if isinstance(stored, list) and value:
            try:
                value = or_json(words)(value)
            except ValueError:
                return False
    return bool(value == stored)


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


def checked(shown: RecordType, given: dict[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
    """Return the values in their normal form, and those that are wrong.

    `shown` is the record type as the caller sees it.
    """
    found: dict[str, Any] = {}
    wrong: list[Wrong] = []
    unknown = 0
    for key, value in given.items():
        definition = shown.defined.get(key)
        if definition is None:
            unknown += 1
            wrong.append(Wrong(_path(key), "unknown_field", _unknown(shown, key, unknown)))
        elif not shown.is_writable(key):
            said = "Your role lets you read this field, not change it."
            wrong.append(Wrong(_path(key), "read_only", said))
        elif refusal := _taken(definition, value, found):
            wrong.append(refusal)
    return found, wrong


def _taken(definition: Definition, value: Any, found: dict[str, Any]) -> Wrong | None:
    """Put a value's normal form into `found`, or say what is wrong with it."""
    path = _path(definition.key)
    kept = None
    if value is not None and not (isinstance(value, str) and not value.strip()):
        try:
            kept = normal_form(definition.adapter, value)
        except ValidationError as error:
            detail = error.errors(include_url=False, include_context=False)[0]
            inner = "".join(f"/{part}" for part in detail["loc"] if part in ("amount", "currency"))
            said = f"{definition.label}: {message(detail)}"
            return Wrong(path + inner, detail["type"], said)
    if kept is None and definition.is_required:
        return Wrong(path, "missing", f"{definition.label}: {_REQUIRED}")
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


def _unknown(shown: RecordType, key: str, number: int) -> str:
    # a guess costs 8 ms among 60 fields, and a payload may have 500 wrong keys
    known = [*shown.defined, *shown.columns] if number <= _GUESSES else ()
    meant = closest(key[:60], known)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"{shown.name} have no field {key[:60]!r}.{hint}"
