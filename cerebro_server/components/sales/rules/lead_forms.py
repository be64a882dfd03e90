"""What is checked and derived when lead forms are written."""

from __future__ import annotations

import re
import secrets
from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


async def lead_forms(context: Context, batch: Batch) -> None:
    """Give new forms their keys, which say in which workspace they are."""
    for row in batch.rows:
        row["key"] = f"{context.workspace}.{secrets.token_hex(16)}"
    await changed_lead_forms(context, batch)


async def changed_lead_forms(context: Context, batch: Batch) -> None:
    """Refuse allowed origins that no browser would send."""
    for number, row in enumerate(batch.rows):
        for origin in row.get("allowed_origins") or ():
            if not _ORIGIN.fullmatch(origin):
                said = f"{origin!r} is no origin: write https://acme.example, without a path."
                batch.refuse(number, "allowed_origins", "origin", said)
