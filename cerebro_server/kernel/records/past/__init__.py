"""Records as they were at a moment: looked up, listed and counted."""

from cerebro_server.kernel.records.past.counting import seen_at, told_at
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.past.reading import get, page

__all__ = ["Moment", "get", "page", "seen_at", "told_at"]
