"""Importing files: read, map, validate each row, write in sets."""

from cerebro_server.kernel.records.importing.choosing import read_map
from cerebro_server.kernel.records.importing.engine import Options, import_file

__all__ = ["Options", "import_file", "read_map"]
