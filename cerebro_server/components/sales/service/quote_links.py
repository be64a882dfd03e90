"""Links to quotes: whoever has one sees the quote and may decide on it, and nothing else.

A token is 256 random bits behind the name of its workspace; what is stored is a hash of it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final, NamedTuple
from uuid import UUID

from cerebro_sdk.schemas.sales.quote_verbs import QuoteAnswer, QuoteDecide
from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.sales.errors import QuoteLinkOver
from cerebro_server.components.sales.rules.quotes import is_over
from cerebro_server.components.sales.service import quote_deciding
from cerebro_server.components.sales.service.quote_deciding import Action
from cerebro_server.kernel import clock
from cerebro_server.kernel.access import Permission, Role
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.http.auth import Visitor

PATH: Final = "/v1/quotes/public"
_SHOWN: Final = """
select json_build_object('number', q.number, 'revision', q.revision, 'status', q.status,
    'company', case when q.status = 'draft' then c.name else q.to_company end,
    'contact', case when q.status = 'draft' then p.full_name else q.to_contact end,
    'currency', q.currency, 'discount_percent', q.discount_percent::text,
    'whole_discount', (q.discount - (select coalesce(sum(l.discount), 0) from quote_lines l
        where l.quote_id = q.id and l.deleted_at is null))::text,
    'valid_until', q.valid_until, 'subtotal', q.subtotal::text, 'discount', q.discount::text,
    'tax', q.tax::text, 'shipping', q.shipping::text, 'total', q.total::text, 'terms', q.terms,
    'notes', q.notes, 'sent_at', q.sent_at, 'decided_at', q.decided_at,
    'lines', (select coalesce(json_agg(json_build_object('position', l.position,
        'description', l.description, 'unit', l.unit, 'quantity', l.quantity::text,
        'unit_price', l.unit_price::text, 'discount', l.discount::text, 'net', l.net::text,
        'tax_rate', l.tax_rate::text, 'tax', l.tax::text, 'total', l.total::text)
        order by l.position, l.id), '[]') from quote_lines l
        where l.quote_id = q.id and l.deleted_at is null))::text
from quotes q left join companies c on c.id = q.company_id
left join contacts p on p.id = q.contact_id where q.id = %s
"""
_FIND: Final = (
    "select q.id, q.number, q.status, q.valid_until from quote_links k "
    "join quotes q on q.id = k.quote_id where k.token_hash = %s and q.deleted_at is null "
    "and q.status <> 'draft'"
)
_ROLE: Final = Role(
    "quote link",
    (
        Permission("deals", "read", "all"),  # a quote is there for whoever may read its deal
        *(Permission("quotes", action, "all") for action in ("read", "accept", "decline")),
    ),
)


class Link(NamedTuple):
    """A link that leads to a quote which is there."""

    workspace: str
    scope: Scope
    quote_id: UUID


def shown(quote_id: UUID) -> Sql:
    """Return the query for what a quote shows of itself, as JSON: what stands on it, and once it
    was sent all of that as it was then."""
    return Sql(_SHOWN, (quote_id,))


async def make(context: Context, quote_id: UUID) -> str:
    """Make the link to a quote; return its token, which is never stored. Older ones end."""
    token = f"{context.workspace}.{secrets.token_urlsafe(32)}"
    transaction = await context.write()
    await transaction.batch(
        Sql("delete from quote_links where quote_id = %s", (quote_id,)),
        Sql(
            "insert into quote_links (quote_id, token_hash) values (%s, %s)",
            (quote_id, _hash(token)),
        ),
    )
    return token


def url(context: Context, token: str) -> str:
    """Return where the link leads."""
    return f"{context.settings.public_url}{PATH}/{token}"


async def find(visitor: Visitor, token: str) -> Link:
    """Return what a token leads to. Raises `NotFound`, the same for every reason, and
    `QuoteLinkOver` for a quote that is no longer valid."""
    workspace, dot, _ = token.rpartition(".")
    is_plain = token.isprintable() and len(token) <= 200
    scope = await sign_in.scope_of(visitor.database, workspace) if dot and is_plain else None
    rows = [] if scope is None else await visitor.database.read(scope, Sql(_FIND, (_hash(token),)))
    if scope is None or not rows:
        raise NotFound("There is no quote behind this link; ask whoever sent it for a new one.")
    quote_id, number, status, until = rows[0]
    today = clock.now().date()
    if status == "superseded":
        raise QuoteLinkOver(f"The quote {number} was replaced by a later one.")
    if status == "expired" or (status == "sent" and is_over({"valid_until": until}, today)):
        raise QuoteLinkOver(f"The quote {number} could be accepted until {until}.")
    return Link(workspace, scope, quote_id)


async def view(visitor: Visitor, link: Link) -> bytes:
    """Return the quote as whoever has the link sees it, as JSON."""
    [(found,)] = await visitor.database.read(link.scope, shown(link.quote_id))
    return str(found).encode()


async def answer(visitor: Visitor, token: str, action: Action, said: QuoteAnswer) -> bytes:
    """Decide on a quote by its link, as the system with what the visitor says; return the quote.

    The same decision again changes nothing. Raises as `find` does, and `QuoteDecided`.
    """
    link = await find(visitor, token)
    system = await sign_in.recall(visitor.database, link.scope, "system", "")
    actor = system.with_roles(_ROLE)
    decision = QuoteDecide(**said.model_dump())
    async with visitor.context(actor, link.workspace, link.scope) as context:
        await quote_deciding.decide(context, str(link.quote_id), action, decision, version=None)
    return await view(visitor, link)


def _hash(token: str) -> bytes:
    # a plain hash will do: 256 random bits cannot be guessed
    return hashlib.sha256(token.encode()).digest()
