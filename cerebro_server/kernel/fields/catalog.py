"""All that works on any record: the record types, and what is planned for many of them at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from cerebro_server.kernel.fields.record_type import RecordType


class ManyVerb(NamedTuple):
    """A component's own verb for many records: it plans rows, which the engine of operations
    applies, resumes and takes back. Contexts, plans and operations are of floors above this one."""

    check: Callable[[Any, Mapping[str, Any]], Awaitable[int]]
    """Refuses an input that is wrong, before anything is stored; returns about how many rows there
    are."""
    plan: Callable[[Any], Awaitable[None]]
    """Writes the rows of the plan."""
    part: Callable[[Any, Any, UUID], Awaitable[list[UUID]]]
    """Returns the ids of all that an operation wrote for one record of its noun: what an undo of
    this one is about."""


class Catalog(dict[str, RecordType]):
    """Record types by name, in the order in which components list them: what is named comes before
    what names it."""

    def __init__(
        self,
        record_types: Iterable[RecordType],
        verbs: Mapping[str, ManyVerb] = MappingProxyType({}),
    ) -> None:
        super().__init__({each.name: each for each in record_types})
        self.verbs = verbs
        """Components' own kinds of operations: `leads.convert`."""
