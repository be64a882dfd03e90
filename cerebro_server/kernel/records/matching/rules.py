"""The rules by which duplicates are found: those of the code, or a workspace's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.workspace.duplicates import DuplicateComparison, DuplicateRules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, NotFound, ValidationFailed, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7

WAYS: Final = ("sound", "digits", "year", "number", "word", "domain")
_BEGINNING = re.compile(r"[1-9]")
_LISTS: Final = (Kind.PARTS, Kind.KEYS, Kind.MAP)
CONFIGURE: Final = "duplicates:configure"


class Key(NamedTuple):
    """One field of a block: `last_name:sound`."""

    field: str
    way: str
    """How two values have it in common; empty: they are the same words."""


class InForce(NamedTuple):
    """The rules of a noun as they are now."""

    rules: DuplicateRules
    version: int
    """0: those of the code, never changed."""
    is_default: bool
    updated_at: Any = None


def key_of(text: str) -> Key:
    """Read one field of a block."""
    field, _, way = text.partition(":")
    return Key(field, way)


def matched(context: Context, noun: str) -> RecordType:
    """Return the type of a noun whose duplicates are found. Raises `NotFound`."""
    record_type = context.catalog.get(noun)
    if record_type is None or record_type.matching is None:
        known = [name for name, each in context.catalog.items() if each.matching is not None]
        raise NotFound(
            f"Nothing finds duplicates of {noun!r}; there are: {', '.join(known)}.",
            suggestion=closest(noun, known),
        )
    return record_type


async def in_force(context: Context, record_type: RecordType) -> InForce:
    """Return the rules of a noun."""
    ours = record_type.matching
    if ours is None:
        raise TypeError(f"{record_type.name} are compared by nothing")
    rows = await context.read(
        Sql(
            "select version, case when deleted_at is null then rules end, updated_at "
            "from duplicate_rules where record_type = %s",
            (record_type.name,),
        )
    )
    if not rows:
        return InForce(ours, 0, is_default=True)
    version, own, updated_at = rows[0]
    if own is None:
        return InForce(ours, version, is_default=True, updated_at=updated_at)
    rules = DuplicateRules.model_validate_json(own)
    return InForce(rules, version, is_default=False, updated_at=updated_at)


async def shown(context: Context, record_type: RecordType) -> bytes:
    """Return the rules of a noun as JSON."""
    context.actor.require(f"{record_type.name}:read")
    found = await in_force(context, record_type)
    return to_json({"record_type": record_type.name, **found._asdict()})


async def change(context: Context, record_type: RecordType, rules: DuplicateRules | None) -> None:
    """Give a noun rules of the workspace's own, or with None those of the code again.

    Raises `ValidationFailed`, which names the rule that is wrong.
    """
    context.actor.require(CONFIGURE)
    if rules is not None:
        check(context.whole(record_type), rules)
    await (await context.write()).rows(
        Sql(
            "insert into duplicate_rules as d (id, record_type, rules) values (%s, %s, %s::jsonb) "
            "on conflict (record_type) do update set version = d.version + 1, "
            "rules = excluded.rules, deleted_at = null, updated_at = now()",
            (uuid7(), record_type.name, None if rules is None else rules.model_dump_json()),
        )
    )


def check(record_type: RecordType, rules: DuplicateRules) -> None:
    """Refuse rules that cannot be. Raises `ValidationFailed`."""
    errors = [*_blocks(record_type, rules), *_comparisons(record_type, rules)]
    if rules.merge < rules.review:
        said = "merge: it must not be below review."
        errors.append({"pointer": "/merge", "code": "below_review", "detail": said})
    if errors:
        raise ValidationFailed("; ".join(each["detail"] for each in errors), errors=errors)


def seen(context: Context, record_type: RecordType, rules: DuplicateRules) -> None:
    """Refuse to compare what the caller does not see: scores would tell of it. Raises
    `Forbidden`."""
    mine = context.seen(record_type)
    closed = [name for name in fields(rules) if not mine.shows(name)]
    if closed:
        raise Forbidden(
            f"The rules compare {', '.join(closed)}, which you do not see: a scan is for whoever "
            "sees all that it compares.",
            permission=f"{record_type.name}:read",
        )


def fields(rules: DuplicateRules) -> list[str]:
    """Return every field that rules go by."""
    of_blocks = [key_of(text).field for block in rules.blocks for text in block]
    return list(dict.fromkeys([*of_blocks, *(f for each in rules.compare for f in each.fields)]))


def _blocks(record_type: RecordType, rules: DuplicateRules) -> Iterator[Mapping[str, Any]]:
    for number, block in enumerate(rules.blocks):
        for place, text in enumerate(block):
            key, where = key_of(text), f"/blocks/{number}/{place}"
            if said := _no_field(record_type, key.field):
                yield _wrong(where, f"blocks, line {number + 1}", "unknown_field", said)
            is_way = not key.way or key.way in WAYS or _BEGINNING.fullmatch(key.way)
            if not is_way:
                said = f"there is no way {key.way!r}; there are {', '.join(WAYS)}, and 1 to 9."
                yield _wrong(where, f"blocks, line {number + 1}", "unknown_way", said)


def _comparisons(record_type: RecordType, rules: DuplicateRules) -> Iterator[Mapping[str, Any]]:
    names: set[str] = set()
    for number, rule in enumerate(rules.compare):
        where, rule_name = f"/compare/{number}", f"compare, {rule.name}"
        for place, field in enumerate(rule.fields):
            if said := _no_field(record_type, field):
                yield _wrong(f"{where}/fields/{place}", rule_name, "unknown_field", said)
        if said := _shape(rule):
            yield _wrong(f"{where}/how", rule_name, "shape", said)
        if rule.similar > rule.same:
            said = "similar must not add more than same."
            yield _wrong(f"{where}/similar", rule_name, "above_same", said)
        if rule.name in names:
            yield _wrong(f"{where}/name", rule_name, "twice", "there are two of that name.")
        names.add(rule.name)


def _shape(rule: DuplicateComparison) -> str:
    if rule.how == "names" and len(rule.fields) != 2:
        return "names takes two fields, first and last name."
    if rule.how == "number" and rule.within is None:
        return "number needs within, the distance from which on two are different."
    return ""


def _no_field(record_type: RecordType, name: str) -> str:
    """Say what is wrong with a field, if anything is."""
    known = [key for key, each in record_type.fields.items() if each.kind not in _LISTS]
    if name in known:
        return ""
    meant = closest(name, known)
    return f"there is no field {name!r} to compare{f'; did you mean {meant}?' if meant else '.'}"


def _wrong(pointer: str, rule: str, code: str, said: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": f"{rule}: {said}"}


def stored_reasons(text: Any) -> list[dict[str, Any]]:
    """Read the reasons of a pair, with what people read."""
    return [{**each, "text": f"{each['says']} {each['name']}"} for each in from_json(text)]
