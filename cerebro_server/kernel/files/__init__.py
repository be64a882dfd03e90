"""Bytes: where they are kept, in which pieces, and what they look like."""

from cerebro_server.kernel.files.pieces import PIECE, evenly, ranged
from cerebro_server.kernel.files.store import Ask, InDatabase, Store, store_of

__all__ = ["PIECE", "Ask", "InDatabase", "Store", "evenly", "ranged", "store_of"]
