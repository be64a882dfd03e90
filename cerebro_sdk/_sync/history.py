# Generated from ../_async/history.py by tools/sync_client.py; do not edit.
"""What happened to records: their timeline, and what became of them between two moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.transport import Transport, Call

E = TypeVar("E")
"""An entry of a timeline."""
D = TypeVar("D")
"""The difference of a record."""
When = str | int | date
"""A day, a time with its zone, `now - 30d`, a version of the record, or `seq:812`."""


class History(Generic[E, D]):
    """What happened to records, for classes that can make calls."""

    _transport: Transport

    def _at(self, ref: object) -> str:
        raise NotImplementedError

    def _ask(self, call: Call, reply: str = "") -> Any:
        raise NotImplementedError

    def _read(self, schema: str, value: Any) -> Any:
        raise NotImplementedError

    def timeline(
        self,
        ref: object,
        actions: str | Sequence[str] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        *,
        related: bool = False,
    ) -> Pages[E]:
        """List what happened to a record, newest first: who, when, and each change in words.

        With `related`, the tasks, activities and notes about it stand in it, too.

        >>> for entry in crm.companies.timeline("acme.com", actions="updated"):
        ...     print(entry.at, entry.actor.name, [change.text for change in entry.changes])
        """
        named = actions if actions is None or isinstance(actions, str) else ",".join(actions)
        return Pages(
            self._transport,
            f"{self._at(ref)}/timeline",
            read=lambda value: self._read("workspace.timeline:TimelineEntry", value),
            params={"actions": named, "related": related or None},
            limit=limit,
            page_size=page_size,
        )

    def diff(self, ref: object, since: When | None = None, until: When | None = None) -> D:
        """Say what became of a record between two moments: the net of all changes.

        A moment is a day, a time with its zone, `now - 30d`, a version, or `seq:812`. Without
        `since` it goes back to the beginning, without `until` up to now.

        >>> diff = crm.companies.diff("acme.com", since="2026-11-01")
        >>> for change in diff.changes:
        ...     print(change.text, "by", change.actor.name)
        """
        params = {"since": moment(since), "until": moment(until)}
        call = Call("GET", f"{self._at(ref)}/diff", params=params, is_repeatable=True)
        found: D = self._ask(call, "workspace.timeline:RecordDiff")
        return found


def moment(value: When | None) -> str | None:
    """Return a moment as the API reads it."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
