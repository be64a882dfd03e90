"""Jobs of the sales component."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.components.sales.service import quotes, rating
from cerebro_server.kernel.worker import Work


async def rerate(work: Work) -> None:
    """Bring deals in step with the exchange rates, chunk by chunk. It may run any number of times:
    what is in step is left alone."""
    async with work.transaction() as context:
        await rating.wait_for_writers(context)
    after: UUID | None = rating.START
    while after is not None:
        async with work.transaction() as context:
            after = await rating.rerate(context, after)


async def quotes_expire(work: Work) -> None:
    """Mark quotes as expired whose last day has passed."""
    async with work.finishing() as context:
        await quotes.expire(context)
