"""Which records a merge makes one of: as they are named, or as duplicates bring them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid, NotFound, ValidationFailed
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.matching import pairs
from cerebro_server.kernel.records.operations.inputs import (
    MOST_GROUPS,
    DuplicatesInput,
    MergeGroup,
    MergeInput,
)
from cerebro_server.kernel.records.references import missing, resolve

PAIRS: Final = "pairs"
_AT_A_TIME: Final = 5_000


class Group(NamedTuple):
    """Records that become one."""

    place: str
    """Where it stands in the input: empty, or `pairs/3/`."""
    ids: Sequence[UUID]
    """The one that stays, then those that go, in the order in which they fill what is empty."""
    names: Sequence[str]
    """How they were named."""
    take: Mapping[str, str]
    """`{field: whose value it gets}`"""
    values: Mapping[str, Any]

    @property
    def said(self) -> dict[str, Any]:
        """The group as the operation keeps it."""
        into, *records = (str(each) for each in self.ids)
        found: dict[str, Any] = {"into": into, "records": records}
        if self.take:
            found["take"] = dict(self.take)
        return found | ({"values": dict(self.values)} if self.values else {})


class Groups(NamedTuple):
    """All groups of a merge."""

    groups: list[Group]
    left_out: int
    """Pairs of duplicates that are not merged."""


async def groups_of(
    context: Context, record_type: RecordType, said: MergeInput | MergeGroup
) -> Groups:
    """Return the groups that are asked for. Those that share a record are one.

    Raises `ValidationFailed`, `NotFound`.
    """
    named = [("", said)] if isinstance(said, MergeGroup) else []
    if isinstance(said, MergeInput):
        if said.duplicates is not None:
            return await _of_duplicates(context, record_type, said.duplicates)
        named = [(f"pairs/{number}/", pair) for number, pair in enumerate(said.pairs or ())]
    found = await _resolved(context, record_type, named)
    for group in found:
        _check_once(group)
    return Groups(found if len(found) == 1 else _connected(found), 0)


def losers_of(asked: Mapping[str, Any]) -> list[str]:
    """Return the ids of all that go by a merge that is planned."""
    if PAIRS not in asked:
        return list(asked["records"])
    return [record for pair in asked[PAIRS] for record in pair["records"]]


def sets_of(asked: Mapping[str, Any]) -> list[list[str]]:
    """Return the records of each group of a merge that is planned, by ids; the one that stays comes
    first."""
    return [[each["into"], *each["records"]] for each in asked.get(PAIRS, (asked,))]


def group_with(asked: Mapping[str, Any], record_id: UUID) -> list[UUID]:
    """Return the group of a merge of many that a record is in; empty where it is in none."""
    for pair in asked.get(PAIRS, ()):
        ids = [UUID(pair["into"]), *map(UUID, pair["records"])]
        if record_id in ids:
            return ids
    return []


async def _of_duplicates(
    context: Context, record_type: RecordType, asked: DuplicatesInput
) -> Groups:
    found, left_out = await pairs.groups(
        context, record_type, above=asked.above, ids=asked.pairs or ()
    )
    if not found:
        aside = f"; {left_out:,} cannot be merged" if left_out else ""
        raise NotFound(f"There is no pair to merge among those that you may change{aside}.")
    if len(found) > MOST_GROUPS:
        raise Invalid(
            f"{len(found):,} groups are more than the {MOST_GROUPS:,} of one operation; ask "
            "for a higher score first.",
            errors=[{"pointer": "/input/duplicates", "code": "too_many", "detail": "Too many."}],
        )
    groups = [Group("", ids, [str(each) for each in ids], {}, {}) for ids in found]
    return Groups(groups, left_out)


async def _resolved(
    context: Context, record_type: RecordType, named: Sequence[tuple[str, MergeGroup]]
) -> list[Group]:
    """Find the records that are named; one that was merged is the one that it became."""
    shown = context.seen(record_type)
    found = []
    for place, pair in named:
        names = [pair.into, *pair.records]
        ids = [await resolve(context, shown, name) for name in names]
        found.append(Group(place, ids, names, pair.take, pair.values))
    every = [record_id for group in found for record_id in group.ids]
    gone = await _gone(context, record_type, every)
    if not gone:
        return found
    stays = await merged.survivors(context, record_type, gone)
    for group in found:
        for record_id, name in zip(group.ids, group.names, strict=True):
            if record_id in gone and record_id not in stays:
                raise missing(shown, name)
    return [group._replace(ids=[stays.get(each, each) for each in group.ids]) for group in found]


async def _gone(context: Context, record_type: RecordType, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the records that do not live."""
    living: set[UUID] = set()
    for start in range(0, len(ids), _AT_A_TIME):
        rows = await context.read(
            Sql(
                f"select t.id from {ident(record_type.table_name)} t where t.id = any(%s) "
                "and t.deleted_at is null",
                (list(ids[start : start + _AT_A_TIME]),),
            )
        )
        living.update(record_id for (record_id,) in rows)
    return set(ids) - living


def _check_once(group: Group) -> None:
    places: dict[UUID, int] = {}
    for number, record_id in enumerate(group.ids):
        if record_id in places:
            first = places[record_id]
            what = "the one that stays" if first == 0 else f"records/{first - 1} as well"
            said = f"{group.names[number]} is {what}."
            raise wrong(f"{group.place}records/{number - 1}", "same_record", said)
        places[record_id] = number


def _connected(groups: Sequence[Group]) -> list[Group]:
    """Make one group of those that share a record: what stays is what goes in none of them."""
    links = [(group.ids[0], record) for group in groups for record in group.ids[1:]]
    of = {record: n for n, each in enumerate(pairs.joined(links)) for record in each}
    together: dict[int, list[Group]] = {}
    for group in groups:
        together.setdefault(of[group.ids[0]], []).append(group)
    return [_one_of(each) for each in together.values()]


def _one_of(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    going = {record for group in groups for record in group.ids[1:]}
    intos = [group.ids[0] for group in groups]
    into = next((each for each in intos if each not in going), intos[0])
    names = {r: n for group in groups for r, n in zip(group.ids, group.names, strict=True)}
    every = dict.fromkeys([into, *_each(groups)])
    take: dict[str, str] = {}
    values: dict[str, Any] = {}
    for group in groups:
        take = {**group.take, **take}
        values = {**group.values, **values}
    ids = list(every)
    return Group(groups[0].place, ids, [names[each] for each in ids], take, values)


def _each(groups: Iterable[Group]) -> Iterable[UUID]:
    return (record for group in groups for record in group.ids)


def wrong(place: str, code: str, detail: str) -> ValidationFailed:
    """Return the error for a place of the input."""
    return ValidationFailed.at(f"input/{place}", code, detail)
