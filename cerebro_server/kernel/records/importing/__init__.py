"""Imports: a file is read, decided about row by row, and planned as an operation."""

from cerebro_server.kernel.records.importing.choosing import read_map

__all__ = ["read_map"]
