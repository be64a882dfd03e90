"""Sales: deals won, lost and moved, the stages they were in, and those that are open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from cerebro_sdk._async.bulk import AsyncImportPlans
from cerebro_sdk._async.history import When
from cerebro_sdk._async.more_reports import AsyncReportRows
from cerebro_sdk._async.nouns import AsyncRawReadable, AsyncRawResource, AsyncResource
from cerebro_sdk._async.resource import (
    AsyncCalls,
    AsyncImporting,
    AsyncPlainCalls,
    AsyncReadable,
    AsyncTypedCalls,
    Plain,
    R,
    if_match,
    tried,
)
from cerebro_sdk._async.transport import Call

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.deal_stages import DealStage  # noqa: F401
    from cerebro_sdk.schemas.sales.deals import Deal, DealCreate, DealUpdate  # noqa: F401
    from cerebro_sdk.schemas.sales.opportunities import Opportunity  # noqa: F401
    from cerebro_sdk.schemas.sales.reports import ForecastSum  # noqa: F401
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401

_BODIES = "sales.deal_verbs"
F = TypeVar("F")
"""A row of a forecast."""


class AsyncDealVerbs(AsyncCalls, Generic[R]):
    """What is particular to deals."""

    async def win(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Win a deal: `stage`, `amount` and `closed_at` may be told. With `version`, only if the
        record still has it; one that is won stays as it is.

        >>> deal = await crm.deals.win(12, amount="9500.00")
        >>> print(deal.status, deal.closed_at)
        """
        return await self._do("win", "DealWin", ref, version, fields, dry_run=dry_run)

    async def lose(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Lose a deal, for a reason, `lost_reason_id`, which may need a `lost_note`.

        >>> await crm.deals.lose(12, lost_reason_id="Other", lost_note="They moved to Mars")
        """
        return await self._do("lose", "DealLose", ref, version, fields, dry_run=dry_run)

    async def reopen(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Open a deal again, in the stage that it was closed in, unless `stage` says another.

        >>> await crm.deals.reopen(12)
        """
        return await self._do("reopen", "DealReopen", ref, version, fields, dry_run=dry_run)

    async def move(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Move a deal into another `stage`, of another pipeline with `pipeline_id`.

        >>> await crm.deals.move(12, stage="proposal")
        """
        return await self._do("move", "DealMove", ref, version, fields, dry_run=dry_run)

    async def assign(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Give a deal to somebody: `owner_id`, `team`, or both.

        >>> await crm.deals.assign(12, owner_id="ada@example.com")
        """
        return await self._do("assign", "DealAssign", ref, version, fields, dry_run=dry_run)

    async def _do(
        self,
        verb: str,
        schema: str,
        ref: object,
        version: int | None,
        fields: Mapping[str, Any],
        *,
        dry_run: bool,
    ) -> R:
        body = self._body(f"{_BODIES}:{schema}", None, fields)
        call = Call(
            "POST",
            f"{self._at(ref)}/{verb}",
            params=tried(dry_run),
            headers=if_match(version),
            body=body,
        )
        record: R = await self._ask(call)
        return record


class AsyncRawDeals(AsyncRawResource, AsyncDealVerbs[Plain]):
    """Deals as plain dicts."""


class AsyncDeals(AsyncResource["Deal", "DealCreate", "DealUpdate"], AsyncDealVerbs["Deal"]):
    """Deals: what you may sell to whom, and how far it has come."""

    @property
    def raw(self) -> AsyncRawDeals:
        """The same with plain dicts, without importing pydantic.

        >>> deal = await crm.deals.raw.get(12)
        """
        return AsyncRawDeals(self._transport, self._name, self._schema)


class AsyncRawDealStages(AsyncRawReadable, AsyncImporting[Plain], AsyncImportPlans):
    """Stays of deals as plain dicts."""


class AsyncDealStages(
    AsyncTypedCalls,
    AsyncReadable["DealStage"],
    AsyncImporting["ImportReport"],
    AsyncImportPlans,
):
    """The stages that deals were in, from when until when.

    >>> async for stay in crm.deal_stages.list("deal.number = 12", sort="entered_at"):
    ...     print(stay.to_stage, stay.duration_seconds)
    """

    @property
    def raw(self) -> AsyncRawDealStages:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawDealStages(self._transport, self._name, self._schema)


class AsyncOpportunityCalls(AsyncReadable[R], AsyncReportRows, Generic[R, F]):
    """What can be done with opportunities."""

    async def forecast(
        self,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[F]:
        """Sum up what is open by category and the month, or quarter, in which it closes: the rows
        of `crm.reports.forecast` without what is won.

        >>> rows = await crm.opportunities.forecast(by="quarter")
        >>> sum(row.base_weighted for row in rows)
        """
        params = {"where": where, "by": by}
        rows = "sales.reports:ForecastSum"
        return await self._rows("forecast", rows, params, as_of=as_of)


class AsyncRawOpportunities(AsyncPlainCalls, AsyncOpportunityCalls[Plain, Plain]):
    """Opportunities as plain dicts."""


class AsyncOpportunities(AsyncTypedCalls, AsyncOpportunityCalls["Opportunity", "ForecastSum"]):
    """The deals that are open.

    >>> async for deal in crm.opportunities.list("amount > 10000", sort="-amount"):
    ...     print(deal.number, deal.name)
    """

    @property
    def raw(self) -> AsyncRawOpportunities:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawOpportunities(self._transport, self._name, self._schema)
