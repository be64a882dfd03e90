"""Search over every record type that declares what of it is searched."""

from cerebro_server.kernel.records.searching.engine import search
from cerebro_server.kernel.records.searching.statement import source

__all__ = ["search", "source"]
