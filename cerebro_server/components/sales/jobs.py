"""Jobs of the sales component."""

from __future__ import annotations

from cerebro_server.components.sales.service import quotes
from cerebro_server.kernel.worker import Work


async def quotes_expire(work: Work) -> None:
    """Mark quotes as expired whose last day has passed."""
    async with work.finishing() as context:
        await quotes.expire(context)
