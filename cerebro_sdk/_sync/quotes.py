# Generated from ../_async/quotes.py by tools/sync_client.py; do not edit.
"""Quotes: sent, revised, accepted and declined, by staff or by whoever has the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from cerebro_sdk._sync.bulk import Bulk
from cerebro_sdk._sync.history import History
from cerebro_sdk._sync.resource import (
    PlainCalls,
    Sheet,
    TypedCalls,
    C,
    Plain,
    R,
    Report,
    U,
    if_match,
    tried,
)
from cerebro_sdk._sync.streams import Stream, Target, save
from cerebro_sdk._sync.transport import Call, segment

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.quote_verbs import QuoteSent, QuoteView  # noqa: F401
    from cerebro_sdk.schemas.sales.quotes import Quote, QuoteCreate, QuoteUpdate  # noqa: F401
    from cerebro_sdk.schemas.workspace.imports import ImportReport  # noqa: F401
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401

S = TypeVar("S")
"""A quote that was sent, and its link."""
V = TypeVar("V")
"""What whoever has the link sees."""
_VERBS = "sales.quote_verbs"


class QuoteCalls(Sheet[R, C, U, Report], Bulk[U], Generic[R, C, U, S, V, Report]):
    """What can be done with quotes besides what can be done with every record."""

    def send(self, ref: object, version: int | None = None, *, dry_run: bool = False) -> S:
        """Mark a draft as sent, and get the link to it, which is shown only now. Again, it gets a
        new link, and the one before ends.

        >>> sent = crm.quotes.send(7)
        >>> print(sent.quote.status, sent.url)
        """
        headers = if_match(version)
        call = Call("POST", f"{self._at(ref)}/send", params=tried(dry_run), headers=headers)
        sent: S = self._ask(call, f"{_VERBS}:QuoteSent")
        return sent

    def revise(self, ref: object, version: int | None = None, *, dry_run: bool = False) -> R:
        """Make the next revision of a quote: a draft with the same lines.

        >>> draft = crm.quotes.revise(7)
        >>> print(draft.number, draft.revision)
        """
        headers = if_match(version)
        call = Call("POST", f"{self._at(ref)}/revise", params=tried(dry_run), headers=headers)
        record: R = self._ask(call)
        return record

    def accept(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Enter that a quote was accepted: `name` and `email` of whoever did.

        >>> crm.quotes.accept(7, name="Ada Lovelace", email="ada@acme.example")
        """
        return self._decide("accept", ref, version, fields, dry_run=dry_run)

    def decline(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Enter that a quote was declined: `name`, `email` and `reason`.

        >>> crm.quotes.decline(7, reason="Too late")
        """
        return self._decide("decline", ref, version, fields, dry_run=dry_run)

    def public(self, token: str) -> V:
        """Show a quote as whoever has its link sees it, without signing in.

        >>> (crm.quotes.public(sent.token)).total
        """
        call = Call("GET", _public(token), is_public=True, is_repeatable=True)
        view: V = self._ask(call, f"{_VERBS}:QuoteView")
        return view

    def public_accept(self, token: str, **fields: Any) -> V:
        """Accept a quote by its link: `name` and `email`.

        >>> crm.quotes.public_accept(token, name="Ada", email="ada@acme.example")
        """
        return self._answer("accept", token, fields)

    def public_decline(self, token: str, **fields: Any) -> V:
        """Decline a quote by its link: `name`, `email` and `reason`.

        >>> crm.quotes.public_decline(token, name="Ada", email="ada@acme.example")
        """
        return self._answer("decline", token, fields)

    @overload
    def pdf(self, ref: object, target: None = None) -> Stream: ...

    @overload
    def pdf(self, ref: object, target: Target) -> int: ...

    def pdf(self, ref: object, target: Target | None = None) -> Any:
        """Fetch a quote as PDF into a path or binary file; without one, iterate over the bytes.

        >>> crm.quotes.pdf(7, "quote-7.pdf")
        """
        call = Call("GET", f"{self._at(ref)}/pdf", is_repeatable=True)
        stream = Stream(self._transport, call)
        return stream if target is None else save(stream, target)

    def _decide(
        self,
        verb: str,
        ref: object,
        version: int | None,
        fields: Mapping[str, Any],
        *,
        dry_run: bool,
    ) -> R:
        body = self._body(f"{_VERBS}:QuoteDecide", None, fields)
        call = Call(
            "POST",
            f"{self._at(ref)}/{verb}",
            params=tried(dry_run),
            headers=if_match(version),
            body=body,
        )
        record: R = self._ask(call)
        return record

    def _answer(self, verb: str, token: str, fields: Mapping[str, Any]) -> V:
        body = self._body(f"{_VERBS}:QuoteAnswer", None, fields)
        call = Call("POST", f"{_public(token)}/{verb}", body=body, is_public=True)
        view: V = self._ask(call, f"{_VERBS}:QuoteView")
        return view


def _public(token: str) -> str:
    return f"/v1/quotes/public/{segment(token)}"


class RawQuotes(
    PlainCalls,
    QuoteCalls[Plain, Mapping[str, Any], Mapping[str, Any], Plain, Plain, Plain],
    History[Plain, Plain],
):
    """Quotes as plain dicts."""


class Quotes(
    TypedCalls,
    QuoteCalls[
        "Quote", "QuoteCreate", "QuoteUpdate", "QuoteSent", "QuoteView", "ImportReport"
    ],
    History["TimelineEntry", "RecordDiff"],
):
    """Quotes: what is offered for a deal, until when."""

    @property
    def raw(self) -> RawQuotes:
        """The same calls with plain dicts in and out, without importing pydantic.

        >>> quote = crm.quotes.raw.get(7)
        """
        return RawQuotes(self._transport, self._name, self._schema)
