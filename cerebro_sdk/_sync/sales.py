# Generated from ../_async/sales.py by tools/sync_client.py; do not edit.
"""Sales: deals won, lost and moved, the stages they were in, and those that are open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from cerebro_sdk._sync.bulk import ImportPlans
from cerebro_sdk._sync.history import When
from cerebro_sdk._sync.more_reports import ReportRows
from cerebro_sdk._sync.nouns import RawReadable, RawResource, Resource
from cerebro_sdk._sync.resource import (
    Calls,
    Importing,
    PlainCalls,
    Readable,
    TypedCalls,
    Plain,
    R,
    if_match,
    tried,
)
from cerebro_sdk._sync.transport import Call

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.deal_stages import DealStage  # noqa: F401
    from cerebro_sdk.schemas.sales.deals import Deal, DealCreate, DealUpdate  # noqa: F401
    from cerebro_sdk.schemas.sales.opportunities import Opportunity  # noqa: F401
    from cerebro_sdk.schemas.sales.reports import ForecastSum  # noqa: F401
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401

_BODIES = "sales.deal_verbs"
F = TypeVar("F")
"""A row of a forecast."""


class DealVerbs(Calls, Generic[R]):
    """What is particular to deals."""

    def win(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Win a deal: `stage`, `amount` and `closed_at` may be told. With `version`, only if the
        record still has it; one that is won stays as it is.

        >>> deal = crm.deals.win(12, amount="9500.00")
        >>> print(deal.status, deal.closed_at)
        """
        return self._do("win", "DealWin", ref, version, fields, dry_run=dry_run)

    def lose(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Lose a deal, for a reason, `lost_reason_id`, which may need a `lost_note`.

        >>> crm.deals.lose(12, lost_reason_id="Other", lost_note="They moved to Mars")
        """
        return self._do("lose", "DealLose", ref, version, fields, dry_run=dry_run)

    def reopen(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Open a deal again, in the stage that it was closed in, unless `stage` says another.

        >>> crm.deals.reopen(12)
        """
        return self._do("reopen", "DealReopen", ref, version, fields, dry_run=dry_run)

    def move(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Move a deal into another `stage`, of another pipeline with `pipeline_id`.

        >>> crm.deals.move(12, stage="proposal")
        """
        return self._do("move", "DealMove", ref, version, fields, dry_run=dry_run)

    def assign(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Give a deal to somebody: `owner_id`, `team`, or both.

        >>> crm.deals.assign(12, owner_id="ada@example.com")
        """
        return self._do("assign", "DealAssign", ref, version, fields, dry_run=dry_run)

    def _do(
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
        record: R = self._ask(call)
        return record


class RawDeals(RawResource, DealVerbs[Plain]):
    """Deals as plain dicts."""


class Deals(Resource["Deal", "DealCreate", "DealUpdate"], DealVerbs["Deal"]):
    """Deals: what you may sell to whom, and how far it has come."""

    @property
    def raw(self) -> RawDeals:
        """The same with plain dicts, without importing pydantic.

        >>> deal = crm.deals.raw.get(12)
        """
        return RawDeals(self._transport, self._name, self._schema)


class RawDealStages(RawReadable, Importing[Plain], ImportPlans):
    """Stays of deals as plain dicts."""


class DealStages(
    TypedCalls,
    Readable["DealStage"],
    Importing["ImportReport"],
    ImportPlans,
):
    """The stages that deals were in, from when until when.

    >>> for stay in crm.deal_stages.list("deal.number = 12", sort="entered_at"):
    ...     print(stay.to_stage, stay.duration_seconds)
    """

    @property
    def raw(self) -> RawDealStages:
        """The same with plain dicts, without importing pydantic."""
        return RawDealStages(self._transport, self._name, self._schema)


class OpportunityCalls(Readable[R], ReportRows, Generic[R, F]):
    """What can be done with opportunities."""

    def forecast(
        self,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[F]:
        """Sum up what is open by category and the month, or quarter, in which it closes: the rows
        of `crm.reports.forecast` without what is won.

        >>> rows = crm.opportunities.forecast(by="quarter")
        >>> sum(row.base_weighted for row in rows)
        """
        params = {"where": where, "by": by}
        rows = "sales.reports:ForecastSum"
        return self._rows("forecast", rows, params, as_of=as_of)


class RawOpportunities(PlainCalls, OpportunityCalls[Plain, Plain]):
    """Opportunities as plain dicts."""


class Opportunities(TypedCalls, OpportunityCalls["Opportunity", "ForecastSum"]):
    """The deals that are open.

    >>> for deal in crm.opportunities.list("amount > 10000", sort="-amount"):
    ...     print(deal.number, deal.name)
    """

    @property
    def raw(self) -> RawOpportunities:
        """The same with plain dicts, without importing pydantic."""
        return RawOpportunities(self._transport, self._name, self._schema)
