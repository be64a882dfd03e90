"""What is checked and derived when lead forms are written."""

from __future__ import annotations

import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from cerebro_sdk.schemas.sales.lead_forms import LeadFormEntry
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_ADDRESS: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:[/?#][^\\\s]*)?",
    re.IGNORECASE | re.ASCII,
)
"""Without a name and password before the host, and without what browsers read otherwise."""
_HERE: Final = ("localhost", "127.0.0.1", "::1")


async def lead_forms(context: Context, batch: Batch) -> None:
    """Give new forms their keys, which say in which workspace they are."""
    for row in batch.rows:
        row["key"] = f"{context.workspace}.{secrets.token_hex(16)}"
    await changed_lead_forms(context, batch)


async def changed_lead_forms(context: Context, batch: Batch) -> None:
    """Refuse allowed origins that no browser would send, thanks pages that are none, and honeypots
    that people fill in."""
    for number, row in enumerate(batch.rows):
        for origin in row.get("allowed_origins") or ():
            if not _ORIGIN.fullmatch(origin):
                said = f"{origin!r} is no origin: write https://acme.example, without a path."
                batch.refuse(number, "allowed_origins", "origin", said)
        trap = row.get("honeypot")
        if trap in LeadFormEntry.model_fields:
            said = f"{trap} is what people fill in, and all of their leads would be dropped: "
            batch.refuse(
                number, "honeypot", "honeypot", f"{said}take a name that is none of these."
            )
        url = row.get("thanks_url")
        if url is not None and not _is_page(url):
            said = (
                f"{url!r} is no page to lead people to: write https://acme.example/thanks, or "
                "http://localhost while you try it."
            )
            batch.refuse(number, "thanks_url", "thanks_url", said)


def _is_page(url: str) -> bool:
    """Tell whether browsers may be led to an address: https, or this machine."""
    if not _ADDRESS.fullmatch(url):
        return False
    parts = urlsplit(url)
    return parts.scheme.lower() == "https" or parts.hostname in _HERE
