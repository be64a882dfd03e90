"""What can go wrong in sales."""

from __future__ import annotations

from cerebro_server.kernel.errors import Conflict


class LeadConverted(Conflict):
    """The lead was converted already; `contact_id`, `company_id` and `deal_id` say to what."""

    code = "lead_converted"
    title = "The lead was converted"
