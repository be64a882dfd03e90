# Generated from ../_async/elsewhere.py by tools/sync_client.py; do not edit.
"""What happened to records elsewhere, before they came here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._sync.bulk import ImportPlans
from cerebro_sdk._sync.nouns import RawReadable
from cerebro_sdk._sync.resource import (
    Exporting,
    Importing,
    Readable,
    TypedCalls,
    Plain,
)

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.earlier_changes import EarlierChange  # noqa: F401
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401


class RawEarlierChanges(
    RawReadable, Importing[Plain], Exporting, ImportPlans
):
    """Changes elsewhere as plain dicts."""


class EarlierChanges(
    TypedCalls,
    Readable["EarlierChange"],
    Importing["ImportReport"],
    Exporting,
    ImportPlans,
):
    """What other products tell of records: which field changed, when, from what to what.

    >>> for change in crm.earlier_changes.list("field = industry", sort="-changed_at"):
    ...     print(change.record_type, change.old_value, change.new_value, change.changed_by)
    """

    @property
    def raw(self) -> RawEarlierChanges:
        """The same with plain dicts, without importing pydantic."""
        return RawEarlierChanges(self._transport, self._name, self._schema)
