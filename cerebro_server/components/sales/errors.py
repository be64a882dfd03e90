"""What can go wrong in sales."""

from __future__ import annotations

from cerebro_server.kernel.errors import Conflict, Invalid, LinkExpired


class LeadConverted(Conflict):
    """The lead was converted already; `contact_id`, `company_id` and `deal_id` say to what."""

    code = "lead_converted"
    title = "The lead was converted"


class QuoteDecided(Conflict):
    """The quote was accepted or declined already, and stays so."""

    code = "quote_decided"
    title = "The quote was decided on"


class QuoteNotSent(Conflict):
    """The quote is not one that was sent and is still open."""

    code = "quote_not_sent"
    title = "The quote is not open"


class QuoteExpired(Conflict):
    """The last day of the quote has passed; revise it."""

    code = "quote_expired"
    title = "The quote has expired"


class QuoteLinkOver(LinkExpired):
    """The quote behind the link has expired, or was replaced by a later revision."""

    code = "quote_link_over"
    title = "The offer is over"


class TextNotPrintable(Invalid):
    """A text has letters that PDF documents are not written with yet; `errors` says which."""

    code = "text_not_printable"
    title = "The text cannot be printed"
