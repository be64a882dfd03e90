"""What happened to records elsewhere, before they came here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._async.bulk import AsyncImportPlans
from cerebro_sdk._async.nouns import AsyncRawReadable
from cerebro_sdk._async.resource import (
    AsyncExporting,
    AsyncImporting,
    AsyncReadable,
    AsyncTypedCalls,
    Plain,
)

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.earlier_changes import EarlierChange  # noqa: F401
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401


class AsyncRawEarlierChanges(
    AsyncRawReadable, AsyncImporting[Plain], AsyncExporting, AsyncImportPlans
):
    """Changes elsewhere as plain dicts."""


class AsyncEarlierChanges(
    AsyncTypedCalls,
    AsyncReadable["EarlierChange"],
    AsyncImporting["ImportReport"],
    AsyncExporting,
    AsyncImportPlans,
):
    """What other products tell of records: which field changed, when, from what to what.

    >>> async for change in crm.earlier_changes.list("field = industry", sort="-changed_at"):
    ...     print(change.record_type, change.old_value, change.new_value, change.changed_by)
    """

    @property
    def raw(self) -> AsyncRawEarlierChanges:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawEarlierChanges(self._transport, self._name, self._schema)
