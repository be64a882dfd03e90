"""Who in sales waits for changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cerebro_server.kernel.journal.subscriber import Change, Subscriber, Wish

RERATE: Final = "rerate"
"""The kind of the job that brings deals in step with rates."""


def _rerate(changes: Sequence[Change]) -> Sequence[Wish]:
    return [Wish(RERATE, "rates", {})]


rates = Subscriber("rates", jobs=_rerate, nouns=frozenset({"exchange_rates"}))
