"""Records as they were at a moment: looked up, listed and counted."""

from cerebro_server.kernel.records.past.reading import get, page

__all__ = ["get", "page"]
